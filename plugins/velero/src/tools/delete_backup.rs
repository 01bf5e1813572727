//! `delete_velero_backup`: a backup and its data are deleted, by a request that Velero carries out.
//!
//! Deleting the object alone would do harm: Velero makes it anew from the storage location, or its data stays for ever. So that is
//! not offered.

use crate::backup::{self, Backup};
use crate::kinds::{SCHEDULE_LABEL, backups, velero};
use crate::manifest::{self, Manifest};
use crate::phase::{Meaning, shown};
use crate::place::{self, NAMESPACE};
use crate::stuck::DELETED_SECONDS;
use crate::{change, named, obstacle, row, telling, waiting};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::ChangeAnswer;
use bulkhead_plugin_sdk::document::not_known;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query};
use bulkhead_plugin_sdk::{Failure, Object, Output, Place, Tool, context};

const REQUESTS: &str = "deletebackuprequests";

/// The characters of a backup's name in that of a request: there is room for a part of its uid.
const LONGEST_PART: usize = 240;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, CONFIRMATION, WAIT];
}

const OWN: &[Argument] = &[Argument::text("name", "The backup's name.").required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "delete_velero_backup",
        "Proposes to delete a backup with its data, by a request that Velero carries out; its restores' records go too. This cannot be \
         taken back. A person approves it, with risk high. With wait, says how it ended.",
        delete,
    )
    .title("Delete a backup")
    .destructive()
}

fn delete(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let name = values.text("name").unwrap_or_default();
    let found = named::find(backups(), &place, name)?;
    let backup = Object(&found);
    let phase = backup.text("/status/phase");
    refuse(name, phase, &place)?;
    let is_deleting = Meaning::of(phase) == Meaning::Deleting;
    let location = backup.text("/spec/storageLocation");
    let mut notes = vec![
        "the data at the storage location and the snapshots go too; nothing brings them back"
            .to_owned(),
    ];
    notes.extend(obstacle::location(&place, location, true)?);
    let mut taken = Vec::new();
    let mut cut_off = None;
    let read = earlier(&place, name, &mut taken, &mut cut_off);
    let is_known = read.is_ok();
    note(&mut notes, "earlier requests to delete it", read)?;
    match cut_off {
        Some(request) => notes.push(format!(
            "request {request} has been InProgress for longer than an hour: it was cut off, as by a restart, and Velero removes it for this one"
        )),
        None if is_deleting && is_known => notes.push(
            "it is Deleting already, so an earlier deletion has failed: what made it fail is to be mended first".to_owned(),
        ),
        None => {}
    }
    let request = free_name(name, backup.text("/metadata/uid"), &taken);
    let mut restores = 0;
    note(
        &mut notes,
        "its restores",
        count_restores(&place, name, &mut restores),
    )?;
    if restores > 0 {
        notes.push(format!("the records of its restores go too ({restores})"));
    }
    let schedule = backup.text(&format!(
        "/metadata/labels/{}",
        SCHEDULE_LABEL.replace('/', "~1")
    ));
    if Meaning::of(phase) == Meaning::Completed && !schedule.is_empty() {
        let mut others = Vec::new();
        note(
            &mut notes,
            "other backups",
            completed(&place, schedule, &mut others),
        )?;
        let began = others
            .iter()
            .find(|one| one.name == name)
            .map(|one| one.began);
        if !others.is_empty()
            && others
                .iter()
                .all(|one| one.name == name || Some(one.began) < began)
        {
            let newest = format!("it is the newest completed backup of schedule {schedule}");
            notes.insert(1, newest);
        }
    }
    let object = manifest::delete_request(&request, backup, &place);
    let target = ObjectRef::in_namespace(backups(), &place.namespace, name);
    let request = change::target(velero(REQUESTS), &object);
    let mut summary = format!(
        "delete backup {name} and its data by Velero in {}",
        place.namespace
    );
    telling::all(&mut summary, &notes);
    let manifest = Manifest { object, notes };
    change::create(
        &values,
        &summary,
        manifest,
        Some(&mut || waiting::for_the_deletion(&target, &request)),
    )
}

/// A backup that runs is not deleted by Velero. One that is `Deleting` stays so where its deletion fails, for ever: whether that
/// goes on is told by its requests (`pkg/controller/backup_deletion_controller.go` of 1.18).
fn refuse(name: &str, phase: &str, place: &Place) -> Result<(), Failure> {
    match Meaning::of(phase) {
        Meaning::Waiting | Meaning::Running | Meaning::RunningWithErrors => {}
        Meaning::Completed
        | Meaning::PartiallyFailed
        | Meaning::Failed
        | Meaning::Invalid
        | Meaning::Canceled
        | Meaning::Deleting
        | Meaning::Unknown => return Ok(()),
    }
    let what = format!(
        "backup `{name}` {} is {}: Velero deletes none that is under way",
        place.words,
        shown(phase)
    );
    Err(Failure::Conflict(what).next_step("look again with get_velero_backup"))
}

/// Collects the names of requests for this backup that have failed, or were cut off: Velero keeps them for a day, and a new one
/// takes their place. The name of one that was cut off is told.
fn earlier(
    place: &Place,
    backup: &str,
    names: &mut Vec<String>,
    cut_off: &mut Option<String>,
) -> Result<(), Failure> {
    let query = Query::in_namespace(velero(REQUESTS), &place.namespace);
    let now = context::now()?;
    row::each(
        &query,
        &[
            "metadata.name",
            "spec.backupName",
            "status.phase",
            "metadata.creationTimestamp",
        ],
        &mut |row| {
            if row.text(1) != backup {
                return Ok(());
            }
            let is_old = row
                .time(3)
                .is_some_and(|asked| now.seconds() - asked.seconds() > DELETED_SECONDS);
            if row.text(2) == "InProgress" && is_old {
                *cut_off = Some(row.text(0).to_owned());
            } else if row.text(2) != "Processed" {
                let what = format!(
                    "backup `{backup}` {} is being deleted already: request {} is {}",
                    place.words,
                    row.text(0),
                    shown(row.text(2))
                );
                return Err(Failure::Conflict(what).next_step("look again with get_velero_backup"));
            }
            names.push(row.text(0).to_owned());
            Ok(())
        },
    )
}

/// A name of its own for each request, and the same one for the same call: there is no random part, since a person approves the
/// request by its name.
fn free_name(backup: &str, uid: &str, taken: &[String]) -> String {
    let part: String = backup.chars().take(LONGEST_PART).collect();
    let uid: String = uid.chars().take(8).collect();
    let mut name = format!("{part}-{uid}");
    let mut number = 2;
    while taken.contains(&name) {
        name = format!("{part}-{uid}-{number}");
        number += 1;
    }
    name
}

fn count_restores(place: &Place, backup: &str, restores: &mut usize) -> Result<(), Failure> {
    let query = Query::in_namespace(velero("restores"), &place.namespace);
    row::each(&query, &["spec.backupName"], &mut |row| {
        *restores += usize::from(row.text(0) == backup);
        Ok(())
    })
}

fn completed(place: &Place, schedule: &str, found: &mut Vec<Backup>) -> Result<(), Failure> {
    row::each(
        &backup::query(&place.namespace, Some(schedule))?,
        &backup::PATHS,
        &mut |row| {
            let one = Backup::read(&row);
            if one.meaning() == Meaning::Completed {
                found.push(one);
            }
            Ok(())
        },
    )
}

/// What may not be read is a note.
fn note(notes: &mut Vec<String>, what: &str, read: Result<(), Failure>) -> Result<(), Failure> {
    match not_known(&read) {
        Some(why) => {
            notes.push(format!("not known: {what} ({why})"));
            Ok(())
        }
        None => read,
    }
}

#[cfg(test)]
mod tests {
    use super::free_name;

    #[test]
    fn a_request_has_the_same_name_until_it_is_taken() {
        let uid = "5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10";
        assert_eq!(free_name("nightly", uid, &[]), "nightly-5f2c8f5e");
        let taken = ["nightly-5f2c8f5e", "nightly-5f2c8f5e-2"].map(str::to_owned);
        assert_eq!(free_name("nightly", uid, &taken), "nightly-5f2c8f5e-3");
        assert!(free_name(&"a".repeat(253), uid, &taken).len() <= 253);
    }
}
