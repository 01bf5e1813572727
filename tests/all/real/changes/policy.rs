//! The floor below every grant and every person: what the policy blocks.

use std::fs;

use bulkhead_tests::built;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Shop, scale_to};

/// What the shipped policy blocks; `NAMESPACE` is the test's own.
#[rstest]
#[case::of_a_protected_namespace(
    "k8s_patch",
    json!({ "kind": "configmap", "namespace": "kube-system", "name": "settings", "operation": "patch", "patch": { "data": { "a": "b" } } }),
    "kube-system"
)]
#[case::a_new_object_in_a_protected_namespace(
    "k8s_apply",
    json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}", "namespace": "kube-public" }),
    "kube-public"
)]
#[case::a_namespace("k8s_delete", json!({ "kind": "namespace", "name": "NAMESPACE" }), "namespace")]
#[case::a_volume("k8s_delete", json!({ "kind": "persistentvolume", "name": "volume-NAMESPACE" }), "persistentvolumes")]
#[case::a_definition("k8s_delete", json!({ "kind": "crd", "name": "tills.NAMESPACE.example" }), "customresourcedefinitions")]
#[case::ten_times_as_many("k8s_patch", scale_to(30), "500")]
fn what_the_policy_blocks_is_not_even_proposed(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] why: &str,
) {
    let mut shop = Shop::open();
    shop.make_web();
    let namespace = shop.namespace.clone();
    shop.cluster.apply(&blocked(&namespace)).unwrap();
    let arguments = arguments.to_string().replace("NAMESPACE", &namespace);
    let prepared = shop.changes();
    let said = shop.call(tool, serde_json::from_str(&arguments).unwrap());
    said.fails(
        "denied",
        &["the plan cannot be approved", why, "do not try other ways"],
    );
    assert_eq!(shop.changes(), prepared);
    shop.call("change_status", json!({}))
        .succeeds(&["no changes"]);
    // Denials are written in batches, and at the end of the host.
    let denials = shop.restart(|_| ()).bulkhead("denials");
    assert!(denials.stdout.contains("cannot be approved"), "{denials:?}");
}

/// An object of a protected namespace, and objects of the cluster whose deletion is blocked.
fn blocked(namespace: &str) -> String {
    format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: kube-system}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: volume-{namespace}}}
spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], hostPath: {{path: /nowhere}}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: tills.{namespace}.example}}
spec:
  group: {namespace}.example
  scope: Namespaced
  names: {{plural: tills, kind: Till}}
  versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
"
    )
}

#[test]
fn an_operator_lifts_what_the_policy_blocks_by_its_file() {
    let shop = Shop::open();
    shop.make_web();
    let mut shop = shop.restart(|config| {
        let policy = fs::read_to_string(built::workspace().join("policy.toml")).unwrap();
        let lifted = policy.replace("max_change_percent = 500", "max_change_percent = 1000");
        assert_ne!(policy, lifted);
        fs::write(config.folder().join("policy.toml"), lifted).unwrap();
    });
    shop.change("k8s_patch", scale_to(30));
    shop.call("k8s_patch", scale_to(3000))
        .fails("denied", &["1000"]);
}
