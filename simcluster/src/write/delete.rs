//! DELETE, and what it takes along: owned objects, the contents of a namespace, the objects of a CRD.
//!
//! All of it happens at once: there is no grace period and no garbage collector that comes later. An object with
//! finalizers is only marked, and goes when the last of them is taken away.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::incoming::{Options, Propagation};
use super::{Subject, Written};
use crate::cluster::{Address, CRDS, Cluster, object_key, shown_as};
use crate::status::Refusal;
use crate::types::ResourceType;
use crate::{defaults, deployments};

/// Namespaces that no client can delete.
const IMMORTAL: &[&str] = &["default", "kube-public", "kube-system"];

/// What becomes of what an object owns.
pub(super) type Owned = Propagation;

/// # Errors
/// 404, and 409 where a precondition does not hold.
pub(super) fn delete(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    options: &Options,
) -> Result<Written, Refusal> {
    let of = subject.of;
    if of.stored_as() == "namespaces" && IMMORTAL.contains(&subject.name) {
        return Err(Refusal::immortal(of, subject.name));
    }
    let object = subject.current(cluster)?;
    check_preconditions(subject, &object, options)?;
    let owned = options.propagation.unwrap_or_else(|| default_of(of));
    let at = subject.address();
    let answer = match remove(cluster, &at, owned) {
        Some(marked) => shown_as(&marked, of),
        // The real server answers so where the object may live on for a while.
        None if matches!(of.stored_as().as_str(), "pods" | "namespaces") => object,
        None => success(of, &object),
    };
    Ok(Written::object(StatusCode::OK, answer))
}

/// # Errors
/// 409 where one does not hold.
pub(super) fn check_preconditions(
    subject: &Subject<'_>,
    object: &Value,
    options: &Options,
) -> Result<(), Refusal> {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let cases = [
        (
            &options.uid,
            "UID",
            text("uid"),
            "deleted and then recreated",
        ),
        (
            &options.resource_version,
            "ResourceVersion",
            text("resourceVersion"),
            "modified",
        ),
    ];
    for (wanted, word, found, cause) in cases {
        if let Some(wanted) = wanted.as_deref().filter(|wanted| *wanted != found) {
            let why = format!(
                "the {word} in the precondition ({wanted}) does not match the {word} in record ({found}). The object might have been {cause}"
            );
            return Err(Refusal::precondition(subject.of, subject.name, &why));
        }
    }
    Ok(())
}

/// Removes an object with what belongs to it, or marks it for deletion if it has finalizers; returns a marked one.
pub(super) fn remove(cluster: &mut Cluster, at: &Address, owned: Owned) -> Option<Value> {
    let object = cluster.at(at)?.clone();
    if has_finalizers(&object) {
        if !object["metadata"]["deletionTimestamp"].is_null() {
            return Some(Value::clone(&object));
        }
        let mut marked = Value::clone(&object);
        let metadata = &mut marked["metadata"];
        metadata["deletionTimestamp"] = defaults::seconds(Timestamp::now()).into();
        metadata["deletionGracePeriodSeconds"] = 0.into();
        if let Some(generation) = metadata["generation"].as_u64() {
            metadata["generation"] = (generation + 1).into();
        }
        return Some(Value::clone(&cluster.keep(at, marked)));
    }
    take(cluster, at, &object, owned);
    None
}

/// Removes an object whatever finalizers it has, with what belongs to it.
pub(super) fn take(cluster: &mut Cluster, at: &Address, object: &Value, owned: Owned) {
    for inside in contents(cluster, at, object) {
        remove(cluster, &inside, Owned::Delete);
    }
    cluster.take(at);
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
    for dependent in dependents(cluster, uid) {
        let goes = owned == Owned::Delete && has_one_owner(cluster, &dependent);
        if goes {
            remove(cluster, &dependent, Owned::Delete);
        } else {
            disown(cluster, &dependent, uid);
        }
    }
    deployments::follow_removal(cluster, object);
}

/// Whether an object that is to be deleted has lost its last finalizer.
pub(super) fn is_finished(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null() && !has_finalizers(object)
}

fn has_finalizers(object: &Value) -> bool {
    let finalizers = object["metadata"]["finalizers"].as_array();
    finalizers.is_some_and(|finalizers| !finalizers.is_empty())
}

/// The objects in a namespace, or of a CRD's types.
fn contents(cluster: &Cluster, at: &Address, object: &Value) -> Vec<Address> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match at.stored_as.as_str() {
        "namespaces" => {
            let prefix = object_key(name, "");
            cluster.places_of(|_, key, _| key.starts_with(&prefix))
        }
        CRDS => cluster.places_of(|stored_as, _, _| stored_as == name),
        _ => Vec::new(),
    }
}

fn dependents(cluster: &Cluster, uid: &str) -> Vec<Address> {
    cluster.places_of(|_, _, object| owners(object).iter().any(|owner| owner["uid"] == uid))
}

fn owners(object: &Value) -> &[Value] {
    object["metadata"]["ownerReferences"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn has_one_owner(cluster: &Cluster, at: &Address) -> bool {
    cluster
        .at(at)
        .is_some_and(|object| owners(object).len() == 1)
}

/// Takes an owner out of an object.
fn disown(cluster: &mut Cluster, at: &Address, uid: &str) {
    let Some(object) = cluster.at(at) else {
        return;
    };
    let mut orphan = Value::clone(object);
    let references = orphan["metadata"]["ownerReferences"].take();
    let mut references = references.as_array().cloned().unwrap_or_default();
    references.retain(|owner| owner["uid"] != uid);
    if let Some(metadata) = orphan["metadata"].as_object_mut() {
        if references.is_empty() {
            metadata.remove("ownerReferences");
        } else {
            metadata.insert("ownerReferences".to_owned(), references.into());
        }
    }
    cluster.keep(at, orphan);
}

/// Jobs and ReplicationControllers leave their pods behind, as they did before there was a choice.
fn default_of(of: &ResourceType) -> Propagation {
    match of.stored_as().as_str() {
        "jobs.batch" | "replicationcontrollers" => Propagation::Orphan,
        _ => Propagation::Delete,
    }
}

fn success(of: &ResourceType, object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut details = json!({"name": metadata["name"], "kind": of.plural, "uid": metadata["uid"]});
    if !of.group.is_empty() {
        details["group"] = of.group.as_str().into();
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}
