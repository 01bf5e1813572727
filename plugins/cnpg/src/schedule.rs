//! Scheduled backups: what they do, when they are due, and what became of the backups that they made.
//!
//! When one is due follows the operator's own reckoning (`ReconcileScheduledBackup` in
//! `internal/controller/scheduledbackup_controller.go`): the first time behind the last check, none while it is suspended.

mod history;

pub(crate) use history::{Histories, History};

use crate::cron::Cron;
use crate::kinds::cnpg;
use crate::row;
use bulkhead_plugin_sdk::kubernetes::ResourceType;
use bulkhead_plugin_sdk::{Failure, Place, Row, Time};

/// A schedule that is due for longer has nobody who looks at it, or its method is not served.
const LATE_SECONDS: i64 = 10 * 60;

/// What is read of each schedule, in the order of [`Schedule::read`].
const PATHS: [&str; 10] = [
    "metadata.name",
    "metadata.namespace",
    "spec.schedule",
    "spec.cluster.name",
    "spec.method",
    "spec.pluginConfiguration.name",
    "spec.suspend",
    "spec.backupOwnerReference",
    "status.lastCheckTime",
    "status.lastScheduleTime",
];

/// `scheduledbackups.postgresql.cnpg.io`.
pub(crate) fn scheduled_backups() -> ResourceType {
    cnpg("scheduledbackups")
}

/// A schedule.
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// The cron expression as it is written.
    pub(crate) cron: String,
    pub(crate) cluster: String,
    pub(crate) method: String,
    pub(crate) plugin: String,
    pub(crate) suspended: bool,
    pub(crate) owner: String,
    /// When the operator last looked at it; none where it never has.
    pub(crate) checked: Option<Time>,
    /// When it last made a backup.
    pub(crate) last: Option<Time>,
}

/// What a schedule does, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It makes no backup as it is written.
    Invalid,
    /// There is no cluster of that name.
    NoCluster,
    /// The newest backup that ended has failed.
    Failing,
    /// It should have made a backup by now.
    Late,
    Suspended,
    /// The operator has not looked at it yet.
    New,
    Active,
}

impl State {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Invalid => "Invalid",
            Self::NoCluster => "NoCluster",
            Self::Failing => "Failing",
            Self::Late => "Late",
            Self::Suspended => "Suspended",
            Self::New => "New",
            Self::Active => "Active",
        }
    }

    /// Returns where it stands in a list: what is worst has the least.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Invalid => 0,
            Self::NoCluster => 1,
            Self::Failing => 2,
            Self::Late => 3,
            Self::Suspended => 4,
            Self::New => 5,
            Self::Active => 6,
        }
    }
}

impl Schedule {
    fn read(row: &Row) -> Self {
        let text = |at| row.text(at).to_owned();
        Self {
            name: text(0),
            namespace: text(1),
            cron: text(2),
            cluster: text(3),
            method: text(4),
            plugin: text(5),
            suspended: row.flag(6).unwrap_or(false),
            owner: text(7),
            checked: row.time(8),
            last: row.time(9),
        }
    }

    /// When it makes the next backup, which may be past; none where it makes none, or where nobody has looked at it yet.
    pub(crate) fn next(&self) -> Option<Time> {
        if self.suspended {
            return None;
        }
        Cron::parse(&self.cron).ok()?.next(self.checked?)
    }

    /// Says when it runs in words; empty where it is no expression.
    pub(crate) fn words(&self) -> String {
        Cron::parse(&self.cron).map_or_else(|_| String::new(), |cron| cron.words())
    }

    /// Says why it makes no backup as it is written.
    pub(crate) fn fault(&self) -> String {
        match Cron::parse(&self.cron) {
            Ok(cron) => format!("it would run {}, which never comes", cron.words()),
            Err(failure) => failure.message().to_owned(),
        }
    }

    /// Returns what it does. `has_cluster` is none where that is not known.
    pub(crate) fn state(
        &self,
        history: Option<&History>,
        has_cluster: Option<bool>,
        now: Time,
    ) -> State {
        let never = match Cron::parse(&self.cron) {
            Err(_) => true,
            Ok(cron) => cron.next(now).is_none(),
        };
        let late = self
            .next()
            .is_some_and(|next| now.seconds() - next.seconds() > LATE_SECONDS);
        if never {
            State::Invalid
        } else if has_cluster == Some(false) {
            State::NoCluster
        } else if self.suspended {
            State::Suspended
        } else if history.is_some_and(History::has_failed_last) {
            State::Failing
        } else if late {
            State::Late
        } else if self.checked.is_none() {
            State::New
        } else {
            State::Active
        }
    }
}

/// Shows each schedule of a place to `visit`.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn each(place: &Place, visit: &mut dyn FnMut(Schedule)) -> Result<(), Failure> {
    row::each(&place.query(scheduled_backups()), &PATHS, &mut |row| {
        visit(Schedule::read(&row));
        Ok(())
    })
}
