//! What a restore would take: a backup that is there, and what is to be known of it.

use crate::backup::{self, Backup};
use crate::change::count;
use crate::kinds::backups;
use crate::phase::{Meaning, shown};
use crate::{named, row};
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::{Failure, Object, Place, context};

/// A backup to restore from.
pub(crate) struct Source {
    pub(crate) backup: String,
    pub(crate) location: String,
    pub(crate) notes: Vec<String>,
}

/// Finds what `backup` or `schedule` names.
///
/// # Errors
/// `NotFound` where there is no such backup, `Conflict` where nothing can be restored from it.
pub(crate) fn find(values: &Values, place: &Place) -> Result<Source, Failure> {
    match (values.text("backup"), values.text("schedule")) {
        (Some(name), _) => of_backup(values, place, name),
        (None, schedule) => of_schedule(place, schedule.unwrap_or_default()),
    }
}

fn of_backup(values: &Values, place: &Place, name: &str) -> Result<Source, Failure> {
    let found = named::find(backups(), place, name)?;
    let backup = Object(&found);
    let phase = backup.text("/status/phase");
    let mut notes = Vec::new();
    match Meaning::of(phase) {
        Meaning::Completed => {}
        Meaning::PartiallyFailed => notes.push(format!(
            "backup {name} failed in part, with {}: what failed is missing in it",
            count(backup.number("/status/errors"), "error")
        )),
        Meaning::Unknown => notes.push(format!(
            "backup {name} is {phase}, a phase that is not known here"
        )),
        Meaning::Waiting
        | Meaning::Running
        | Meaning::RunningWithErrors
        | Meaning::Failed
        | Meaning::Invalid
        | Meaning::Canceled
        | Meaning::Deleting => {
            return Err(Failure::Conflict(format!(
                "backup `{name}` {} is {}, so there is nothing to restore from",
                place.words,
                shown(phase)
            ))
            .next_step("choose one that is Completed by list_velero_backups"));
        }
    }
    let expires = backup.time("/status/expiration");
    if expires.is_some_and(|expires| context::now().is_ok_and(|now| expires <= now)) {
        notes.push(format!(
            "backup {name} has expired; Velero deletes it soon, with its data"
        ));
    }
    let held = backup.texts("/spec/includedNamespaces");
    let is_open = held.is_empty() || held.iter().any(|name| name.contains(['*', '?', '[']));
    for wanted in values.texts("included_namespaces") {
        if !is_open && !wanted.contains(['*', '?']) && !held.contains(&wanted) {
            notes.push(format!("backup {name} does not hold namespace {wanted}"));
        }
    }
    Ok(Source {
        backup: name.to_owned(),
        location: backup.text("/spec/storageLocation").to_owned(),
        notes,
    })
}

/// Velero takes the newest that is completed, at the time when it begins (`mostRecentCompletedBackup` in
/// `pkg/controller/restore_controller.go` of 1.18).
fn of_schedule(place: &Place, schedule: &str) -> Result<Source, Failure> {
    let query = backup::query(&place.namespace, Some(schedule))?;
    let mut newest: Option<Backup> = None;
    let mut completed: Option<Backup> = None;
    row::each(&query, &backup::PATHS, &mut |row| {
        let one = Backup::read(&row);
        let is_newer =
            |than: &Option<Backup>| than.as_ref().is_none_or(|than| than.began < one.began);
        if one.meaning() == Meaning::Completed && is_newer(&completed) {
            completed = Some(one.clone());
        }
        if is_newer(&newest) {
            newest = Some(one);
        }
        Ok(())
    })?;
    let (Some(completed), Some(newest)) = (completed, newest) else {
        return Err(Failure::not_found(format!(
            "schedule `{schedule}` has no completed backup {}",
            place.words
        ))
        .next_step("choose a backup by list_velero_backups and name it in `backup`"));
    };
    let mut notes = vec![format!(
        "the newest completed backup of {schedule} is {} now; Velero chooses when it begins",
        completed.name
    )];
    if newest.name != completed.name {
        notes.push(format!(
            "{} is newer and {}: name it in `backup` to take it",
            newest.name,
            shown(&newest.phase)
        ));
    }
    Ok(Source {
        backup: completed.name,
        location: completed.location,
        notes,
    })
}
