//! Schedules and the backups that they have made, by each of the three methods (`backup_types.go`, `scheduledbackup_controller.go`).

use serde_json::{Value, json};

use crate::{
    clock::{DAY, HOUR},
    cluster::{Group, Made},
    instances,
    meta::{API, SECRET_MARK, condition, encoded, extend, owned, remove},
    spec,
    status::set_condition,
};

/// How a cluster is backed up.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Method {
    ObjectStore,
    Plugin,
    Snapshot,
}

/// The name of the barman-cloud plugin, in `spec.plugins` and in backups.
pub(crate) const PLUGIN: &str = "barman-cloud.cloudnative-pg.io";

/// Nightly backups, the last one so many minutes ago and 29 before it.
pub(crate) struct Nightly<'a> {
    pub(crate) of: &'a Made<'a>,
    pub(crate) method: Method,
    pub(crate) last: i64,
    /// How many of the newest have failed, and why.
    pub(crate) failed: i64,
    pub(crate) error: &'static str,
}

const KEPT: i64 = 30;

impl Nightly<'_> {
    /// Adds the schedule and its backups to the group, and says in the cluster's status what the operator says of them.
    pub(crate) fn add_to(&self, group: &mut Group) {
        self.configure(group);
        group.others.push(self.schedule());
        group
            .others
            .extend((0..KEPT).map(|number| self.backup(number)));
        self.tell(group.status());
    }

    fn name(&self) -> String {
        format!("{}-daily", self.of.at.name)
    }

    fn method(&self) -> &'static str {
        match self.method {
            Method::ObjectStore => "barmanObjectStore",
            Method::Plugin => "plugin",
            Method::Snapshot => "volumeSnapshot",
        }
    }

    fn configure(&self, group: &mut Group) {
        let cluster = self.of.at.name;
        match self.method {
            Method::ObjectStore => group.spec()["backup"] = spec::object_store(cluster),
            Method::Plugin => {
                group.spec()["plugins"] = json!([{
                    "name": PLUGIN, "enabled": true, "isWALArchiver": true,
                    "parameters": { "barmanObjectName": format!("{cluster}-store") },
                }]);
                group.status()["pluginStatus"] = json!([{
                    "name": PLUGIN, "version": "0.9.0", "capabilities": ["TYPE_RECONCILER_HOOKS", "TYPE_LIFECYCLE_SERVICE"],
                    "walCapabilities": ["TYPE_ARCHIVE_WAL", "TYPE_RESTORE_WAL"], "backupCapabilities": ["TYPE_BACKUP"],
                    "restoreJobHookCapabilities": ["KIND_RESTORE"],
                }]);
            }
            Method::Snapshot => {
                group.spec()["backup"] = json!({
                    "target": "prefer-standby",
                    "volumeSnapshot": {
                        "className": "csi-snapshots", "online": true, "snapshotOwnerReference": "none",
                        "onlineConfiguration": { "immediateCheckpoint": false, "waitForArchive": true },
                    },
                });
            }
        }
    }

    fn schedule(&self) -> Value {
        let (of, clock) = (self.of, self.of.clock);
        let mut spec = json!({
            "backupOwnerReference": "self", "cluster": { "name": of.at.name }, "method": self.method(),
            "schedule": clock.daily(self.last),
        });
        if self.method == Method::Plugin {
            spec["pluginConfiguration"] = json!({ "name": PLUGIN });
        }
        json!({
            "apiVersion": API, "kind": "ScheduledBackup",
            "metadata": {
                "name": self.name(), "namespace": of.at.namespace, "generation": 1,
                "creationTimestamp": clock.ago(of.since(HOUR)),
            },
            "spec": spec,
            "status": {
                "lastCheckTime": clock.ago(self.last), "lastScheduleTime": clock.ago(self.last),
                "nextScheduleTime": clock.ago(self.last - DAY),
            },
        })
    }

    /// The newest has number 0.
    fn backup(&self, number: i64) -> Value {
        let (of, clock) = (self.of, self.of.clock);
        let ago = self.last + number * DAY;
        // prefer-standby: the newest one of them.
        let serial = of.instances;
        let name = format!("{}-{}", self.name(), clock.compact(ago));
        let mut spec = json!({ "cluster": { "name": of.at.name }, "method": self.method() });
        if self.method == Method::Plugin {
            spec["pluginConfiguration"] = json!({ "name": PLUGIN });
        }
        let mut backup = json!({
            "apiVersion": API, "kind": "Backup",
            "metadata": {
                "name": name, "namespace": of.at.namespace, "generation": 1, "creationTimestamp": clock.ago(ago),
                "labels": {
                    "cnpg.io/cluster": of.at.name, "cnpg.io/immediateBackup": "false", "cnpg.io/scheduled-backup": self.name(),
                },
                "ownerReferences": owned(API, "ScheduledBackup", &self.name()),
            },
            "spec": spec,
            "status": {
                "phase": "completed", "method": self.method(), "snapshotBackupStatus": {}, "majorVersion": of.major(),
                "instanceID": { "podName": of.instance(serial), "ContainerID": instances::container(of, serial) },
                "startedAt": clock.ago(ago), "stoppedAt": clock.ago(ago - 4),
            },
        });
        self.place(&mut backup["status"], number, &name);
        if number < self.failed {
            fail(&mut backup["status"], self.error);
        }
        backup
    }

    /// Where a backup is, and from which WAL to which.
    fn place(&self, status: &mut Value, number: i64, name: &str) {
        let (of, clock) = (self.of, self.of.clock);
        let ago = self.last + number * DAY;
        // Ten WAL files a day.
        let segment = 0x40 + (KEPT - number) * 10;
        let wal = format!("0000000100000000{segment:08X}");
        let of_barman = json!({
            "backupId": clock.barman(ago), "backupName": format!("backup-{}", clock.compact(ago)),
            "beginWal": wal, "endWal": wal, "beginLSN": format!("0/{segment:X}000028"), "endLSN": format!("0/{segment:X}000158"),
        });
        match self.method {
            Method::ObjectStore => {
                extend(status, of_barman);
                extend(
                    status,
                    json!({
                        "destinationPath": format!("s3://backups/{}", of.at.name),
                        "endpointURL": "https://s3.storage.example:9000", "serverName": of.at.name,
                        "s3Credentials": spec::credentials(),
                    }),
                );
            }
            Method::Plugin => {
                extend(status, of_barman);
                extend(
                    status,
                    json!({
                        "online": true,
                        "pluginMetadata": { "name": PLUGIN, "version": "0.9.0", "timeline": "1", "displayName": "BarmanCloudInstance" },
                    }),
                );
            }
            Method::Snapshot => {
                let label = format!("START WAL LOCATION: 0/{segment:X}000028 (file {wal})\n");
                extend(
                    status,
                    json!({
                        "online": true, "backupLabelFile": encoded(&label), "beginWal": wal, "endWal": wal,
                        "beginLSN": format!("0/{segment:X}000028"), "endLSN": format!("0/{segment:X}000158"),
                        "snapshotBackupStatus": { "elements": [{ "name": name, "type": "PG_DATA" }] },
                    }),
                );
            }
        }
    }

    /// What the cluster's status says of all that (`UpdateBackupTimes`, `cluster_conditions.go`). The times are not set for a plugin.
    fn tell(&self, status: &mut Value) {
        let clock = self.of.clock;
        let done = self.last - 4;
        if self.method != Method::Plugin {
            let good = clock.ago(done + self.failed * DAY);
            let first = clock.ago(done + (KEPT - 1) * DAY);
            let method = self.method();
            status["firstRecoverabilityPoint"] = json!(first);
            status["firstRecoverabilityPointByMethod"] = json!({ method: first });
            status["lastSuccessfulBackup"] = json!(good);
            status["lastSuccessfulBackupByMethod"] = json!({ method: good });
        }
        if self.failed == 0 {
            let at = clock.ago(done);
            set_condition(
                status,
                condition(
                    "LastBackupSucceeded",
                    true,
                    "LastBackupSucceeded",
                    "Backup was successful",
                    at,
                ),
            );
        } else {
            let at = clock.ago(done + (self.failed - 1) * DAY);
            status["lastFailedBackup"] = json!(clock.ago(done));
            set_condition(
                status,
                condition(
                    "LastBackupSucceeded",
                    false,
                    "LastBackupFailed",
                    self.error,
                    at,
                ),
            );
        }
    }
}

/// Has it have failed (`SetAsFailed`, `backup_funcs.go`); what it would have ended with is not there.
fn fail(status: &mut Value, error: &str) {
    status["phase"] = json!("failed");
    status["error"] = json!(error);
    for member in [
        "stoppedAt",
        "backupId",
        "beginWal",
        "endWal",
        "beginLSN",
        "endLSN",
    ] {
        remove(status, member);
    }
}

/// A backup that somebody has asked for and that runs.
pub(crate) fn running(of: &Made<'_>, name: &str, ago: i64) -> Value {
    json!({
        "apiVersion": API, "kind": "Backup",
        "metadata": {
            "name": name, "namespace": of.at.namespace, "generation": 1, "creationTimestamp": of.clock.ago(ago),
            "labels": { "cnpg.io/cluster": of.at.name },
        },
        "spec": { "cluster": { "name": of.at.name }, "method": "barmanObjectStore", "target": "primary" },
        "status": {
            "phase": "running", "method": "barmanObjectStore", "snapshotBackupStatus": {}, "majorVersion": of.major(),
            "backupName": format!("backup-{}", of.clock.compact(ago)), "serverName": of.at.name,
            "destinationPath": format!("s3://backups/{}", of.at.name), "endpointURL": "https://s3.storage.example:9000",
            "s3Credentials": spec::credentials(),
            "instanceID": { "podName": of.instance(1), "ContainerID": instances::container(of, 1) },
        },
    })
}

/// What a failed backup to an object store says, with what a careless client of it might print.
pub(crate) const REFUSED: &str = "encountered an error while taking the backup: exit status 1";

/// For the log of such a failure.
pub(crate) fn refused_in_log() -> String {
    format!(
        "ERROR: Barman cloud backup exception: An error occurred (AccessDenied) when calling the CreateMultipartUpload operation: \
         AWS_SECRET_ACCESS_KEY=key-{SECRET_MARK}"
    )
}
