//! That the data set is what Velero's own types take, so that what other tests see of it is true.

use bulkhead_velero_data::VELERO;
use serde_json::{Value, json};

use super::{Host, installed, kubectl};
use crate::fleet;

/// The parts of an object that its writer decides on.
fn written(object: &Value) -> Value {
    let metadata = &object["metadata"];
    json!({
        "name": metadata["name"], "namespace": metadata["namespace"], "labels": metadata["labels"],
        "annotations": metadata["annotations"], "spec": object["spec"], "status": object["status"],
    })
}

/// The types have no defaults, and drop what they do not know: nothing is added, and nothing is lost.
#[test]
fn velero_s_own_types_keep_every_object_as_it_is_written() {
    let objects: Vec<_> = installed()
        .objects()
        .iter()
        .filter(|object| {
            object["apiVersion"]
                .as_str()
                .unwrap()
                .starts_with("velero.io/")
        })
        .collect();
    let types: std::collections::BTreeSet<_> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    let mut compared = 0;
    for kind in types {
        let text = kubectl(&format!(
            "get {kind}.velero.io --all-namespaces --output=json"
        ));
        let list: Value = serde_json::from_str(&text).unwrap();
        let there: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(written)
            .collect();
        for object in objects.iter().filter(|object| object["kind"] == kind) {
            let object = written(object);
            assert!(there.contains(&object), "{kind}: {object:#}");
            compared += 1;
        }
    }
    assert_eq!(compared, objects.len());
}

#[test]
fn every_tool_that_reads_answers_at_the_real_server() {
    let mut host = Host::open();
    let calls = fleet::calls(installed());
    for tool in host.tools(false) {
        let arguments = calls.iter().find(|(_, name, _)| *name == tool);
        let (_, _, arguments) = arguments.unwrap_or_else(|| panic!("how is `{tool}` called?"));
        host.call(&tool, arguments).succeeds(&[VELERO]);
    }
}
