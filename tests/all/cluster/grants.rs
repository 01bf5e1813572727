//! What a grant leaves out looks as if it were not there.

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
};
use serde_json::json;

use crate::{session::Session, sim::Sim};

/// `generic` with one grant for pods in `shop`, and what else it says.
fn session(sim: &Sim, rule: &str) -> Session {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let table = plugin_table("generic", &built::plugin("generic")).unwrap();
    let grant = format!(
        "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\nverbs = [\"get\", \"list\"]\nnamespaces = [\"shop\"]\n{rule}\n"
    );
    Session::start(HostConfig::with_text(&format!("{cluster}{table}{grant}")).unwrap())
}

fn get(name: &str) -> serde_json::Value {
    json!({ "kind": "pod", "namespace": "shop", "name": name })
}

#[test]
fn a_label_selector_hides_the_other_objects_as_if_they_were_not_there() {
    let sim = Sim::small();
    let mut session = session(&sim, "label_selector = \"app=till\"");
    session
        .call("k8s_get", get("till"))
        .succeeds(&["registry.example/till:1"]);
    let hidden = session
        .call("k8s_get", get("oven"))
        .fails("not-found", &["`oven`"]);
    let absent = session
        .call("k8s_get", get("bell"))
        .fails("not-found", &["`bell`"]);
    assert_eq!(hidden.text.replace("oven", "bell"), absent.text);
    let list = session.pods().succeeds(&["till", "1 pods"]);
    assert!(!list.text.contains("oven"), "{}", list.text);
    let counted = session.call(
        "k8s_count",
        json!({ "kind": "pods", "namespace": "shop", "by": ["metadata.name"] }),
    );
    assert!(!counted.succeeds(&["till"]).text.contains("oven"));
    session
        .call(
            "k8s_list",
            json!({ "kind": "pods", "namespace": "shop", "label_selector": "app!=till" }),
        )
        .succeeds(&["0 pods"]);
}

#[test]
fn names_hide_the_other_objects() {
    let sim = Sim::small();
    let mut session = session(&sim, "names = [\"ti*\"]");
    session
        .call("k8s_get", get("till"))
        .succeeds(&["registry.example/till:1"]);
    session
        .call("k8s_get", get("oven"))
        .fails("denied", &["covers this name"]);
    assert_eq!(sim.requests_to("/pods/oven"), []);
    let list = session.pods().succeeds(&["till"]);
    assert!(!list.text.contains("oven"), "{}", list.text);
}

#[test]
fn more_objects_than_a_grant_allows_are_a_limit() {
    let sim = Sim::small();
    let mut session = session(&sim, "max_objects = 1");
    session.call("k8s_get", get("till")).succeeds(&[]);
    session.call("k8s_get", get("oven")).succeeds(&[]);
    session
        .pods()
        .fails("limit", &["allows 1 objects in one call", "label selector"]);
}

#[test]
fn another_namespace_or_all_of_them_are_denied_without_a_request() {
    let sim = Sim::small();
    let mut session = session(&sim, "");
    for refused in [
        json!({ "kind": "pods", "namespace": "vault" }),
        json!({ "kind": "pods", "all_namespaces": true }),
        json!({ "kind": "secrets", "namespace": "shop" }),
        json!({ "kind": "configmaps", "namespace": "shop" }),
    ] {
        session
            .call("k8s_list", refused)
            .fails("denied", &["plugin `generic` may not", "tell the person"]);
    }
    session
        .call(
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": "till" }),
        )
        .fails("denied", &["pods/log"]);
    let objects: Vec<_> = sim
        .server
        .requests()
        .into_iter()
        .filter(|request| request.path.starts_with("/api/v1/"))
        .collect();
    assert_eq!(objects, []);
}
