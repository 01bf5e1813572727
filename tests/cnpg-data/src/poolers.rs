//! Poolers with the Deployment and the Service that the operator makes for each (`pkg/specs/pgbouncer`).

use serde_json::{Value, json};

use crate::{
    clock::Clock,
    cluster::Made,
    meta::{API, Place, VERSION, encoded, of_cluster, owned},
};

/// A pooler as a person has made it.
pub(crate) fn pooler(
    at: Place<'_>,
    cluster: &str,
    kind: &str,
    instances: u32,
    clock: &Clock,
) -> Value {
    json!({
        "apiVersion": API, "kind": "Pooler",
        "metadata": {
            "name": at.name, "namespace": at.namespace, "generation": 1, "creationTimestamp": clock.ago(50 * 24 * 60 + 300),
        },
        "spec": {
            "cluster": { "name": cluster }, "instances": instances, "type": kind,
            "pgbouncer": {
                "poolMode": "transaction", "paused": false,
                "parameters": { "default_pool_size": "20", "max_client_conn": "500" },
            },
        },
    })
}

/// The pooler of a cluster that is there, with what belongs to it.
pub(crate) fn running(of: &Made<'_>, at: Place<'_>, instances: u32) -> Vec<Value> {
    let cluster = of.at.name;
    let mut object = pooler(at, cluster, "rw", instances, of.clock);
    let secret =
        |name: String, version: i64| json!({ "name": name, "version": version.to_string() });
    object["status"] = json!({
        "instances": instances,
        "secrets": {
            "clientTLS": secret(format!("{cluster}-server"), 903 + of.number),
            "serverTLS": {},
            "serverCA": secret(format!("{cluster}-ca"), 901 + of.number),
            "clientCA": secret(format!("{cluster}-ca"), 901 + of.number),
            "pgBouncerSecrets": { "authQuery": secret(format!("{cluster}-pooler"), 950) },
        },
    });
    vec![
        object,
        deployment(of, at, instances),
        service(of, at),
        authentication(of),
    ]
}

fn labels(cluster: &str, pooler: &str) -> Value {
    json!({
        "cnpg.io/cluster": cluster, "cnpg.io/poolerName": pooler, "cnpg.io/podRole": "pooler",
        "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": cluster,
        "app.kubernetes.io/component": "pooler", "app.kubernetes.io/managed-by": "cloudnative-pg",
    })
}

fn metadata(of: &Made<'_>, at: Place<'_>) -> Value {
    json!({
        "name": at.name, "namespace": at.namespace, "labels": labels(of.at.name, at.name), "generation": 1,
        "annotations": { "cnpg.io/poolerSpecHash": "6b9d7c5f8d" }, "ownerReferences": owned(API, "Pooler", at.name),
    })
}

fn deployment(of: &Made<'_>, at: Place<'_>, instances: u32) -> Value {
    let pod = json!({
        "metadata": { "labels": labels(of.at.name, at.name) },
        "spec": {
            "serviceAccountName": at.name,
            "initContainers": [{
                "name": "bootstrap-controller", "image": format!("ghcr.io/cloudnative-pg/cloudnative-pg:{VERSION}"),
                "command": ["/manager", "bootstrap", "/controller/manager"],
            }],
            "containers": [{
                "name": "pgbouncer", "image": "ghcr.io/cloudnative-pg/pgbouncer:1.25.1",
                "command": ["/controller/manager", "pgbouncer", "run"],
                "ports": [
                    { "name": "pgbouncer", "containerPort": 5432, "protocol": "TCP" },
                    { "name": "metrics", "containerPort": 9127, "protocol": "TCP" },
                ],
            }],
        },
    });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(of, at),
        "spec": {
            "replicas": instances, "selector": { "matchLabels": { "cnpg.io/poolerName": at.name } }, "template": pod,
        },
        "status": {
            "replicas": instances, "readyReplicas": instances, "availableReplicas": instances, "updatedReplicas": instances,
            "observedGeneration": 1,
        },
    })
}

fn service(of: &Made<'_>, at: Place<'_>) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata(of, at),
        "spec": {
            "type": "ClusterIP", "selector": { "cnpg.io/poolerName": at.name },
            "ports": [{ "name": "pgbouncer", "port": 5432, "protocol": "TCP", "targetPort": "pgbouncer" }],
        },
    })
}

/// The certificate that PgBouncer asks for passwords with (`reconcilePoolerSecrets`, `cluster_create.go`).
fn authentication(of: &Made<'_>) -> Value {
    let name = format!("{}-pooler", of.at.name);
    let key = format!("{name}-{}", crate::SECRET_MARK);
    let labels =
        json!({ "cnpg.io/reload": "true", "app.kubernetes.io/managed-by": "cloudnative-pg" });
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": of_cluster(of.at, &name, labels), "type": "kubernetes.io/tls",
        "data": { "tls.crt": encoded("none"), "tls.key": encoded(&key) },
    })
}
