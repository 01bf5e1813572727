//! Database objects (`database_types.go`).

use serde_json::{Value, json};

use crate::{clock::Clock, meta::API, named::Named};

/// A database object of a cluster with its defaults; applied.
pub(crate) fn applied(
    cluster: Named,
    name: &str,
    database: &str,
    owner: &str,
    clock: &Clock,
) -> Value {
    json!({
        "apiVersion": API, "kind": "Database",
        "metadata": {
            "name": name, "namespace": cluster.namespace, "generation": 1,
            "creationTimestamp": clock.ago(60 * 24 * 60 + 300), "finalizers": ["cnpg.io/deleteDatabase"],
        },
        "spec": {
            "cluster": { "name": cluster.name }, "databaseReclaimPolicy": "retain", "ensure": "present", "name": database,
            "owner": owner,
        },
        "status": { "applied": true, "observedGeneration": 1 },
    })
}

/// Has the instance manager not have made it (`SetAsFailed`, `database_funcs.go`: no generation is observed).
pub(crate) fn fail(database: &mut Value, message: &str) {
    database["status"] = json!({ "applied": false, "message": message });
}
