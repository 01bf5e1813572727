//! Where backups are kept, and what else belongs to an installation: repositories, an answer about the server's version.

use serde_json::{Value, json};

use crate::{
    VELERO, VELERO_DR,
    clock::{Clock, DAY, HOUR},
};

pub(crate) fn all(clock: &Clock) -> Vec<Value> {
    let mut offsite = storage(VELERO, "offsite", clock);
    offsite["status"]["phase"] = json!("Unavailable");
    offsite["status"]["lastSyncedTime"] = json!(clock.ago(5 * DAY + HOUR));
    offsite["status"]["message"] = json!(
        "BackupStorageLocation \"offsite\" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, \
         https response error StatusCode: 403, api error AccessDenied: Access Denied"
    );
    let mut archive = storage(VELERO, "archive", clock);
    archive["spec"]["accessMode"] = json!("ReadOnly");
    vec![
        default(VELERO, clock),
        offsite,
        archive,
        default(VELERO_DR, clock),
        snapshots("default", "eu-west-1", clock),
        snapshots("dr", "eu-central-1", clock),
        repository("shop", "default", "Ready", clock),
        repository("orders", "offsite", "NotReady", clock),
        server_status(clock),
    ]
}

fn default(namespace: &str, clock: &Clock) -> Value {
    let mut location = storage(namespace, "default", clock);
    location["spec"]["default"] = json!(true);
    location
}

fn storage(namespace: &str, name: &str, clock: &Clock) -> Value {
    json!({
        "apiVersion": "velero.io/v1", "kind": "BackupStorageLocation",
        "metadata": { "name": name, "namespace": namespace, "creationTimestamp": clock.ago(200 * DAY + HOUR) },
        "spec": {
            "provider": "aws", "accessMode": "ReadWrite", "config": { "region": "eu-west-1" },
            "objectStorage": { "bucket": format!("{namespace}-{name}"), "prefix": "prod" },
        },
        "status": { "phase": "Available", "lastSyncedTime": clock.ago(1), "lastValidationTime": clock.ago(1) },
    })
}

fn snapshots(name: &str, region: &str, clock: &Clock) -> Value {
    json!({
        "apiVersion": "velero.io/v1", "kind": "VolumeSnapshotLocation",
        "metadata": { "name": name, "namespace": VELERO, "creationTimestamp": clock.ago(200 * DAY + HOUR) },
        "spec": { "provider": "aws", "config": { "region": region } },
    })
}

fn repository(namespace: &str, location: &str, phase: &str, clock: &Clock) -> Value {
    let mut repository = json!({
        "apiVersion": "velero.io/v1", "kind": "BackupRepository",
        "metadata": {
            "name": format!("{namespace}-{location}-kopia"), "namespace": VELERO, "creationTimestamp": clock.ago(100 * DAY + HOUR),
            "labels": {
                "velero.io/repository-type": "kopia", "velero.io/storage-location": location,
                "velero.io/volume-namespace": namespace,
            },
        },
        "spec": {
            "backupStorageLocation": location, "maintenanceFrequency": "1h0m0s", "repositoryType": "kopia",
            "resticIdentifier": "", "volumeNamespace": namespace,
        },
        "status": { "phase": phase, "lastMaintenanceTime": clock.ago(30) },
    });
    if phase != "Ready" {
        repository["status"]["message"] = json!("error to connect to backup repo: Access Denied");
    }
    repository
}

fn server_status(clock: &Clock) -> Value {
    let plugins = ["aws", "pvc-backupper", "pvc-restorer"];
    json!({
        "apiVersion": "velero.io/v1", "kind": "ServerStatusRequest",
        "metadata": { "name": "velero-cli-7t4xq", "namespace": VELERO, "creationTimestamp": clock.ago(9 * HOUR + 30) },
        "spec": {},
        "status": {
            "phase": "Processed", "processedTimestamp": clock.ago(9 * HOUR + 30), "serverVersion": "v1.18.3",
            "plugins": plugins.map(|name| json!({
                "name": format!("velero.io/{name}"),
                "kind": if name == "aws" { "ObjectStore" } else if name == "pvc-backupper" { "BackupItemActionV2" } else { "RestoreItemActionV2" },
            })),
        },
    })
}
