//! The plugin as ordinary Rust, behind the host's own gate, against a cluster in memory.

use bulkhead_plugin_sdk::{Failure, test_kit::Kit};
use serde_json::json;

use super::describe;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop }
";

const LIST_PODS: &str =
    r#"api_groups = [""], resources = ["pods"], verbs = ["list"], namespaces = ["shop"]"#;

#[test]
fn the_pods_of_a_namespace_are_named() {
    let plugin = Kit::from_manifests(POD).grant(LIST_PODS).run(describe);
    let answer = plugin.call("hello_pods", json!({ "namespace": "shop" }));
    let pods = answer.expect("it is granted").structured;
    assert_eq!(pods, Some(json!({ "pods": ["web-0"], "more": false })));
}

#[test]
fn without_a_grant_it_is_denied() {
    let plugin = Kit::from_manifests(POD).run(describe);
    let answer = plugin.call("hello_pods", json!({ "namespace": "shop" }));
    assert!(matches!(answer, Err(Failure::Denied(_))));
}
