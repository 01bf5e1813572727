//! Recovery points: of the backups that take in the same and are kept in the same place, the newest good one, the newest that
//! failed in part, and how the newest ended. One pass over all backups, and no more is kept of them than that.
//!
//! What a backup took in is said by its own spec: a schedule may have been changed since.

use crate::backup::{self, Backup};
use crate::cron::Cron;
use crate::kinds;
use crate::phase::Meaning;
use crate::row;
use crate::selection::Selection;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Object, Row, Time};
use serde_json::Value;

/// Backups that differ in their time only.
pub(crate) struct Line {
    pub(crate) spec: Value,
    /// Empty where people made them.
    pub(crate) schedule: String,
    pub(crate) location: String,
    /// Ended well.
    pub(crate) good: Option<Backup>,
    /// How many snapshots and operations on volumes [`Line::shown`] has.
    pub(crate) snapshots: u64,
    /// Failed in part, with how.
    pub(crate) partial: Option<(Backup, String)>,
    /// The newest that ended, and how where that was not well.
    pub(crate) newest: Option<(Time, Option<String>)>,
    /// When the newest ended that has expired since: the server may delete it at any time.
    pub(crate) expired: Option<Time>,
}

/// Reads every backup of a namespace of Velero.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn lines(namespace: &str, now: Time) -> Result<Vec<Line>, Failure> {
    let mut paths = backup::PATHS.to_vec();
    let first = paths.len();
    paths.extend([
        "spec",
        "status.hookStatus.hooksFailed",
        "status.failureReason",
        "status.volumeSnapshotsCompleted",
        "status.csiVolumeSnapshotsCompleted",
        "status.backupItemOperationsCompleted",
    ]);
    let mut lines: Vec<Line> = Vec::new();
    row::each(&backup::query(namespace, None)?, &paths, &mut |mut row| {
        let backup = Backup::read(&row);
        let others = Row(row.0.split_off(first));
        take(&mut lines, backup, &others, now);
        Ok(())
    })?;
    Ok(lines)
}

fn take(lines: &mut Vec<Line>, backup: Backup, others: &Row, now: Time) {
    let meaning = backup.meaning();
    let Some(began) = backup.began.filter(|_| meaning.is_terminal()) else {
        return;
    };
    let spec = Selection::of(others.value(0));
    let found = lines.iter().position(|line| {
        line.schedule == backup.schedule
            && line.location == backup.location
            && Selection::of(&line.spec).same(spec)
    });
    let at = found.unwrap_or(lines.len());
    if found.is_none() {
        lines.push(Line {
            spec: slim(others.value(0)),
            schedule: backup.schedule.clone(),
            location: backup.location.clone(),
            good: None,
            snapshots: 0,
            partial: None,
            newest: None,
            expired: None,
        });
    }
    let Some(line) = lines.get_mut(at) else {
        return;
    };
    let how = how(&backup, meaning, others);
    if line.newest.as_ref().is_none_or(|(time, _)| *time < began) {
        line.newest = Some((began, how.clone()));
    }
    let usable = matches!(meaning, Meaning::Completed | Meaning::PartiallyFailed);
    if usable && backup.expires.is_some_and(|expires| expires <= now) {
        line.expired = line.expired.max(Some(began));
        return;
    }
    let snapshots = others.number(3) + others.number(4) + others.number(5);
    let newer = |other: Option<&Backup>| other.is_none_or(|other| other.began < Some(began));
    let partial = line.partial.as_ref().map(|(backup, _)| backup);
    if meaning == Meaning::Completed && newer(line.good.as_ref()) {
        line.snapshots = snapshots;
        line.good = Some(backup);
    } else if meaning == Meaning::PartiallyFailed && newer(partial) {
        if line.good.is_none() {
            line.snapshots = snapshots;
        }
        line.partial = Some((backup, how.unwrap_or_default()));
    }
}

/// Returns the spec without its hooks: they may be long, and say nothing about what is taken in.
fn slim(spec: &Value) -> Value {
    let mut spec = spec.clone();
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("hooks");
    }
    spec
}

/// Returns how a backup ended; none where well.
fn how(backup: &Backup, meaning: Meaning, others: &Row) -> Option<String> {
    let (name, errors) = (&backup.name, backup.errors);
    let hooks = others.number(1);
    match meaning {
        Meaning::PartiallyFailed if hooks > 0 => Some(format!(
            "`{name}` failed in part, hooks: {hooks}, errors: {errors}"
        )),
        Meaning::PartiallyFailed => Some(format!("`{name}` failed in part, errors: {errors}")),
        Meaning::Failed => Some(match others.text(2) {
            "" => format!("`{name}` failed"),
            reason => format!("`{name}` failed: {reason}"),
        }),
        Meaning::Invalid => Some(format!("`{name}` failed validation")),
        Meaning::Canceled => Some(format!("`{name}` was canceled")),
        Meaning::Completed
        | Meaning::Waiting
        | Meaning::Running
        | Meaning::RunningWithErrors
        | Meaning::Deleting
        | Meaning::Unknown => None,
    }
}

/// A schedule, as far as it is judged.
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) template: Value,
    cron: String,
    paused: bool,
    phase: String,
    invalid: String,
}

/// A run that is due for so many seconds has been missed: the server looks once a minute, and waits for a backup that is under
/// way (`pkg/controller/schedule_controller.go` of 1.18).
const LATE: u64 = 3600;

const PATHS: [&str; 6] = [
    "metadata.name",
    "spec.template",
    "spec.schedule",
    "spec.paused",
    "status.phase",
    "status.validationErrors",
];

/// Returns the schedules of a namespace of Velero, by name.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn schedules(namespace: &str) -> Result<Vec<Schedule>, Failure> {
    let query = Query::in_namespace(kinds::schedules(), namespace);
    let rows = row::all(&query, &PATHS)?;
    let read = |row: &Row| Schedule {
        name: row.text(0).to_owned(),
        template: row.value(1).clone(),
        cron: row.text(2).to_owned(),
        paused: row.flag(3).unwrap_or(false),
        phase: row.text(4).to_owned(),
        invalid: row.texts(5).join("; "),
    };
    Ok(rows.iter().map(read).collect())
}

impl Line {
    /// Returns the backup whose volumes are looked at: the newest good one, else the newest.
    pub(crate) fn shown(&self) -> Option<&Backup> {
        let partial = self.partial.as_ref().map(|(backup, _)| backup);
        self.good.as_ref().or(partial)
    }
}

impl Schedule {
    pub(crate) fn location(&self) -> &str {
        Object(&self.template).text("/storageLocation")
    }

    /// Returns why it makes no good backups; none where nothing is known against it.
    pub(crate) fn trouble(&self, lines: &[Line]) -> Option<String> {
        if self.paused {
            return Some("paused".to_owned());
        }
        if self.phase == "FailedValidation" {
            return Some(format!("failed validation: {}", self.invalid));
        }
        match self.newest(lines) {
            Some((_, how)) => how.clone(),
            None => Some("no backup of it has ended yet".to_owned()),
        }
    }

    /// Returns when its newest backup began that has ended.
    pub(crate) fn ran(&self, lines: &[Line]) -> Option<Time> {
        self.newest(lines).map(|(time, _)| *time)
    }

    /// Says of a schedule against which nothing else is known why its newest backup is too old: it missed a run, or is not meant
    /// to run more often.
    pub(crate) fn pace(&self, lines: &[Line], now: Time) -> String {
        let cron = Cron::parse(&self.cron).ok();
        let due = cron.and_then(|cron| cron.next(self.ran(lines)?));
        match due.filter(|due| now.since(*due).as_secs() > LATE) {
            Some(due) => format!("was due {} ago and made no backup", now.age(due)),
            None => format!("runs at `{}`, not often enough", self.cron),
        }
    }

    fn newest<'a>(&self, lines: &'a [Line]) -> Option<&'a (Time, Option<String>)> {
        let mine = lines.iter().filter(|line| line.schedule == self.name);
        let newest = mine.filter_map(|line| line.newest.as_ref());
        newest.max_by_key(|(time, _)| *time)
    }
}
