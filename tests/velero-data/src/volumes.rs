//! What carries the data of volumes to a location: data uploads of snapshots, and pod volume backups of files.

use serde_json::{Value, json};

use crate::{
    claims::{GIB, VOLUMES, Volume},
    dice::Dice,
    schedules::Schedule,
};

/// So many of the newest backups of a schedule still have theirs; the older ones' were lost in a move to this cluster.
const NEWEST: usize = 3;

/// The volume whose data is on its way in a backup by hand.
pub(crate) const QUEUE: Volume = VOLUMES[5];
/// The one whose upload failed.
pub(crate) const LIBRARY: Volume = VOLUMES[8];

/// Of the newest backups of a schedule that have begun.
pub(crate) fn of_newest(backups: &[Value], schedule: &Schedule, dice: &mut Dice) -> Vec<Value> {
    let begun = backups
        .iter()
        .filter(|backup| backup["status"].get("startTimestamp").is_some());
    let mut objects = Vec::new();
    for (number, backup) in begun.take(NEWEST).enumerate() {
        for volume in VOLUMES.iter().filter(|volume| volume.in_backup(backup)) {
            if backup["spec"]["snapshotMoveData"] == true {
                let mut upload = moving(backup, volume, dice);
                finish(&mut upload, backup);
                // The backup of two nights ago failed in part.
                if number == 2 && volume.name == QUEUE.name {
                    fail(
                        &mut upload,
                        "data path backup failed: error taking snapshot: rate limited",
                    );
                }
                objects.push(upload);
            } else if backup["spec"]["defaultVolumesToFsBackup"] == true {
                let mut files = files(backup, volume, dice);
                finish(&mut files, backup);
                if schedule.name == "payments-12h" && number == 1 {
                    files["status"]["incrementalBytes"] = json!(0);
                }
                objects.push(files);
            }
        }
    }
    objects
}

fn bytes(volume: &Volume, dice: &mut Dice) -> u64 {
    volume.gib * GIB / 100 * dice.between(30, 80)
}

fn labels(backup: &Value, volume: &Volume) -> Value {
    json!({
        "velero.io/backup-name": backup["metadata"]["name"], "velero.io/backup-uid": backup["metadata"]["uid"],
        "velero.io/pvc-uid": volume.uid(),
    })
}

fn owner(backup: &Value) -> Value {
    json!([{
        "apiVersion": "velero.io/v1", "kind": "Backup", "controller": true,
        "name": backup["metadata"]["name"], "uid": backup["metadata"]["uid"],
    }])
}

fn named(backup: &Value, dice: &mut Dice) -> String {
    let name = backup["metadata"]["name"].as_str().unwrap_or_default();
    format!("{name}-{}", dice.suffix())
}

/// A data upload on its way, as `newDataUpload` of `pkg/backup/actions/csi/pvc_action.go` makes it.
pub(crate) fn moving(backup: &Value, volume: &Volume, dice: &mut Dice) -> Value {
    let total = bytes(volume, dice);
    let mut upload = json!({
        "apiVersion": "velero.io/v2alpha1", "kind": "DataUpload",
        "metadata": {
            "name": named(backup, dice), "namespace": backup["metadata"]["namespace"],
            "creationTimestamp": backup["metadata"]["creationTimestamp"],
            "labels": labels(backup, volume), "ownerReferences": owner(backup),
        },
        "spec": {
            "backupStorageLocation": backup["spec"]["storageLocation"], "operationTimeout": "10m0s", "snapshotType": "CSI",
            "sourceNamespace": volume.namespace, "sourcePVC": volume.name,
            "csiSnapshot": {
                "driver": "csi.example.com", "snapshotClass": "csi-snapshots", "storageClass": volume.class,
                "volumeSnapshot": format!("velero-{}-{}", volume.name, dice.suffix()),
            },
        },
        "status": {
            "phase": "InProgress", "node": "node-a", "nodeOS": "linux",
            "acceptedTimestamp": backup["metadata"]["creationTimestamp"],
            "startTimestamp": backup["status"]["startTimestamp"],
            "progress": { "bytesDone": total / 3, "totalBytes": total },
        },
    });
    let operation = format!("du-{}", dice.uid());
    upload["metadata"]["labels"]["velero.io/async-operation-id"] = json!(operation);
    upload
}

/// A pod volume backup on its way, as `newPodVolumeBackup` of `pkg/podvolume/backupper.go` makes it.
fn files(backup: &Value, volume: &Volume, dice: &mut Dice) -> Value {
    let total = bytes(volume, dice);
    json!({
        "apiVersion": "velero.io/v1", "kind": "PodVolumeBackup",
        "metadata": {
            "name": named(backup, dice), "namespace": backup["metadata"]["namespace"],
            "creationTimestamp": backup["metadata"]["creationTimestamp"],
            "labels": labels(backup, volume), "ownerReferences": owner(backup),
            "annotations": { "velero.io/pvc-name": volume.name },
        },
        "spec": {
            "backupStorageLocation": backup["spec"]["storageLocation"], "node": "node-a", "repoIdentifier": "",
            "uploaderType": "kopia", "volume": "data",
            "pod": { "kind": "Pod", "namespace": volume.namespace, "name": volume.pod },
            "tags": {
                "backup": backup["metadata"]["name"], "ns": volume.namespace, "pod": volume.pod, "volume": "data",
            },
        },
        "status": {
            "phase": "InProgress", "startTimestamp": backup["status"]["startTimestamp"],
            "progress": { "bytesDone": total / 3, "totalBytes": total },
        },
    })
}

fn finish(movement: &mut Value, backup: &Value) {
    let done = movement["status"]["progress"]["totalBytes"].clone();
    movement["status"]["phase"] = json!("Completed");
    movement["status"]["completionTimestamp"] = backup["status"]["completionTimestamp"].clone();
    movement["status"]["snapshotID"] = json!("9c0d4b7e21f3a856");
    movement["status"]["incrementalBytes"] = json!(done.as_u64().unwrap_or(0) / 50);
    movement["status"]["progress"]["bytesDone"] = done;
}

fn fail(movement: &mut Value, message: &str) {
    movement["status"]["phase"] = json!("Failed");
    movement["status"]["message"] = json!(message);
    movement["status"]["progress"]["bytesDone"] = json!(0);
    if let Some(status) = movement["status"].as_object_mut() {
        status.remove("snapshotID");
        status.remove("incrementalBytes");
    }
}
