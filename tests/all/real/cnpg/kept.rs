//! That the fleet is what the operator's own types take, so that what other tests see of it is true.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{KINDS, shared};

/// The parts of an object that its writer decides on.
fn written(object: &Value) -> Value {
    let metadata = &object["metadata"];
    json!({
        "name": metadata["name"], "namespace": metadata["namespace"], "labels": metadata["labels"],
        "annotations": metadata["annotations"], "finalizers": metadata["finalizers"], "spec": object["spec"],
        "status": object["status"],
    })
}

/// An object of the fleet as it was read back.
fn found(object: &Value) -> Value {
    let (kind, metadata) = (&object["kind"], &object["metadata"]);
    let is_it = |there: &&Value| {
        there["kind"] == *kind
            && there["metadata"]["name"] == metadata["name"]
            && there["metadata"]["namespace"] == metadata["namespace"]
    };
    let there = shared().there.iter().find(is_it);
    written(there.unwrap_or_else(|| panic!("no {kind} {}", metadata["name"])))
}

fn is_ours(object: &&Value) -> bool {
    object["apiVersion"] == "postgresql.cnpg.io/v1"
}

/// The types have defaults, and drop what they do not know: nothing is added, and nothing is lost.
#[test]
fn cloudnativepg_s_own_types_keep_every_object_as_it_is_written() {
    let mut kinds = BTreeSet::new();
    for object in shared().fleet.objects().iter().filter(is_ours) {
        assert_eq!(found(object), written(object), "{}", object["kind"]);
        kinds.insert(object["kind"].to_string());
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

/// What the plugin reads of Kubernetes' own types, where the server has defaults of its own: nothing is lost.
#[test]
fn kubernetes_own_types_lose_nothing_of_the_fleet() {
    let mut kinds = BTreeSet::new();
    let objects = shared().fleet.objects().iter();
    for object in objects.filter(|object| !is_ours(object)) {
        let kind = object["kind"].as_str().unwrap();
        let listed = |one: &str| one.starts_with(&kind.to_ascii_lowercase());
        if KINDS.iter().any(|one| listed(one)) {
            let lost = lost(&written(object), &found(object), "");
            assert_eq!(lost, [""; 0], "{kind} {}", object["metadata"]["name"]);
            kinds.insert(kind);
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

/// The paths at which `there` does not have what `object` says.
fn lost(object: &Value, there: &Value, path: &str) -> Vec<String> {
    match (object, there) {
        (Value::Object(object), Value::Object(there)) => object
            .iter()
            .flat_map(|(key, value)| {
                let there = there.get(key).unwrap_or(&Value::Null);
                lost(value, there, &format!("{path}/{key}"))
            })
            .collect(),
        (Value::Array(object), Value::Array(there)) if object.len() <= there.len() => object
            .iter()
            .zip(there)
            .enumerate()
            .flat_map(|(index, (value, there))| lost(value, there, &format!("{path}/{index}")))
            .collect(),
        // Nothing, and an empty object, the server may leave out or fill.
        (Value::Null, _) => Vec::new(),
        (object, there) if object == there || *object == json!({}) => Vec::new(),
        _ => vec![format!("{path}: {object} is {there}")],
    }
}
