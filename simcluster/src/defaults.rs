//! What the API server fills in when an object is created: identity, times, and the few values that clients rely on.
//!
//! It adds and never overwrites what a manifest says, but for the identity of an object that is replaced. It does not
//! default the specs: a manifest shows what its author wrote.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::types::{ResourceType, TypeTable};

/// Fills in `object`, which has a name and, if its type wants one, a namespace.
pub(crate) fn fill_in(
    object: &mut Value,
    of: &ResourceType,
    before: Option<&Value>,
    types: &TypeTable,
    now: Timestamp,
) {
    let namespace = object["metadata"]["namespace"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let name = object["metadata"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let kept = |field: &str| {
        before
            .map(|before| before["metadata"][field].clone())
            .filter(|value| !value.is_null())
    };
    let metadata = &mut object["metadata"];
    set_if_missing(metadata, "uid", || {
        kept("uid").unwrap_or_else(|| uid(&of.kind, &namespace, &name).into())
    });
    set_if_missing(metadata, "creationTimestamp", || {
        kept("creationTimestamp").unwrap_or_else(|| seconds(now).into())
    });
    let owners = metadata
        .get_mut("ownerReferences")
        .and_then(Value::as_array_mut);
    for owner in owners.into_iter().flatten() {
        name_owner(owner, &namespace, types);
    }
    match (of.group.as_str(), of.kind.as_str()) {
        ("", "Pod") => set_if_missing(member(object, "status"), "phase", || "Pending".into()),
        ("", "Namespace") => {
            set_if_missing(member(object, "status"), "phase", || "Active".into());
            let labels = member(&mut object["metadata"], "labels");
            set_if_missing(labels, "kubernetes.io/metadata.name", || name.into());
        }
        ("" | "events.k8s.io", "Event") => {
            name_owner(member(object, "involvedObject"), &namespace, types);
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let accepted = object["spec"]["names"].clone();
            let condition = |kind: &str, reason: &str| json!({"type": kind, "status": "True", "reason": reason, "lastTransitionTime": seconds(now)});
            let status = member(object, "status");
            set_if_missing(status, "acceptedNames", || accepted);
            set_if_missing(status, "conditions", || {
                json!([
                    condition("NamesAccepted", "NoConflicts"),
                    condition("Established", "InitialNamesAccepted")
                ])
            });
        }
        _ => {}
    }
}

/// Whole seconds, as the API writes times.
pub(crate) fn seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}

/// Gives a reference the uid that its object has, unless the manifest says one.
fn name_owner(reference: &mut Value, namespace: &str, types: &TypeTable) {
    let (Some(kind), Some(name)) = (reference["kind"].as_str(), reference["name"].as_str()) else {
        return;
    };
    let api_version = reference["apiVersion"].as_str().unwrap_or("v1");
    let of_cluster = types
        .of_object(api_version, kind)
        .is_some_and(|of| !of.namespaced);
    let uid = uid(kind, if of_cluster { "" } else { namespace }, name);
    set_if_missing(reference, "uid", || uid.into());
}

/// Of an object that a client creates: one of the same name that is gone had another.
pub(crate) fn new_uid(kind: &str, namespace: &str, name: &str, resource_version: u64) -> String {
    uid(kind, namespace, &format!("{name}#{resource_version}"))
}

/// The same for the same object in every run, so that manifests can refer to each other without stating uids.
fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, kind, namespace, name).hash(&mut hasher);
        hasher.finish()
    };
    let (high, low) = (half(0), half(1));
    // Version 4, variant 1, as the real server's.
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, (high & 0x0fff) | 0x4000);
    let (d, e) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}

/// The object at `name`, made if it is missing.
pub(crate) fn member<'a>(object: &'a mut Value, name: &str) -> &'a mut Value {
    let member = &mut object[name];
    if member.is_null() {
        *member = json!({});
    }
    member
}

pub(crate) fn set_if_missing(object: &mut Value, name: &str, value: impl FnOnce() -> Value) {
    if let Some(object) = object.as_object_mut()
        && object.get(name).is_none_or(Value::is_null)
    {
        object.insert(name.to_owned(), value());
    }
}
