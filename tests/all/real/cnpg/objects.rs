//! That the fleet is what the operator's own types take, so that what other tests see of it is true.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{installed, kubectl};

/// The parts of an object that its writer decides on.
fn written(object: &Value) -> Value {
    let metadata = &object["metadata"];
    json!({
        "name": metadata["name"], "namespace": metadata["namespace"], "labels": metadata["labels"],
        "annotations": metadata["annotations"], "finalizers": metadata["finalizers"], "spec": object["spec"],
        "status": object["status"],
    })
}

/// The types have defaults, and drop what they do not know: nothing is added, and nothing is lost.
#[test]
fn cloudnativepg_s_own_types_keep_every_object_as_it_is_written() {
    let objects = installed().objects().iter();
    let objects: Vec<_> = objects
        .filter(|object| object["apiVersion"] == "postgresql.cnpg.io/v1")
        .collect();
    let types: BTreeSet<_> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    assert_eq!(types.len(), 7, "{types:?}");
    let mut compared = 0;
    for kind in types {
        let text = kubectl(&format!(
            "get {kind}.postgresql.cnpg.io --all-namespaces --output=json"
        ));
        let list: Value = serde_json::from_str(&text).unwrap();
        let there = list["items"].as_array().unwrap().iter();
        let there: Vec<_> = there.map(written).collect();
        for object in objects.iter().filter(|object| object["kind"] == kind) {
            let object = written(object);
            let found = there.iter().find(|there| {
                there["name"] == object["name"] && there["namespace"] == object["namespace"]
            });
            assert_eq!(found, Some(&object), "{kind}");
            compared += 1;
        }
    }
    assert_eq!(compared, objects.len());
}

/// What the plugin reads of Kubernetes' own types, where the server has defaults of its own: nothing is lost.
#[test]
fn kubernetes_own_types_lose_nothing_of_the_fleet() {
    for kind in [
        "Pod",
        "PersistentVolumeClaim",
        "Secret",
        "Service",
        "Deployment",
    ] {
        let text = kubectl(&format!("get {kind} --all-namespaces --output=json"));
        let list: Value = serde_json::from_str(&text).unwrap();
        let there = list["items"].as_array().unwrap();
        let objects = installed().objects().iter();
        for object in objects.filter(|object| object["kind"] == kind) {
            let object = written(object);
            let found = there.iter().map(written).find(|there| {
                there["name"] == object["name"] && there["namespace"] == object["namespace"]
            });
            let found = found.unwrap_or_else(|| panic!("no {kind} {}", object["name"]));
            assert_eq!(
                lost(&object, &found, ""),
                [""; 0],
                "{kind} {}",
                object["name"]
            );
        }
    }
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
