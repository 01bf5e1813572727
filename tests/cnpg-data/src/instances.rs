//! The pods of a cluster (`buildInstance`, `pods.go`), and what may be wrong with one.

use serde_json::{Value, json};

use crate::{
    cluster::Made,
    meta::{VERSION, extend, labels, owned_by},
};

/// An instance that is ready. The first is the primary.
pub(crate) fn pod(made: &Made<'_>, serial: usize) -> Value {
    let (name, cluster, clock) = (made.instance(serial), made.at.name, made.clock);
    let role = role(serial == 1);
    let mut all = labels(cluster, made.major());
    extend(
        &mut all,
        json!({
            "cnpg.io/instanceName": name, "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": role, "role": role,
        }),
    );
    let since = clock.ago(made.since(2));
    let mut volumes = vec![
        json!({ "name": "pgdata", "persistentVolumeClaim": { "claimName": name } }),
        json!({ "name": "scratch-data", "emptyDir": {} }),
        json!({ "name": "shm", "emptyDir": { "medium": "Memory" } }),
        json!({ "name": "app-secret", "secret": { "secretName": format!("{cluster}-app") } }),
    ];
    let mut mounts = vec![
        json!({ "name": "pgdata", "mountPath": "/var/lib/postgresql/data" }),
        json!({ "name": "scratch-data", "mountPath": "/run" }),
        json!({ "name": "scratch-data", "mountPath": "/controller" }),
        json!({ "name": "shm", "mountPath": "/dev/shm" }),
        json!({ "name": "app-secret", "mountPath": "/etc/app-secret" }),
    ];
    if made.wal.is_some() {
        let claim = format!("{name}-wal");
        volumes.push(json!({ "name": "pg-wal", "persistentVolumeClaim": { "claimName": claim } }));
        mounts.push(json!({ "name": "pg-wal", "mountPath": "/var/lib/postgresql/wal" }));
    }
    let condition =
        |kind: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": since });
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": made.at.namespace, "labels": all, "creationTimestamp": since,
            "annotations": {
                "cnpg.io/nodeSerial": serial.to_string(), "cnpg.io/operatorVersion": VERSION, "cnpg.io/podEnvHash": "5d84dd8bc8",
            },
            "ownerReferences": owned_by(cluster),
        },
        "spec": {
            "hostname": name, "nodeName": format!("node-{}", ["a", "b", "c"][(serial - 1) % 3]),
            "serviceAccountName": cluster, "terminationGracePeriodSeconds": 1800,
            "initContainers": [{
                "name": "bootstrap-controller", "image": format!("ghcr.io/cloudnative-pg/cloudnative-pg:{VERSION}"),
                "command": ["/manager", "bootstrap", "/controller/manager"],
            }],
            "containers": [{
                "name": "postgres", "image": made.image,
                "command": ["/controller/manager", "instance", "run", "--status-port-tls"],
                "env": env(made, &name),
                "ports": [
                    { "name": "postgresql", "containerPort": 5432, "protocol": "TCP" },
                    { "name": "metrics", "containerPort": 9187, "protocol": "TCP" },
                    { "name": "status", "containerPort": 8000, "protocol": "TCP" },
                ],
                "resources": {
                    "requests": { "cpu": "500m", "memory": made.memory }, "limits": { "memory": made.memory },
                },
                "volumeMounts": mounts,
            }],
            "volumes": volumes,
        },
        "status": {
            "phase": "Running", "podIP": made.ip(serial), "podIPs": [{ "ip": made.ip(serial) }], "startTime": since,
            "conditions": [
                condition("PodScheduled"), condition("Initialized"), condition("ContainersReady"), condition("Ready"),
            ],
            "containerStatuses": [{
                "name": "postgres", "image": made.image, "imageID": container_image(made), "ready": true, "started": true,
                "restartCount": 0, "containerID": container(made, serial), "state": { "running": { "startedAt": since } },
                "lastState": {},
            }],
        },
    })
}

/// `CreatePodEnvConfig`.
fn env(made: &Made<'_>, name: &str) -> Value {
    let value = |name: &str, value: &str| json!({ "name": name, "value": value });
    json!([
        value("PGDATA", "/var/lib/postgresql/data/pgdata"),
        value("POD_NAME", name),
        value("NAMESPACE", made.at.namespace),
        value("CLUSTER_NAME", made.at.name),
        value("PSQL_HISTORY", "/controller/tmp/.psql_history"),
        value("PGPORT", "5432"),
        value("PGHOST", "/controller/run"),
        value("TMPDIR", "/controller/tmp"),
    ])
}

pub(crate) fn role(is_primary: bool) -> &'static str {
    if is_primary { "primary" } else { "replica" }
}

/// The id of an instance's container.
pub(crate) fn container(made: &Made<'_>, serial: usize) -> String {
    format!(
        "containerd://{}",
        format!("{:02x}{serial:02x}", made.number).repeat(16)
    )
}

fn container_image(made: &Made<'_>) -> String {
    let digest = format!("{:04x}", made.number).repeat(16);
    format!("ghcr.io/cloudnative-pg/postgresql@sha256:{digest}")
}

/// Has an instance run and not be ready.
pub(crate) fn not_ready(pod: &mut Value, at: &str) {
    for condition in pod["status"]["conditions"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        if condition["type"] == "Ready" || condition["type"] == "ContainersReady" {
            condition["status"] = json!("False");
            condition["reason"] = json!("ContainersNotReady");
            condition["message"] = json!("containers with unready status: [postgres]");
            condition["lastTransitionTime"] = json!(at);
        }
    }
    pod["status"]["containerStatuses"][0]["ready"] = json!(false);
}

/// Has its container end again and again.
pub(crate) fn crashing(pod: &mut Value, code: i64, restarts: i64, at: &str) {
    not_ready(pod, at);
    let id = pod["status"]["containerStatuses"][0]["containerID"].clone();
    extend(
        &mut pod["status"]["containerStatuses"][0],
        json!({
            "started": false, "restartCount": restarts,
            "state": { "waiting": {
                "reason": "CrashLoopBackOff", "message": "back-off 1m20s restarting failed container=postgres",
            } },
            "lastState": { "terminated": {
                "exitCode": code, "reason": "Error", "startedAt": at, "finishedAt": at, "containerID": id,
            } },
        }),
    );
}
