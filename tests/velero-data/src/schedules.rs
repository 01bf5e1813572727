//! The schedules, and the backups that each has made over 90 days.

use serde_json::{Value, json};

use crate::{
    VELERO, VELERO_DR, backups,
    clock::{Clock, DAY, HOUR},
    dice::Dice,
};

/// One schedule. Durations are minutes.
pub(crate) struct Schedule {
    pub(crate) namespace: &'static str,
    pub(crate) name: &'static str,
    /// Between two backups; none where the cron expression is wrong.
    every: Option<i64>,
    /// Since its last backup.
    last: i64,
    /// How many there are.
    count: u32,
    paused: bool,
    included: &'static [&'static str],
    excluded: &'static [&'static str],
    /// What the template says besides.
    more: fn(&mut Value),
    location: &'static str,
    /// What is odd about one of its backups; 0 is the newest.
    odd: fn(u32, &mut Value),
}

fn usual(_: &mut Value) {}

fn good(_: u32, _: &mut Value) {}

pub(crate) const ALL: &[Schedule] = &[
    Schedule {
        namespace: VELERO,
        name: "apps-daily",
        every: Some(DAY),
        last: 10 * HOUR + 30,
        count: 90,
        paused: false,
        included: &["*"],
        excluded: &["kube-system", "velero", "velero-dr", "scratch", "legacy"],
        more: moves_data,
        location: "default",
        odd: |number, backup| {
            let attempted = json!(7);
            backup["status"]["backupItemOperationsAttempted"] = attempted.clone();
            backup["status"]["backupItemOperationsCompleted"] = attempted;
            match number {
                1 => backup["status"]["warnings"] = json!(2),
                2 => {
                    backups::partially_failed(backup, 3, 12);
                    backup["status"]["backupItemOperationsCompleted"] = json!(6);
                    backup["status"]["backupItemOperationsFailed"] = json!(1);
                }
                9 => backups::failed(
                    backup,
                    "found a backup with status \"InProgress\" during the server starting, mark it as \"Failed\"",
                ),
                23 | 61 => backups::partially_failed(backup, 1, 4),
                _ => {}
            }
        },
    },
    Schedule {
        namespace: VELERO,
        name: "cluster-weekly",
        every: Some(7 * DAY),
        last: 3 * DAY + 4 * HOUR + 30,
        count: 13,
        paused: false,
        included: &[],
        excluded: &[],
        more: |template| template["snapshotVolumes"] = json!(false),
        location: "default",
        odd: good,
    },
    Schedule {
        namespace: VELERO,
        name: "payments-12h",
        every: Some(12 * HOUR),
        last: 9 * HOUR + 30,
        count: 180,
        paused: false,
        included: &["payments"],
        excluded: &[],
        more: payments,
        location: "default",
        odd: |number, backup| {
            backup["status"]["hookStatus"] = json!({ "hooksAttempted": 2 });
            if number == 0 {
                backups::partially_failed(backup, 1, 0);
                backup["status"]["hookStatus"]["hooksFailed"] = json!(1);
            }
        },
    },
    Schedule {
        namespace: VELERO,
        name: "legacy-nightly",
        every: Some(DAY),
        last: 40 * DAY + 5 * HOUR,
        count: 50,
        paused: true,
        included: &["legacy"],
        excluded: &[],
        more: usual,
        location: "default",
        odd: good,
    },
    Schedule {
        namespace: VELERO,
        name: "orders-nightly",
        every: None,
        last: 0,
        count: 0,
        paused: false,
        included: &["orders"],
        excluded: &[],
        more: usual,
        location: "default",
        odd: good,
    },
    Schedule {
        namespace: VELERO,
        name: "offsite-daily",
        every: Some(DAY),
        last: 8 * HOUR + 30,
        count: 20,
        paused: false,
        included: &["shop", "orders"],
        excluded: &[],
        more: |template| template["defaultVolumesToFsBackup"] = json!(true),
        location: "offsite",
        odd: |number, backup| {
            if number < 5 {
                let why = "backup can't be created because BackupStorageLocation offsite is in Unavailable status.";
                backups::not_valid(backup, &[why]);
            }
        },
    },
    Schedule {
        namespace: VELERO_DR,
        name: "dr-daily",
        every: Some(DAY),
        last: 12 * HOUR + 30,
        count: 3,
        paused: false,
        included: &["shop"],
        excluded: &[],
        more: usual,
        location: "default",
        odd: good,
    },
];

fn moves_data(template: &mut Value) {
    template["snapshotMoveData"] = json!(true);
}

fn payments(template: &mut Value) {
    template["labelSelector"] = json!({ "matchLabels": { "backup": "yes" } });
    template["defaultVolumesToFsBackup"] = json!(true);
    let hook = |command: &str| {
        json!([{ "exec": {
            "container": "ledger", "command": ["/bin/ledger", command], "onError": "Continue", "timeout": "30s",
        } }])
    };
    template["hooks"] = json!({ "resources": [{
        "name": "quiesce", "includedNamespaces": ["payments"], "pre": hook("freeze"), "post": hook("thaw"),
    }] });
}

impl Schedule {
    /// The schedule itself.
    pub(crate) fn object(&self, clock: &Clock) -> Value {
        let cron = match self.every {
            Some(every) => clock.cron(every, self.last),
            None => "61 2 * * *".to_owned(),
        };
        let mut template = json!({
            "csiSnapshotTimeout": "0s", "hooks": {}, "itemOperationTimeout": "0s", "metadata": {},
            "storageLocation": self.location, "ttl": "2160h0m0s",
        });
        if !self.included.is_empty() {
            template["includedNamespaces"] = json!(self.included);
        }
        if !self.excluded.is_empty() {
            template["excludedNamespaces"] = json!(self.excluded);
        }
        (self.more)(&mut template);
        // `parseCronSchedule` of `schedule_controller.go`, with the words of robfig/cron.
        let status = match self.every {
            Some(_) => json!({ "phase": "Enabled", "lastBackup": clock.ago(self.last) }),
            None => json!({
                "phase": "FailedValidation",
                "validationErrors": ["invalid schedule: end of range (61) above maximum (59): 61"],
            }),
        };
        let mut object = json!({
            "apiVersion": "velero.io/v1", "kind": "Schedule",
            "metadata": { "name": self.name, "namespace": self.namespace, "creationTimestamp": clock.ago(200 * DAY + HOUR) },
            "spec": { "schedule": cron, "skipImmediately": false, "template": template, "useOwnerReferencesInBackup": false },
            "status": status,
        });
        if self.paused {
            object["spec"]["paused"] = json!(true);
        }
        object
    }

    /// Its backups, the newest first.
    pub(crate) fn backups(&self, clock: &Clock, dice: &mut Dice) -> Vec<Value> {
        let every = self.every.unwrap_or(DAY);
        let one = |number: u32| {
            let ago = self.last + every * i64::from(number);
            let name = format!("{}-{}", self.name, clock.stamp(ago));
            let mut backup = backups::completed(self.namespace, &name, ago, clock, dice);
            backups::of_schedule(&mut backup, self.name);
            backups::at(&mut backup, self.location);
            let spec = &mut backup["spec"];
            if !self.included.is_empty() {
                spec["includedNamespaces"] = json!(self.included);
            }
            if !self.excluded.is_empty() {
                spec["excludedNamespaces"] = json!([self.excluded, &[backups::KEPT_OUT]].concat());
            }
            (self.more)(spec);
            (self.odd)(number, &mut backup);
            backup
        };
        (0..self.count).map(one).collect()
    }
}
