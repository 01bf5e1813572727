//! A cluster to change: a Deployment with two revisions, nodes with every kind of pod, and what the operator grants.

use bulkhead_plugin_sdk::test_kit::Kit;
use std::fmt::Write as _;

const FIXED: &str = r#"
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { colour: blue }
---
apiVersion: v1
kind: Node
metadata: { name: node-1 }
---
apiVersion: v1
kind: Node
metadata: { name: node-2 }
---
apiVersion: v1
kind: Node
metadata: { name: node-3 }
spec: { unschedulable: true }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, generation: 2, annotations: { deployment.kubernetes.io/revision: "2" } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "registry.example/web:2" }] }
status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
"#;

/// What the cluster is made of.
pub(crate) fn manifests() -> String {
    let mut manifests = FIXED.to_owned();
    for revision in 1..=2 {
        let name = format!("web-{revision}");
        write!(
            manifests,
            "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{ name: {name}, namespace: shop, \
             labels: {{ app: web, pod-template-hash: h{revision} }}, annotations: {{ deployment.kubernetes.io/revision: \"{revision}\" }}, \
             ownerReferences: [{{ apiVersion: apps/v1, kind: Deployment, name: web, controller: true }}] }}\n\
             spec:\n  replicas: {}\n  selector: {{ matchLabels: {{ app: web, pod-template-hash: h{revision} }} }}\n  template:\n    \
             metadata: {{ labels: {{ app: web, pod-template-hash: h{revision} }} }}\n    \
             spec: {{ containers: [{{ name: web, image: \"registry.example/web:{revision}\" }}] }}\n",
            (revision - 1) * 2
        )
        .expect("a String takes everything");
    }
    let owner = |kind: &str| {
        format!(
            "ownerReferences: [{{ apiVersion: apps/v1, kind: {kind}, name: owner, controller: true }}]"
        )
    };
    let pod = |name: &str, node: u8, metadata: &str, volumes: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: shop, {metadata} }}\n\
             spec: {{ nodeName: node-{node}, containers: [{{ name: main, image: \"registry.example/main:1\" }}], {volumes} }}\n\
             status: {{ phase: Running }}\n"
        )
    };
    let scratch =
        "volumes: [{ name: a, configMap: { name: settings } }, { name: b, emptyDir: {} }]";
    let mirror = "annotations: { kubernetes.io/config.mirror: abc }";
    manifests.push_str(&pod("job-a", 1, &owner("ReplicaSet"), ""));
    manifests.push_str(&pod("job-b", 1, &owner("StatefulSet"), ""));
    manifests.push_str(&pod("agent-1", 1, &owner("DaemonSet"), scratch));
    manifests.push_str(&pod("kubelet-made", 1, mirror, ""));
    manifests.push_str(&pod("bare", 2, "labels: { app: bare }", ""));
    manifests.push_str(&pod("scratch", 2, &owner("ReplicaSet"), scratch));
    for number in 0..60 {
        manifests.push_str(&pod(
            &format!("many-{number:02}"),
            3,
            &owner("ReplicaSet"),
            "",
        ));
    }
    manifests
}

/// What an operator may grant, and nobody who approves.
pub(crate) fn kit() -> Kit {
    Kit::from_manifests(&manifests())
        .grant(r#"api_groups = ["*"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["*"]"#)
        .grant(r#"api_groups = [""], resources = ["nodes"], verbs = ["get", "list", "patch"], scope = "cluster""#)
        .grant(r#"api_groups = ["apps"], resources = ["deployments", "deployments/scale"], verbs = ["create", "patch", "delete"], namespaces = ["shop"]"#)
        .grant(r#"api_groups = [""], resources = ["configmaps"], verbs = ["get", "watch", "create", "patch", "delete"], namespaces = ["shop"]"#)
        .grant(r#"api_groups = [""], resources = ["pods/eviction"], verbs = ["create"], namespaces = ["*"]"#)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    kit().approving()
}
