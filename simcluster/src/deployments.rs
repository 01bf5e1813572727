//! A stand-in for the controllers of a Deployment: after a change its ReplicaSets, pods and status follow at once.
//!
//! It makes a fix visible, no more: no rolling, no surge, no time. It acts only on a Deployment that a client wrote, or
//! lost a pod or a ReplicaSet of; what was loaded stays as it is. Whether a new pod runs is decided in `pods`.

mod pods;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use self::pods::Failures;
use crate::budgets::{self, is_over, is_ready};
use crate::cluster::{Address, Cluster};
use crate::{defaults, names};

const DEPLOYMENTS: &str = "deployments.apps";
const REPLICA_SETS: &str = "replicasets.apps";
const PODS: &str = "pods";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

/// Follows the change of an object, if it is a Deployment; `before` is none if it was created.
pub(crate) fn follow(cluster: &mut Cluster, at: &Address, before: Option<&Value>) {
    if at.stored_as != DEPLOYMENTS {
        return;
    }
    let Some(deployment) = cluster.at(at).cloned() else {
        return;
    };
    let was = before.map(|before| &before["spec"]);
    if was == Some(&deployment["spec"]) {
        return;
    }
    let is_other =
        |was: &Value| was["template"] != deployment["spec"]["template"] || was["paused"] == true;
    let rolls = deployment["spec"]["paused"] != true && was.is_none_or(is_other);
    settle(cluster, at, &deployment, rolls);
}

/// Makes up for an object that was removed, if a Deployment wants it.
pub(crate) fn follow_removal(cluster: &mut Cluster, removed: &Value) {
    let owner = match removed["kind"].as_str() {
        Some("Pod") => owner_of(cluster, REPLICA_SETS, removed)
            .and_then(|set| owner_of(cluster, DEPLOYMENTS, &set)),
        Some("ReplicaSet") => owner_of(cluster, DEPLOYMENTS, removed),
        _ => None,
    };
    if let Some(deployment) = owner {
        let namespace = text(&deployment, "namespace");
        let at = Address::new(DEPLOYMENTS, namespace, text(&deployment, "name"));
        settle(cluster, &at, &deployment, false);
    }
}

fn settle(cluster: &mut Cluster, at: &Address, deployment: &Value, rolls: bool) {
    let namespace = text(deployment, "namespace");
    let sets = sets_of(cluster, deployment);
    let pods: Vec<Arc<Value>> = sets.iter().flat_map(|set| pods_of(cluster, set)).collect();
    cluster.failures_mut().remember(&pods);

    let mut set = match current_set(&sets, deployment, rolls) {
        Some(set) => Value::clone(set),
        None => new_set(cluster, deployment),
    };
    let revisions = sets.iter().map(|set| revision_of(set));
    let newest = revisions.fold(revision_of(deployment), u64::max);
    let revision = match revision_of(&set) {
        own if rolls && own < newest => newest + 1,
        0 => newest.max(1),
        own => own,
    };
    let revision = Value::from(revision.to_string());
    defaults::member(&mut set["metadata"], "annotations")[REVISION] = revision.clone();
    for old in sets
        .iter()
        .filter(|old| text(old, "name") != text(&set, "name"))
    {
        scale(cluster, namespace, Value::clone(old), 0);
    }
    let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    let name = text(&set, "name").to_owned();
    let ready = scale(cluster, namespace, set, wanted);

    let mut settled = deployment.clone();
    defaults::member(&mut settled["metadata"], "annotations")[REVISION] = revision;
    settled["status"] = status(deployment, &name, wanted, ready);
    if settled != *deployment {
        cluster.keep(at, settled);
    }
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    budgets::recount(cluster, namespace, labels.as_object());
}

/// The ReplicaSet whose pods the Deployment wants; none if it is yet to be made.
fn current_set<'a>(sets: &'a [Arc<Value>], deployment: &Value, rolls: bool) -> Option<&'a Value> {
    let mut sets = sets.iter().map(Arc::as_ref);
    if rolls {
        let template = without_hash(&deployment["spec"]["template"]);
        return sets.find(|set| without_hash(&set["spec"]["template"]) == template);
    }
    sets.max_by_key(|set| (revision_of(set), text(set, "creationTimestamp")))
}

/// A ReplicaSet of the Deployment's template, without pods.
fn new_set(cluster: &Cluster, deployment: &Value) -> Value {
    let namespace = text(deployment, "namespace");
    let mut template = deployment["spec"]["template"].clone();
    let hash = names::suffix(template.to_string(), 10);
    let labels = defaults::member(defaults::member(&mut template, "metadata"), "labels");
    labels[HASH] = hash.as_str().into();
    let labels = labels.clone();
    let mut selector = deployment["spec"]["selector"].clone();
    defaults::member(&mut selector, "matchLabels")[HASH] = hash.as_str().into();
    let name = format!("{}-{hash}", text(deployment, "name"));
    let version = cluster.journal().resource_version();
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": name, "namespace": namespace, "labels": labels, "generation": 1,
            "uid": defaults::new_uid("ReplicaSet", namespace, &name, version),
            "creationTimestamp": defaults::seconds(Timestamp::now()),
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": {"selector": selector, "template": template},
    })
}

/// Gives a ReplicaSet as many pods as are wanted; returns how many of them are ready.
fn scale(cluster: &mut Cluster, namespace: &str, mut set: Value, wanted: u64) -> u64 {
    let mut active: Vec<Arc<Value>> = pods_of(cluster, &set)
        .into_iter()
        .filter(|pod| !is_over(pod))
        .collect();
    // Those that are not ready go first.
    active.sort_by_key(|pod| !is_ready(pod));
    let kept = usize::try_from(wanted).unwrap_or(usize::MAX);
    for pod in active.drain(active.len().min(kept)..) {
        cluster.take(&Address::new(PODS, namespace, text(&pod, "name")));
    }
    let mut ready = active.iter().filter(|pod| is_ready(pod)).count() as u64;
    for _ in active.len() as u64..wanted {
        ready += u64::from(is_ready(&pods::start(cluster, &set)));
    }
    if set["spec"]["replicas"] != wanted {
        let generation = set["metadata"]["generation"].as_u64().unwrap_or_default();
        set["metadata"]["generation"] = (generation + 1).into();
        set["spec"]["replicas"] = wanted.into();
    }
    set["status"] = json!({
        "replicas": wanted, "fullyLabeledReplicas": wanted, "readyReplicas": ready, "availableReplicas": ready,
        "observedGeneration": set["metadata"]["generation"],
    });
    let at = Address::new(REPLICA_SETS, namespace, text(&set, "name"));
    if cluster.at(&at).is_none_or(|before| **before != set) {
        cluster.keep(&at, set);
    }
    ready
}

fn status(deployment: &Value, set: &str, wanted: u64, ready: u64) -> Value {
    let now = defaults::seconds(Timestamp::now());
    let condition = |kind: &str, holds: bool, reason: &str, message: String| {
        json!({
            "type": kind, "status": if holds { "True" } else { "False" }, "reason": reason, "message": message,
            "lastUpdateTime": now, "lastTransitionTime": now,
        })
    };
    let has = |holds: bool| if holds { "has" } else { "does not have" };
    let is_available = ready >= wanted;
    let (reason, progress) = if is_available {
        ("NewReplicaSetAvailable", "has successfully progressed")
    } else {
        ("ReplicaSetUpdated", "is progressing")
    };
    let available = if is_available {
        "MinimumReplicasAvailable"
    } else {
        "MinimumReplicasUnavailable"
    };
    let mut status = json!({
        "observedGeneration": deployment["metadata"]["generation"], "replicas": wanted, "updatedReplicas": wanted,
        "readyReplicas": ready, "availableReplicas": ready,
        "conditions": [
            condition("Available", is_available, available, format!("Deployment {} minimum availability.", has(is_available))),
            condition("Progressing", true, reason, format!("ReplicaSet \"{set}\" {progress}.")),
        ],
    });
    if !is_available {
        status["unavailableReplicas"] = (wanted - ready).into();
    }
    status
}

fn sets_of(cluster: &Cluster, deployment: &Value) -> Vec<Arc<Value>> {
    owned_by(cluster, REPLICA_SETS, deployment)
}

fn pods_of(cluster: &Cluster, set: &Value) -> Vec<Arc<Value>> {
    owned_by(cluster, PODS, set)
}

fn owned_by(cluster: &Cluster, stored_as: &str, owner: &Value) -> Vec<Arc<Value>> {
    let uid = &owner["metadata"]["uid"];
    cluster
        .in_namespace(stored_as, text(owner, "namespace"))
        .filter(|object| controller_of(object).is_some_and(|owner| owner["uid"] == *uid))
        .cloned()
        .collect()
}

/// The object that controls `object`, if it is there.
fn owner_of(cluster: &Cluster, stored_as: &str, object: &Value) -> Option<Arc<Value>> {
    let reference = controller_of(object)?;
    let name = reference["name"].as_str()?;
    let owner = cluster.at(&Address::new(stored_as, text(object, "namespace"), name))?;
    (owner["metadata"]["uid"] == reference["uid"]).then(|| Arc::clone(owner))
}

fn controller_of(object: &Value) -> Option<&Value> {
    let owners = object["metadata"]["ownerReferences"].as_array()?;
    owners.iter().find(|owner| owner["controller"] == true)
}

fn owner_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true,
    })
}

/// Of a ReplicaSet, or of the Deployment as it was last brought up.
fn revision_of(object: &Value) -> u64 {
    let revision = object["metadata"]["annotations"][REVISION].as_str();
    revision
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// A template as its Deployment says it, in the form in which two can be compared.
fn without_hash(template: &Value) -> Value {
    let mut template = essence(template);
    if let Some(labels) = template
        .pointer_mut("/metadata/labels")
        .and_then(Value::as_object_mut)
    {
        labels.remove(HASH);
    }
    template
}

/// Without members that say nothing: clients write `resources: {}` where a manifest leaves it out.
fn essence(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), essence(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!({}))
            .collect(),
        Value::Array(items) => items.iter().map(essence).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}
