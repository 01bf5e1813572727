//! The operator itself, and what a cluster has for all its databases: namespaces, storage classes, a catalogue of images.

use serde_json::{Value, json};

use crate::{
    clock::{Clock, DAY},
    cluster::image,
    meta::{API, VERSION},
    named::{LEGACY_POOLER, LEGACY_ROLE_SECRET, NAMESPACES, NOT_EXPANDABLE},
    poolers, secrets,
};

const OPERATOR: &str = "cnpg-system";

pub(crate) fn all(clock: &Clock) -> Vec<Value> {
    let mut objects: Vec<_> = NAMESPACES
        .into_iter()
        .chain([OPERATOR])
        .map(namespace)
        .collect();
    objects.push(storage_class("fast", true));
    objects.push(storage_class(NOT_EXPANDABLE, false));
    objects.extend(NAMESPACES.map(monitoring));
    objects.extend(NAMESPACES.map(secrets::object_store));
    objects.push(catalogue(
        "ClusterImageCatalog",
        json!({ "name": "postgresql" }),
    ));
    objects.push(catalogue(
        "ImageCatalog",
        json!({ "name": "postgresql", "namespace": "lab" }),
    ));
    // Its cluster is gone: the operator waits for it, and writes no status (`waitForPrerequisites`, `pooler_controller.go`).
    objects.push(poolers::pooler(
        LEGACY_POOLER.into(),
        "legacy",
        "ro",
        2,
        clock,
    ));
    objects.push(secrets::of_nobody(LEGACY_ROLE_SECRET.into()));
    objects.push(operator(clock));
    objects
}

fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}

fn storage_class(name: &str, expands: bool) -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": name },
        "provisioner": "csi.storage.example", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": expands,
    })
}

/// The operator copies its queries into each namespace with a cluster.
fn monitoring(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": "cnpg-default-monitoring", "namespace": namespace,
            "labels": { "cnpg.io/reload": "true", "app.kubernetes.io/managed-by": "cloudnative-pg" },
            "annotations": { "cnpg.io/operatorVersion": VERSION },
        },
        "data": { "queries": "backends:\n  query: SELECT 1\n" },
    })
}

fn catalogue(kind: &str, mut metadata: Value) -> Value {
    metadata["generation"] = json!(1);
    json!({
        "apiVersion": API, "kind": kind, "metadata": metadata,
        "spec": { "images": [
            { "major": 16, "image": image("16.11") }, { "major": 17, "image": image("17.7") },
            { "major": 18, "image": image("18.1") },
        ] },
    })
}

/// `config/manager/manager.yaml`, as a release names it.
fn operator(clock: &Clock) -> Value {
    let labels = json!({ "app.kubernetes.io/name": "cloudnative-pg" });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "cnpg-controller-manager", "namespace": OPERATOR, "labels": labels, "generation": 1,
            "creationTimestamp": clock.ago(120 * DAY + 300),
        },
        "spec": {
            "replicas": 1, "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "serviceAccountName": "cnpg-manager",
                    "containers": [{
                        "name": "manager", "image": format!("ghcr.io/cloudnative-pg/cloudnative-pg:{VERSION}"),
                        "command": ["/manager"], "args": ["controller", "--leader-elect", "--webhook-port=9443"],
                    }],
                },
            },
        },
        "status": {
            "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1, "observedGeneration": 1,
        },
    })
}
