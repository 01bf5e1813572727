//! An admission webhook that a test scripts: it allows, denies, changes or breaks, and remembers what it was asked.
//!
//! It listens on loopback with a certificate of its own and answers until it is dropped. It sees one namespace of the cluster,
//! dry runs too, and a request fails where it cannot be asked.

mod server;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use self::server::Server;
use super::{RealCluster, wait};

/// What a request that only asks whether the webhook is known would create.
const PROBE: &str = "webhook-probe";

/// What to say to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// As it is.
    Allow,
    /// As it is, with a warning to whoever asked.
    Warn(String),
    /// Not, with this message.
    Deny(String),
    /// After a JSON patch (RFC 6902): a list of operations.
    Patch(Value),
    /// None: the webhook itself fails with status 500.
    Break,
}

/// A request that the webhook was asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// From 1, in the order of arrival.
    pub nth: usize,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub operation: String,
    /// The plural, with the subresource: `deployments/scale`.
    pub resource: String,
    /// Empty where the server is to make one up.
    pub name: String,
    /// Who asks the server.
    pub user: String,
    /// Nothing will be stored.
    pub dry_run: bool,
    /// The object as it would be; `null` for a deletion.
    pub object: Value,
}

/// A webhook of one cluster. Dropping it takes it off the cluster again.
pub struct Webhook<'cluster> {
    cluster: &'cluster RealCluster,
    /// Of the MutatingWebhookConfiguration.
    name: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    // It answers until it is dropped, which is after the configuration has gone.
    _server: Server,
}

impl<'cluster> Webhook<'cluster> {
    /// Starts one for a kind of a namespace, and returns once the API server asks it.
    ///
    /// `group` is empty for the core group. `resource` is the plural; subresources are named (`pods/eviction`), or all of
    /// them by `pods/*`. `answer` is called with one request at a time, so it must not wait for another one.
    ///
    /// # Errors
    /// Where the webhook cannot be started or made known.
    pub fn start(
        cluster: &'cluster RealCluster,
        namespace: &str,
        group: &str,
        resource: &str,
        mut answer: impl FnMut(&Asked) -> Answer + Send + 'static,
    ) -> Result<Self> {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let probes = Arc::new(AtomicUsize::new(0));
        let (log, probed) = (Arc::clone(&asked), Arc::clone(&probes));
        let server = Server::start(move |path, review| {
            if path == "/probe" {
                probed.fetch_add(1, Ordering::Relaxed);
                return reviewed(&review, Answer::Allow);
            }
            let asked = {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                let asked = asked_by(log.len() + 1, &review["request"]);
                log.push(asked.clone());
                asked
            };
            reviewed(&review, answer(&asked))
        })?;
        let webhook = Self {
            cluster,
            name: format!("{namespace}-{}", server.port()),
            asked,
            _server: server,
        };
        webhook.register(namespace, group, resource)?;
        webhook.wait_until_known(namespace, &probes)?;
        Ok(webhook)
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    fn register(&self, namespace: &str, group: &str, resource: &str) -> Result<()> {
        let server = &self._server;
        let webhook = |name: &str, group: &str, resource: &str| {
            json!({
                "name": format!("{name}.{namespace}.bulkhead.test"),
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "clientConfig": {
                    "url": format!("https://127.0.0.1:{}/{name}", server.port()),
                    "caBundle": STANDARD.encode(server.certificate_pem()),
                },
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [group], "apiVersions": ["*"], "operations": ["*"], "resources": [resource]}],
            })
        };
        let condition = |expression: String| json!([{"name": "probe", "expression": expression}]);
        let mut probe = webhook("probe", "", "configmaps");
        probe["matchConditions"] = condition(format!("request.name == '{PROBE}'"));
        let mut review = webhook("review", group, resource);
        review["matchConditions"] = condition(format!("request.name != '{PROBE}'"));
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": self.name},
            "webhooks": [probe, review],
        });
        self.cluster.apply(&configuration.to_string())
    }

    /// The API server learns of a configuration by a watch, and of both its webhooks at once.
    fn wait_until_known(&self, namespace: &str, probes: &AtomicUsize) -> Result<()> {
        let namespace = format!("--namespace={namespace}");
        let create = ["create", "configmap", PROBE, "--dry-run=server", &namespace];
        wait::until(
            || {
                self.cluster
                    .kubectl(&create, None)
                    .context("the server cannot ask the webhook")?;
                Ok((probes.load(Ordering::Relaxed) > 0).then_some(()))
            },
            || "the API server does not ask the webhook".to_owned(),
        )
    }
}

impl Drop for Webhook<'_> {
    fn drop(&mut self) {
        let delete = [
            "delete",
            "mutatingwebhookconfiguration",
            &self.name,
            "--ignore-not-found",
        ];
        // A cluster that has gone has no webhooks.
        self.cluster.kubectl(&delete, None).ok();
    }
}

fn asked_by(nth: usize, request: &Value) -> Asked {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut resource = text(&request["resource"]["resource"]);
    if let Some(subresource) = request["subResource"].as_str().filter(|it| !it.is_empty()) {
        resource = format!("{resource}/{subresource}");
    }
    Asked {
        nth,
        operation: text(&request["operation"]),
        resource,
        name: text(&request["name"]),
        user: text(&request["userInfo"]["username"]),
        dry_run: request["dryRun"] == true,
        object: request["object"].clone(),
    }
}

/// An AdmissionReview with its answer; `None` is a failure of the webhook.
fn reviewed(review: &Value, answer: Answer) -> Option<Value> {
    let mut response = json!({"uid": review["request"]["uid"], "allowed": true});
    match answer {
        Answer::Allow => {}
        Answer::Warn(warning) => response["warnings"] = json!([warning]),
        Answer::Deny(message) => {
            response["allowed"] = json!(false);
            response["status"] = json!({"message": message, "code": 403});
        }
        Answer::Patch(operations) => {
            response["patchType"] = json!("JSONPatch");
            response["patch"] = json!(STANDARD.encode(operations.to_string()));
        }
        Answer::Break => return None,
    }
    Some(json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": response,
    }))
}
