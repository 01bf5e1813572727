//! What was made by hand, is stuck, has expired or is being deleted: with the schedules' backups, every phase of a backup.

use serde_json::{Value, json};

use crate::{
    VELERO, backups,
    clock::{Clock, DAY, HOUR},
    dice::Dice,
    volumes,
};

pub(crate) fn all(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut objects = ended(clock, dice);
    objects.extend(under_way(clock, dice));
    objects.extend(deletions(clock, dice));
    objects
}

fn by_hand(name: &str, ago: i64, namespace: &str, clock: &Clock, dice: &mut Dice) -> Value {
    let mut backup = backups::completed(VELERO, name, ago, clock, dice);
    backup["spec"]["includedNamespaces"] = json!([namespace]);
    backup
}

fn ended(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut good = by_hand("shop-before-upgrade", 20 * DAY + HOUR, "shop", clock, dice);
    good["spec"]["snapshotVolumes"] = json!(true);
    good["spec"]["volumeSnapshotLocations"] = json!(["default"]);
    good["status"]["volumeSnapshotsAttempted"] = json!(2);
    good["status"]["volumeSnapshotsCompleted"] = json!(2);

    let mut failed = by_hand("payments-export", 12 * DAY + HOUR, "payments", clock, dice);
    backups::failed(
        &mut failed,
        "backup execution failed: error uploading backup: context deadline exceeded",
    );

    let mut read_only = by_hand("shop-to-archive", 11 * DAY + HOUR, "shop", clock, dice);
    backups::at(&mut read_only, "archive");
    let why = "backup can't be created because backup storage location archive is currently in read-only mode";
    backups::not_valid(&mut read_only, &[why]);

    let mut both = by_hand(
        "shop-both-selectors",
        11 * DAY + 2 * HOUR,
        "shop",
        clock,
        dice,
    );
    both["spec"]["labelSelector"] = json!({ "matchLabels": { "app": "web" } });
    both["spec"]["orLabelSelectors"] = json!([{ "matchLabels": { "app": "api" } }]);
    let why = "encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified";
    backups::not_valid(&mut both, &[why]);

    // Velero's garbage collection runs once an hour (`gc_controller.go`), and waits for an available location.
    let mut expired = by_hand("offsite-first", 30 * DAY + HOUR, "shop", clock, dice);
    backups::at(&mut expired, "offsite");
    expired["spec"]["ttl"] = json!("480h0m0s");
    expired["status"]["expiration"] = json!(clock.ago(10 * DAY + HOUR));
    vec![good, failed, read_only, both, expired]
}

fn under_way(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut objects = Vec::new();
    // Whatever writes no status has seen nobody yet.
    for (name, phase) in [
        ("media-now", None),
        ("media-next", Some("Queued")),
        ("media-then", Some("ReadyToStart")),
    ] {
        let mut backup = by_hand(name, 8 * HOUR + 30, "media", clock, dice);
        backup["status"] = phase.map_or(json!({}), |phase| json!({ "phase": phase }));
        if phase == Some("Queued") {
            backup["status"]["queuePosition"] = json!(1);
        }
        objects.push(backup);
    }
    for (name, hours, phase) in [
        ("shop-stuck", 26, "InProgress"),
        ("orders-moving", 9, "WaitingForPluginOperations"),
        (
            "media-moving",
            9,
            "WaitingForPluginOperationsPartiallyFailed",
        ),
        ("orders-closing", 9, "Finalizing"),
        ("media-closing", 9, "FinalizingPartiallyFailed"),
    ] {
        let (namespace, _) = name.split_once('-').expect("each begins with a namespace");
        let mut backup = by_hand(name, hours * HOUR + 30, namespace, clock, dice);
        let items = dice.between(200, 800);
        backups::running(&mut backup, phase, items);
        backup["spec"]["snapshotMoveData"] = json!(true);
        if phase.ends_with("PartiallyFailed") {
            backup["status"]["errors"] = json!(1);
        }
        if phase != "InProgress" {
            backup["status"]["backupItemOperationsAttempted"] = json!(1);
        }
        match phase {
            "WaitingForPluginOperations" => {
                objects.push(volumes::moving(&backup, &volumes::QUEUE, dice));
            }
            "WaitingForPluginOperationsPartiallyFailed" => {
                let mut upload = volumes::moving(&backup, &volumes::LIBRARY, dice);
                upload["spec"]["cancel"] = json!(true);
                upload["status"]["phase"] = json!("Canceling");
                objects.push(upload);
            }
            "Finalizing" => backup["status"]["backupItemOperationsCompleted"] = json!(1),
            "FinalizingPartiallyFailed" => {
                backup["status"]["backupItemOperationsFailed"] = json!(1);
            }
            _ => {}
        }
        objects.push(backup);
    }
    objects
}

fn deletions(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut going = by_hand("orders-old", 50 * DAY + HOUR, "orders", clock, dice);
    going["status"]["phase"] = json!("Deleting");
    let staying = by_hand("orders-older", 55 * DAY + HOUR, "orders", clock, dice);
    let mut objects = vec![
        deletion(&going, "InProgress", 1, clock, dice),
        deletion(&staying, "Processed", 26, clock, dice),
    ];
    objects[1]["status"]["errors"] = json!([
        "rpc error: code = Unknown desc = operation error S3: DeleteObject, api error AccessDenied: Access Denied"
    ]);
    objects.extend([going, staying]);
    objects
}

/// As `NewDeleteBackupRequest` of `pkg/backup/delete_helpers.go` makes it.
fn deletion(backup: &Value, phase: &str, hours: i64, clock: &Clock, dice: &mut Dice) -> Value {
    let name = backup["metadata"]["name"].as_str().unwrap_or_default();
    json!({
        "apiVersion": "velero.io/v1", "kind": "DeleteBackupRequest",
        "metadata": {
            "name": format!("{name}-{}", dice.suffix()), "namespace": VELERO, "creationTimestamp": clock.ago(hours * HOUR + 30),
            "labels": { "velero.io/backup-name": name, "velero.io/backup-uid": backup["metadata"]["uid"] },
        },
        "spec": { "backupName": name },
        "status": { "phase": phase },
    })
}
