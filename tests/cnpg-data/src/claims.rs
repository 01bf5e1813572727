//! The claims of an instance: its data, and its WAL where that is apart (`pkg/reconciler/persistentvolumeclaim`).

use serde_json::{Value, json};

use crate::{
    cluster::Made,
    instances::role,
    meta::{VERSION, owned_by},
};

/// Bound, and used by the instance's pod.
pub(crate) fn of_instance(made: &Made<'_>, serial: usize) -> Vec<Value> {
    let mut claims = vec![claim(made, serial, "PG_DATA", "", made.size)];
    if let Some(size) = made.wal {
        claims.push(claim(made, serial, "PG_WAL", "-wal", size));
    }
    claims
}

pub(crate) fn claim(
    made: &Made<'_>,
    serial: usize,
    holds: &str,
    suffix: &str,
    size: &str,
) -> Value {
    let instance = made.instance(serial);
    let role = role(serial == 1);
    let mode = json!(["ReadWriteOnce"]);
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": format!("{instance}{suffix}"), "namespace": made.at.namespace,
            "creationTimestamp": made.clock.ago(made.age),
            "labels": {
                "cnpg.io/cluster": made.at.name, "cnpg.io/instanceName": instance, "cnpg.io/instanceRole": role,
                "cnpg.io/pvcRole": holds, "role": role, "app.kubernetes.io/managed-by": "cloudnative-pg",
                "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/component": "database",
            },
            "annotations": {
                "cnpg.io/nodeSerial": serial.to_string(), "cnpg.io/operatorVersion": VERSION, "cnpg.io/pvcStatus": "ready",
            },
            "ownerReferences": owned_by(made.at.name),
        },
        "spec": {
            "accessModes": mode, "resources": { "requests": { "storage": size } }, "storageClassName": made.class,
            "volumeMode": "Filesystem", "volumeName": format!("pvc-{}-{instance}{suffix}", made.at.namespace),
        },
        "status": { "phase": "Bound", "accessModes": mode, "capacity": { "storage": size } },
    })
}
