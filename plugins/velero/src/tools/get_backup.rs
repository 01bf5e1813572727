//! `get_velero_backup`: one backup, its state first, and what was made of it since.

use crate::kinds::{backups, velero};
use crate::named::{ByName, find};
use crate::phase::{Meaning, shown};
use crate::place;
use crate::{location, row, run, spec};
use bulkhead_plugin_sdk::arguments::Given;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{Document, Failure, Object, Output, Place, Time, Tool, context, when};

/// The most restores, and requests to delete it, that are shown of one backup.
const MOST: u32 = 10;

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_velero_backup",
        "Shows one Velero backup: phase and what it means, errors, when it began and expires, which schedule and storage \
         location, what it takes in, hooks, volumes, restores made from it, requests to \
         delete it. Use list_velero_volume_backups for its volumes one by one.",
        get,
    )
    .title("Show a backup")
}

pub(crate) fn get(given: Given<ByName>) -> Result<Output<Document>, Failure> {
    let place = place::choose(given.values.text("namespace"))?;
    let name = given.values.text("name").unwrap_or_default();
    let found = find(backups(), &place, name)?;
    let backup = Object(&found);
    let (spec, status) = (backup.part("/spec"), backup.part("/status"));
    let now = context::now()?;
    let mut document = Document::new(crate::kinds::named("backups"), name, &place);
    document.section("state");
    state(&mut document, backup, now);
    location::of_backup(&mut document, &place, spec.text("/storageLocation"), now)?;
    document.section("takes in");
    spec::takes_in(&mut document, spec, spec::BY_BACKUP);
    document.section("volumes");
    spec::keeps(&mut document, spec);
    for (words, what) in [
        ("native snapshots", "volumeSnapshots"),
        ("CSI snapshots", "csiVolumeSnapshots"),
        ("item operations", "backupItemOperations"),
    ] {
        document.fact(words, run::attempts(status, what));
    }
    document.section("hooks");
    run::hooks(&mut document, status);
    spec::hooks(&mut document, spec, &spec::OF_BACKUP);
    for (title, plural) in [
        ("restores made from it", "restores"),
        ("requests to delete it", "deletebackuprequests"),
    ] {
        document.section(title);
        made_of(&mut document, &place, plural, name, now)?;
    }
    Ok(document.in_words())
}

fn state(document: &mut Document, backup: Object<'_>, now: Time) {
    let meaning = run::state(document, backup, ("itemsBackedUp", "backed up"), now);
    let position = backup.number("/status/queuePosition");
    if position > 0 {
        document.fact("place in the queue", position.to_string());
    }
    let expires = backup.time("/status/expiration");
    document.fact("expires", when::at(now, expires));
    document.fact("ttl", run::lasting(backup.text("/spec/ttl")));
    let schedule = match backup.text("/metadata/labels/velero.io~1schedule-name") {
        "" => "none, it was made by hand",
        schedule => schedule,
    };
    document.fact("schedule", schedule);
    let worth = match meaning {
        Meaning::PartiallyFailed => "; it can be restored from, with holes",
        Meaning::Failed => "; do not count on restoring from it",
        Meaning::Invalid => "; there is nothing in it",
        Meaning::Waiting
        | Meaning::Running
        | Meaning::RunningWithErrors
        | Meaning::Completed
        | Meaning::Canceled
        | Meaning::Deleting
        | Meaning::Unknown => "",
    };
    let phase = shown(backup.text("/status/phase"));
    document.summary(format!("{phase}: {}{worth}", meaning.sentence()));
    if expires.is_some_and(|expires| expires <= now) && meaning != Meaning::Deleting {
        document.note("it has expired: Velero looks every hour, and deletes it with its data once its storage location can be written to");
    }
    run::reasons(document, backup, "backup", meaning);
}

/// Adds the newest objects of a type that name this backup: with phase, age and errors.
fn made_of(
    document: &mut Document,
    place: &Place,
    plural: &str,
    backup: &str,
    now: Time,
) -> Result<(), Failure> {
    let query = Query::in_namespace(velero(plural), &place.namespace);
    let paths = [
        "metadata.name",
        "metadata.creationTimestamp",
        "status.phase",
        "spec.backupName",
        // Of requests to delete it: a number where it is a restore, which reads as none.
        "status.errors",
    ];
    let mut newest = Newest::new(Some(MOST), None)?;
    let read = row::each(&query, &paths, &mut |row| {
        if row.text(3) == backup {
            newest.add(Key::new(row.time(1), row.text(0)), row);
        }
        Ok(())
    });
    if !document.known(plural, read)? {
        return Ok(());
    }
    let page = newest.page();
    for (_, row) in &page.rows {
        let mut words = vec![shown(row.text(2)).to_owned(), when::from(now, row.time(1))];
        words.extend(row.texts(4));
        document.fact(row.text(0), words.join(", "));
    }
    if page.remaining > 0 {
        document.fact("older ones", page.remaining.to_string());
    }
    Ok(())
}
