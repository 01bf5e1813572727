//! Schedules, which backups they made, and whether they do what they are there for.

mod history;

pub(crate) use history::{Histories, History};

use crate::cron::Cron;
use crate::kinds::schedules;
use crate::phase::Meaning;
use crate::row;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Object, Row, Time};

/// The paths of a [`Schedule`], in the order in which it reads them.
const PATHS: [&str; 12] = [
    "metadata.name",
    "metadata.creationTimestamp",
    "spec.schedule",
    "spec.paused",
    "spec.template.includedNamespaces",
    "spec.template.excludedNamespaces",
    "spec.template.storageLocation",
    "spec.template.ttl",
    "status.phase",
    "status.lastBackup",
    "status.lastSkipped",
    "status.validationErrors",
];

/// Velero looks at its schedules every minute (`pkg/controller/schedule_controller.go` of 1.18); what is late by so many seconds
/// is not only between two looks.
const LATE_SECONDS: i64 = 600;

/// A schedule in a list. Its template is a backup's `spec`.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) created: Option<Time>,
    pub(crate) cron: String,
    pub(crate) paused: bool,
    /// As written: none of them means all.
    pub(crate) included: Vec<String>,
    pub(crate) excluded: Vec<String>,
    pub(crate) location: String,
    pub(crate) ttl: String,
    /// As Velero wrote it; empty where it was not looked at yet.
    pub(crate) phase: String,
    /// When it last made a backup: a time, never a name.
    pub(crate) last_backup: Option<Time>,
    /// When it was last told not to make one.
    pub(crate) last_skipped: Option<Time>,
    pub(crate) errors: Vec<String>,
}

/// What a schedule does, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It makes no backup as it is written.
    Invalid,
    /// Its newest backups failed.
    Failing,
    /// It should have made a backup long ago.
    Late,
    /// Its newest backups failed in part.
    PartiallyFailing,
    Paused,
    /// Nobody has looked at it yet.
    New,
    Enabled,
}

impl State {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Invalid => "FailedValidation",
            Self::Failing => "Failing",
            Self::Late => "Late",
            Self::PartiallyFailing => "PartiallyFailing",
            Self::Paused => "Paused",
            Self::New => "New",
            Self::Enabled => "Enabled",
        }
    }

    /// Returns where it stands in a list: what is worst has the least.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Invalid => 0,
            Self::Failing => 1,
            Self::Late => 2,
            Self::PartiallyFailing => 3,
            Self::Paused => 4,
            Self::New => 5,
            Self::Enabled => 6,
        }
    }
}

impl Schedule {
    fn read(row: &Row) -> Self {
        Self {
            name: row.text(0).to_owned(),
            created: row.time(1),
            cron: row.text(2).to_owned(),
            paused: row.flag(3).unwrap_or(false),
            included: row.texts(4),
            excluded: row.texts(5),
            location: row.text(6).to_owned(),
            ttl: row.text(7).to_owned(),
            phase: row.text(8).to_owned(),
            last_backup: row.time(9),
            last_skipped: row.time(10),
            errors: row.texts(11),
        }
    }

    /// Reads a schedule that was read whole.
    pub(crate) fn of(object: Object<'_>) -> Self {
        let places = PATHS.map(|path| format!("/{}", path.replace('.', "/")));
        Self::read(&Row(places
            .map(|place| object.part(&place).0.clone())
            .to_vec()))
    }

    /// Returns when Velero makes the next backup, which may be past; none where it makes none, or where it cannot be known. Counted
    /// from the last backup or skip, else from when the schedule was made (`getNextRunTime` of `schedule_controller.go`).
    pub(crate) fn next(&self) -> Option<Time> {
        if self.paused {
            return None;
        }
        let last = self.last_backup.or(self.created);
        Cron::parse(&self.cron)
            .ok()?
            .next(last.max(self.last_skipped)?)
    }

    /// Returns what it does.
    pub(crate) fn state(&self, history: Option<&History>, now: Time) -> State {
        if self.paused {
            return State::Paused;
        }
        if self.phase == "FailedValidation" {
            return State::Invalid;
        }
        let last = history.and_then(History::last_ended);
        let late = self
            .next()
            .is_some_and(|next| now.seconds() - next.seconds() > LATE_SECONDS);
        match last {
            Some(Meaning::Failed | Meaning::Invalid) => State::Failing,
            _ if late => State::Late,
            Some(Meaning::PartiallyFailed) => State::PartiallyFailing,
            _ if self.phase.is_empty() || self.phase == "New" => State::New,
            _ => State::Enabled,
        }
    }

    /// Returns what a person should know of it; none where all is well.
    pub(crate) fn trouble(&self, history: Option<&History>, now: Time) -> Option<String> {
        let state = self.state(history, now);
        let of_backups = || {
            history
                .map(|history| history.words(now))
                .unwrap_or_default()
        };
        Some(match state {
            State::New | State::Enabled => return None,
            State::Invalid => format!("it makes no backup: {}", listed(&self.errors)),
            State::Failing | State::PartiallyFailing | State::Paused => of_backups(),
            State::Late => format!(
                "it should have made a backup {} ago: no Velero server runs, or its last backup has not ended; {}",
                self.next().map(|next| now.age(next)).unwrap_or_default(),
                of_backups()
            ),
        })
    }
}

/// Returns the schedules of a namespace of Velero, by name.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn all(namespace: &str) -> Result<Vec<Schedule>, Failure> {
    let query = Query::in_namespace(schedules(), namespace);
    let rows = row::all(&query, &PATHS)?;
    Ok(rows.iter().map(Schedule::read).collect())
}

#[cfg(test)]
mod tests;
