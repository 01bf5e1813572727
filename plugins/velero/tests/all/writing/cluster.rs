//! A Velero with something of each kind that stands in the way of a change, and what the operator grants.

use bulkhead_plugin_sdk::test_kit::Kit;
use bulkhead_velero_data::crds_minimal;
use serde_json::{Value, json};

const FIXED: &str = r#"
---
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
---
apiVersion: v1
kind: Namespace
metadata: { name: velero }
---
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: { name: main, namespace: velero }
spec: { provider: aws, default: true, objectStorage: { bucket: b } }
status: { phase: Available }
---
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: { name: archive, namespace: velero }
spec: { provider: aws, accessMode: ReadOnly, objectStorage: { bucket: a } }
status: { phase: Available }
---
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: { name: offsite, namespace: velero }
spec: { provider: aws, objectStorage: { bucket: o } }
status: { phase: Unavailable, message: no such host }
---
apiVersion: velero.io/v1
kind: Schedule
metadata: { name: nightly, namespace: velero, labels: { team: shop } }
spec:
  schedule: "0 2 * * *"
  template:
    includedNamespaces: [shop]
    storageLocation: main
    ttl: 720h0m0s
    hooks: { resources: [{ name: dump, pre: [{ exec: { command: [/bin/dump] } }] }] }
status: { phase: Enabled, lastBackup: "2026-11-20T02:00:00Z" }
---
apiVersion: velero.io/v1
kind: Schedule
metadata: { name: weekly, namespace: velero }
spec: { schedule: "@weekly", paused: true, template: { includedNamespaces: [till] } }
status: { phase: Enabled }
"#;

/// A backup of `shop`, by the schedule `nightly`.
fn backup(name: &str, location: &str, began: &str, phase: &str) -> Value {
    json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": { "name": name, "namespace": "velero", "uid": format!("{name:0<8}-91b4"), "labels": { "velero.io/schedule-name": "nightly" } },
        "spec": { "includedNamespaces": ["shop"], "storageLocation": location },
        "status": { "phase": phase, "startTimestamp": began, "errors": 3, "expiration": "2099-01-01T00:00:00Z" },
    })
}

/// The objects of a cluster as YAML documents. JSON is YAML.
fn manifests() -> String {
    let mut manifests = crds_minimal() + FIXED;
    let mut expired = backup("expired", "main", "2025-01-01T02:00:00Z", "Completed");
    expired["status"]["expiration"] = json!("2025-02-01T00:00:00Z");
    let request = |name: &str, backup: &str, phase: &str| {
        json!({
            "apiVersion": "velero.io/v1", "kind": "DeleteBackupRequest",
            "metadata": { "name": name, "namespace": "velero" },
            "spec": { "backupName": backup }, "status": { "phase": phase, "errors": ["no such host"] },
        })
    };
    let mut cut_off = request("cut-cut00000", "cut", "InProgress");
    cut_off["metadata"]["creationTimestamp"] = json!("2026-01-01T02:00:00Z");
    for object in [
        expired,
        backup("good", "main", "2026-11-19T02:00:00Z", "Completed"),
        backup("partial", "main", "2026-11-20T02:00:00Z", "PartiallyFailed"),
        backup("running", "main", "2026-11-18T02:00:00Z", "InProgress"),
        backup("going", "main", "2026-11-17T02:00:00Z", "Deleting"),
        backup("asked", "main", "2026-11-16T02:00:00Z", "Completed"),
        backup("tried", "main", "2026-11-15T02:00:00Z", "Completed"),
        backup("old", "archive", "2026-10-01T02:00:00Z", "Completed"),
        backup("far", "offsite", "2026-10-02T02:00:00Z", "Completed"),
        backup("begun", "main", "2026-11-14T02:00:00Z", "Deleting"),
        backup("cut", "main", "2026-11-13T02:00:00Z", "Deleting"),
        request("asked-1", "asked", "New"),
        request("begun-1", "begun", "InProgress"),
        cut_off,
        request("tried-tried000", "tried", "Processed"),
        json!({
            "apiVersion": "velero.io/v1", "kind": "Restore", "metadata": { "name": "yesterday", "namespace": "velero" },
            "spec": { "backupName": "good" }, "status": { "phase": "Completed" },
        }),
    ] {
        manifests.extend(["---\n", &object.to_string(), "\n"]);
    }
    manifests
}

/// A cluster in which nothing is granted.
pub(crate) fn bare() -> Kit {
    Kit::from_manifests(&manifests())
}

const READ: &str = r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["velero"]"#;

const WRITE: &str = r#"api_groups = ["velero.io"], resources = ["backups", "restores", "schedules", "deletebackuprequests"], verbs = ["create", "patch"], namespaces = ["velero"]"#;

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    bare().grant(READ)
}

/// Everything is granted that is written, and nothing that is read.
pub(crate) fn blind() -> Kit {
    bare().grant(WRITE)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}
