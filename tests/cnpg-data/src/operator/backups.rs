//! A backup from its request to its end (`backup_controller.go`, `backup.go`), and what its cluster then says of it.

use serde_json::{Value, json};

use super::api::{Api, ours};
use crate::{clock::Clock, meta::condition, status::set_condition};

pub(super) fn step(api: &Api, backup: &Value) {
    let clock = Clock::at(std::time::SystemTime::now());
    let mut backup = ours(backup.clone(), "Backup");
    let (namespace, name) = (
        text(&backup["metadata"]["namespace"]),
        text(&backup["spec"]["cluster"]["name"]),
    );
    let cluster = api.get("Cluster", &namespace, &name);
    let method = backup["spec"]["method"]
        .as_str()
        .unwrap_or("barmanObjectStore")
        .to_owned();
    let status = &mut backup["status"];
    match (status["phase"].as_str(), cluster) {
        (None, None) => {
            let error =
                format!("Unknown cluster {name}: Cluster.postgresql.cnpg.io \"{name}\" not found");
            *status = json!({ "phase": "failed", "error": error, "snapshotBackupStatus": {} });
        }
        (None, Some(cluster)) => {
            let pod = cluster["status"]["currentPrimary"].clone();
            *status = json!({
                "phase": "started", "method": method, "snapshotBackupStatus": {},
                "majorVersion": cluster["status"]["pgDataImageInfo"]["majorVersion"],
                "instanceID": { "podName": pod, "ContainerID": "containerd://01" },
            });
        }
        (Some("started"), _) => {
            status["phase"] = json!("running");
            status["startedAt"] = json!(clock.ago(0));
            status["backupName"] = json!(format!("backup-{}", clock.compact(0)));
        }
        (Some("running"), Some(cluster)) => {
            status["phase"] = json!("completed");
            status["stoppedAt"] = json!(clock.ago(0));
            status["backupId"] = json!(clock.barman(0));
            tell(api, cluster, &method, &clock);
        }
        _ => return,
    }
    api.write_status(&backup);
}

/// Before the backup says that it is complete, so that whoever sees that sees this too.
fn tell(api: &Api, cluster: Value, method: &str, clock: &Clock) {
    let mut cluster = ours(cluster, "Cluster");
    let status = &mut cluster["status"];
    let at = clock.ago(0);
    let succeeded = "LastBackupSucceeded";
    let done = condition(
        succeeded,
        true,
        succeeded,
        "Backup was successful",
        at.clone(),
    );
    set_condition(status, done);
    if method != "plugin" {
        status["lastSuccessfulBackup"] = json!(at);
        status["lastSuccessfulBackupByMethod"][method] = json!(at);
        if status["firstRecoverabilityPoint"].is_null() {
            status["firstRecoverabilityPoint"] = json!(at);
            status["firstRecoverabilityPointByMethod"] = json!({ method: at });
        }
    }
    api.write_status(&cluster);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
