//! Schedules, and which backups they made.

use crate::backup::{self, Backup};
use crate::kinds::schedules;
use crate::row::{self, Row};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Time};

/// The paths of a [`Schedule`], in the order in which it reads them.
const PATHS: [&str; 10] = [
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
];

/// A schedule in a list. Its template is a backup's `spec`.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) name: String,
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
}

impl Schedule {
    fn read(row: &Row) -> Self {
        Self {
            name: row.text(0).to_owned(),
            cron: row.text(2).to_owned(),
            paused: row.flag(3).unwrap_or(false),
            included: row.texts(4),
            excluded: row.texts(5),
            location: row.text(6).to_owned(),
            ttl: row.text(7).to_owned(),
            phase: row.text(8).to_owned(),
            last_backup: row.time(9),
        }
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

/// Returns the newest backup of each schedule that made one, in one reading of all backups: by their label, since a schedule's
/// status holds a time and no name.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn newest_backups(namespace: &str) -> Result<Vec<Backup>, Failure> {
    let mut newest: Vec<Backup> = Vec::new();
    row::each(
        &backup::query(namespace, None)?,
        &backup::PATHS,
        &mut |row| {
            let backup = Backup::read(&row);
            if backup.schedule.is_empty() {
                return Ok(());
            }
            match newest
                .iter_mut()
                .find(|one| one.schedule == backup.schedule)
            {
                Some(one) if one.began < backup.began => *one = backup,
                Some(_) => {}
                None => newest.push(backup),
            }
            Ok(())
        },
    )?;
    Ok(newest)
}
