//! A restore in each phase that Velero has, and what carries the data of two of them.

use serde_json::{Value, json};

use crate::{
    VELERO,
    clock::{Clock, DAY, HOUR},
};

/// Name, of which backup, how long ago in hours, phase.
const ALL: [(&str, &str, i64, &str); 10] = [
    ("shop-drill", "shop-before-upgrade", 19 * 24, "Completed"),
    ("shop-to-test", "shop-before-upgrade", 18 * 24, "Completed"),
    (
        "payments-drill",
        "shop-before-upgrade",
        17 * 24,
        "PartiallyFailed",
    ),
    ("orders-try", "orders-older", 16 * 24, "Failed"),
    ("offsite-try", "offsite-first", 15 * 24, "FailedValidation"),
    ("media-back", "orders-older", 26, "InProgress"),
    (
        "shop-moving",
        "shop-before-upgrade",
        9,
        "WaitingForPluginOperations",
    ),
    (
        "shop-moving-badly",
        "shop-before-upgrade",
        9,
        "WaitingForPluginOperationsPartiallyFailed",
    ),
    ("shop-closing", "shop-before-upgrade", 9, "Finalizing"),
    (
        "shop-closing-badly",
        "shop-before-upgrade",
        9,
        "FinalizingPartiallyFailed",
    ),
];

pub(crate) fn all(clock: &Clock) -> Vec<Value> {
    let mut objects: Vec<_> = ALL
        .iter()
        .map(|(name, backup, hours, phase)| restore(name, backup, hours * HOUR + 30, phase, clock))
        .collect();
    let mut new = restore(
        "shop-next",
        "shop-before-upgrade",
        8 * HOUR + 30,
        "New",
        clock,
    );
    new["status"] = json!({});
    let mut by_schedule = restore("apps-latest", "", 2 * DAY + HOUR, "Completed", clock);
    by_schedule["spec"]["scheduleName"] = json!("apps-daily");
    by_schedule["spec"]["existingResourcePolicy"] = json!("update");
    by_schedule["spec"]["includedNamespaces"] = json!(["shop"]);
    objects.extend([new, by_schedule, download(clock), pod_volume(clock)]);
    objects
}

fn restore(name: &str, backup: &str, ago: i64, phase: &str, clock: &Clock) -> Value {
    // What `prepareRestore` of `restore_controller.go` leaves in the spec: these are never restored.
    let excluded = [
        "nodes",
        "events",
        "events.events.k8s.io",
        "backups.velero.io",
        "restores.velero.io",
        "resticrepositories.velero.io",
        "csinodes.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "backuprepositories.velero.io",
    ];
    let mut restore = json!({
        "apiVersion": "velero.io/v1", "kind": "Restore",
        "metadata": { "name": name, "namespace": VELERO, "creationTimestamp": clock.ago(ago) },
        "spec": {
            "backupName": backup, "excludedResources": excluded, "hooks": {}, "includedNamespaces": ["*"],
            "itemOperationTimeout": "4h0m0s",
        },
        "status": {
            "phase": phase, "startTimestamp": clock.ago(ago), "hookStatus": {},
            "progress": { "totalItems": 48, "itemsRestored": 48 },
        },
    });
    if name == "shop-to-test" {
        restore["spec"]["namespaceMapping"] = json!({ "shop": "shop-test" });
        restore["spec"]["restorePVs"] = json!(true);
    }
    let status = &mut restore["status"];
    match phase {
        "Completed" => status["warnings"] = json!(2),
        "PartiallyFailed" => {
            status["warnings"] = json!(7);
            status["errors"] = json!(3);
            status["hookStatus"] = json!({ "hooksAttempted": 1, "hooksFailed": 1 });
        }
        "Failed" => {
            status["failureReason"] = json!(
                "found a restore with status \"InProgress\" during the server starting, mark it as \"Failed\""
            );
        }
        "FailedValidation" => {
            *status = json!({
                "phase": phase,
                "validationErrors": ["The BSL offsite is unavailable, cannot retrieve the backup"],
            });
        }
        _ => {
            status["progress"]["itemsRestored"] = json!(17);
            if phase.ends_with("PartiallyFailed") {
                status["errors"] = json!(1);
            }
            if phase != "InProgress" {
                status["restoreItemOperationsAttempted"] = json!(2);
                status["restoreItemOperationsCompleted"] = json!(1);
            }
        }
    }
    if matches!(phase, "Completed" | "PartiallyFailed" | "Failed") {
        status["completionTimestamp"] = json!(clock.ago(ago - 4));
    }
    restore
}

fn download(clock: &Clock) -> Value {
    json!({
        "apiVersion": "velero.io/v2alpha1", "kind": "DataDownload",
        "metadata": {
            "name": "shop-moving-k8x2p", "namespace": VELERO, "creationTimestamp": clock.ago(9 * HOUR + 28),
            "labels": { "velero.io/restore-name": "shop-moving" },
        },
        "spec": {
            "backupStorageLocation": "default", "operationTimeout": "10m0s", "snapshotID": "b3f2c5a1d9e84c60",
            "sourceNamespace": "shop",
            "targetVolume": { "namespace": "shop", "pv": "", "pvc": "data-postgres-0" },
        },
        "status": {
            "phase": "InProgress", "node": "node-a", "startTimestamp": clock.ago(9 * HOUR + 27),
            "progress": { "bytesDone": 4_294_967_296_u64, "totalBytes": 21_474_836_480_u64 },
        },
    })
}

fn pod_volume(clock: &Clock) -> Value {
    json!({
        "apiVersion": "velero.io/v1", "kind": "PodVolumeRestore",
        "metadata": {
            "name": "payments-drill-w7c4d", "namespace": VELERO, "creationTimestamp": clock.ago(17 * DAY + 28),
            "labels": { "velero.io/restore-name": "payments-drill" },
        },
        "spec": {
            "backupStorageLocation": "default", "repoIdentifier": "", "snapshotID": "77d1e0c2a4f65b38",
            "sourceNamespace": "payments", "uploaderType": "kopia", "volume": "data",
            "pod": { "kind": "Pod", "namespace": "payments", "name": "ledger-0" },
        },
        "status": {
            "phase": "Failed", "node": "node-b", "message": "data path restore failed: no space left on device",
            "startTimestamp": clock.ago(17 * DAY + 27), "completionTimestamp": clock.ago(17 * DAY + 25),
            "progress": { "bytesDone": 1_073_741_824_u64, "totalBytes": 53_687_091_200_u64 },
        },
    })
}
