//! The few requests that an operator makes, each answered before the next is sent.
//!
//! A refusal is no error here: an object that is there already, or is gone, or has changed meanwhile, is seen again by the watch.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};
use ureq::{Agent, http::Request};

use super::AGENT;
use crate::meta::API;

pub(super) struct Api {
    agent: Agent,
    url: String,
    authorization: Option<String>,
}

/// Where objects of a kind are: the path before the namespace, and the plural.
fn resource(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Pod" => ("/api/v1", "pods"),
        "PersistentVolumeClaim" => ("/api/v1", "persistentvolumeclaims"),
        "Service" => ("/api/v1", "services"),
        "ServiceAccount" => ("/api/v1", "serviceaccounts"),
        "Secret" => ("/api/v1", "secrets"),
        "Deployment" => ("/apis/apps/v1", "deployments"),
        "Cluster" => (CNPG, "clusters"),
        "Backup" => (CNPG, "backups"),
        "Database" => (CNPG, "databases"),
        "Pooler" => (CNPG, "poolers"),
        "ImageCatalog" => (CNPG, "imagecatalogs"),
        other => unreachable!("the operator has nothing to do with a {other}"),
    }
}

const CNPG: &str = "/apis/postgresql.cnpg.io/v1";

fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object["metadata"][member].as_str().unwrap_or_default()
}

/// The path of an object.
fn path(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or_default();
    of(kind, text(object, "namespace"), text(object, "name"))
}

fn of(kind: &str, namespace: &str, name: &str) -> String {
    let (prefix, plural) = resource(kind);
    format!("{prefix}/namespaces/{namespace}/{plural}/{name}")
}

impl Api {
    pub(super) fn new(agent: Agent, url: &str, token: Option<&str>) -> Self {
        Self {
            agent,
            url: url.to_owned(),
            authorization: token.map(|token| format!("Bearer {token}")),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: Option<&Value>,
    ) -> Option<ureq::Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("user-agent", AGENT)
            .header("accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("content-type", media).body(body.to_string());
                self.agent.run(request.ok()?)
            }
            None => self.agent.run(request.body(()).ok()?),
        };
        let answer = answer.ok()?;
        answer.status().is_success().then(|| answer.into_body())
    }

    fn ask(&self, method: &str, path: &str, media: &str, body: Option<&Value>) -> Option<Value> {
        let mut body = self.send(method, path, media, body)?;
        serde_json::from_reader(body.as_reader()).ok()
    }

    /// Every object of a kind, and the version of the list.
    pub(super) fn list(&self, kind: &str) -> (Vec<Value>, String) {
        let (prefix, plural) = resource(kind);
        let list = self.ask("GET", &format!("{prefix}/{plural}"), JSON, None);
        let mut list = list.unwrap_or_default();
        let version = text(&list, "resourceVersion").to_owned();
        let objects = match list["items"].take() {
            Value::Array(objects) => objects,
            _ => Vec::new(),
        };
        (objects, version)
    }

    /// What of a kind belongs to a cluster.
    pub(super) fn of_cluster(&self, kind: &str, cluster: &Value) -> Vec<Value> {
        let (prefix, plural) = resource(kind);
        let (namespace, name) = (text(cluster, "namespace"), text(cluster, "name"));
        let path = format!(
            "{prefix}/namespaces/{namespace}/{plural}?labelSelector=cnpg.io%2Fcluster%3D{name}"
        );
        let mut list = self.ask("GET", &path, JSON, None).unwrap_or_default();
        match list["items"].take() {
            Value::Array(objects) => objects,
            _ => Vec::new(),
        }
    }

    /// Each object as it is added and changed after a version, until the server ends.
    pub(super) fn watch(&self, kind: &str, version: &str) -> impl Iterator<Item = Value> + use<> {
        let (prefix, plural) = resource(kind);
        let path = format!("{prefix}/{plural}?watch=true&resourceVersion={version}");
        let body = self.send("GET", &path, JSON, None);
        let lines = body.map(|body| BufReader::new(body.into_reader()).lines());
        let lines = lines.into_iter().flatten().map_while(Result::ok);
        lines.filter_map(|line| {
            let mut event: Value = serde_json::from_str(&line).ok()?;
            let told = event["type"] == "ADDED" || event["type"] == "MODIFIED";
            told.then(|| event["object"].take())
        })
    }

    pub(super) fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.ask("GET", &of(kind, namespace, name), JSON, None)
    }

    /// Creates it, and writes its status if it has one. Owners are given with the uid of the cluster or pooler.
    pub(super) fn create(&self, mut object: Value, owner: &Value) {
        for reference in object["metadata"]["ownerReferences"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            reference["uid"] = owner["metadata"]["uid"].clone();
        }
        let status = object["status"].take();
        let at = path(&object);
        let Some((collection, _)) = at.rsplit_once('/') else {
            return;
        };
        let made = self.ask("POST", collection, JSON, Some(&object));
        if let Some(mut made) = made.filter(|_| !status.is_null()) {
            made["status"] = status;
            self.write_status(&made);
        }
    }

    /// Writes the status of an object, if it has not changed since it was seen.
    pub(super) fn write_status(&self, object: &Value) {
        let path = format!("{}/status", path(object));
        self.ask("PUT", &path, JSON, Some(object));
    }

    /// Merges a patch into anything but the status.
    pub(super) fn merge(&self, object: &Value, patch: &Value) {
        self.ask(
            "PATCH",
            &path(object),
            "application/merge-patch+json",
            Some(patch),
        );
    }

    pub(super) fn delete(&self, object: &Value) {
        // At once: nobody here would end a pod's grace period.
        let now = json!({ "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0 });
        self.ask("DELETE", &path(object), JSON, Some(&now));
    }
}

const JSON: &str = "application/json";

/// Gives an object of a list the kind that the list leaves out.
pub(super) fn kinded(mut object: Value, api_version: &str, kind: &str) -> Value {
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    object
}

/// The same for one of the operator's types.
pub(super) fn ours(object: Value, kind: &str) -> Value {
    kinded(object, API, kind)
}
