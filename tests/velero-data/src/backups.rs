//! One backup, as Velero writes it when it has ended well, and what makes another of it.

use serde_json::{Value, json};

use crate::{
    clock::{Clock, HOUR},
    dice::Dice,
};

/// How long a backup is kept, in minutes: 90 days.
pub(crate) const KEPT: i64 = 90 * 24 * HOUR;

/// The namespace that its own label keeps out of every backup: Velero writes it into each `spec`
/// (`prepareBackupRequest`, `backup_controller.go`).
pub(crate) const KEPT_OUT: &str = "sandbox";

/// A good backup of all namespaces to the location `default`, begun so many minutes ago.
pub(crate) fn completed(
    namespace: &str,
    name: &str,
    ago: i64,
    clock: &Clock,
    dice: &mut Dice,
) -> Value {
    let items = dice.between(900, 1400);
    json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": {
            "name": name, "namespace": namespace, "uid": dice.uid(), "creationTimestamp": clock.ago(ago),
            "labels": { "velero.io/storage-location": "default" },
            "annotations": {
                "velero.io/resource-timeout": "10m0s",
                "velero.io/source-cluster-k8s-gitversion": "v1.36.3",
                "velero.io/source-cluster-k8s-major-version": "1",
                "velero.io/source-cluster-k8s-minor-version": "36",
            },
        },
        "spec": {
            "csiSnapshotTimeout": "10m0s", "defaultVolumesToFsBackup": false, "excludedNamespaces": [KEPT_OUT], "hooks": {},
            "includedNamespaces": ["*"], "itemOperationTimeout": "4h0m0s", "metadata": {}, "snapshotMoveData": false,
            "storageLocation": "default", "ttl": "2160h0m0s",
            "volumeGroupSnapshotLabelKey": "velero.io/volume-group",
        },
        "status": {
            "phase": "Completed", "version": 1, "formatVersion": "1.1.0",
            "startTimestamp": clock.ago(ago), "completionTimestamp": clock.ago(ago - dice.minutes(2, 9)),
            "expiration": clock.ago(ago - KEPT),
            "progress": { "totalItems": items, "itemsBackedUp": items }, "hookStatus": {},
        },
    })
}

/// Says which schedule made it.
pub(crate) fn of_schedule(backup: &mut Value, schedule: &str) {
    backup["metadata"]["labels"]["velero.io/schedule-name"] = json!(schedule);
}

/// Says where it is kept.
pub(crate) fn at(backup: &mut Value, location: &str) {
    backup["metadata"]["labels"]["velero.io/storage-location"] = json!(location);
    backup["spec"]["storageLocation"] = json!(location);
}

/// Has some of it failed.
pub(crate) fn partially_failed(backup: &mut Value, errors: u64, warnings: u64) {
    backup["status"]["phase"] = json!("PartiallyFailed");
    backup["status"]["errors"] = json!(errors);
    backup["status"]["warnings"] = json!(warnings);
}

/// Has it fail after it began.
pub(crate) fn failed(backup: &mut Value, reason: &str) {
    backup["status"]["phase"] = json!("Failed");
    backup["status"]["failureReason"] = json!(reason);
}

/// Has it never begin: Velero refused it as it was written.
pub(crate) fn not_valid(backup: &mut Value, errors: &[&str]) {
    let expiration = backup["status"]["expiration"].take();
    backup["status"] = json!({
        "phase": "FailedValidation", "version": 1, "formatVersion": "1.1.0", "expiration": expiration, "validationErrors": errors,
    });
}

/// Has it not ended yet.
pub(crate) fn running(backup: &mut Value, phase: &str, items: u64) {
    let status = &mut backup["status"];
    status["phase"] = json!(phase);
    status["progress"]["itemsBackedUp"] = json!(items);
    if let Some(status) = status.as_object_mut() {
        status.remove("completionTimestamp");
    }
}
