//! What would make Velero refuse an object once it is written, looked up before anybody is asked to approve it.
//!
//! What the operator has not granted to read is no obstacle: it becomes a note.

use crate::kinds::velero;
use crate::location::{self, Location};
use crate::phase::shown;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Place, Row};

/// Checks that an object of this name can be made: there is none.
///
/// # Errors
/// `Conflict` where there is one, with its phase.
pub(crate) fn taken(plural: &str, place: &Place, name: &str) -> Result<(), Failure> {
    let object = ObjectRef::in_namespace(velero(plural), &place.namespace, name);
    let kind = plural.trim_end_matches('s');
    match kubernetes::get_fields(&object, &["status.phase"]).map(Row::of) {
        Ok(row) => {
            let sentence = format!(
                "{kind} `{name}` exists already {}, it is {}",
                place.words,
                shown(row.text(0))
            );
            Err(Failure::Conflict(sentence).next_step(&format!(
                "list_velero_{plural} shows it; or choose another name"
            )))
        }
        // Without the right to look, the server says so in its dry run.
        Err(Failure::NotFound(_) | Failure::Denied(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Checks a backup storage location; where none is named, the default one. A backup that is to be written there, or deleted, needs
/// it available and writable (`prepareBackupRequest` in `pkg/controller/backup_controller.go` of 1.18, and
/// `backup_deletion_controller.go`); a restore needs it available (`restore_controller.go`).
///
/// Returns what is not known.
///
/// # Errors
/// `NotFound` and `Conflict`, with the locations that could be used instead; `NotFound` where the cluster has no Velero.
pub(crate) fn location(
    place: &Place,
    named: &str,
    writes: bool,
) -> Result<Option<String>, Failure> {
    let locations = match location::all(&place.namespace) {
        Ok(locations) => locations,
        Err(Failure::Denied(_)) => {
            let note = "not known: whether Velero can use its backup storage location (denied)";
            return Ok(Some(note.to_owned()));
        }
        Err(failure) => return Err(failure),
    };
    let is_usable = |one: &&Location| one.is_available() && !(writes && one.read_only);
    let usable: Vec<_> = locations
        .iter()
        .filter(is_usable)
        .map(|one| one.name.as_str())
        .collect();
    let next = match usable.as_slice() {
        [] => "none can be used now; list_velero_locations says why".to_owned(),
        names => format!("choose one that can be used: {}", names.join(", ")),
    };
    let is_meant = |one: &&Location| match named {
        "" => one.default,
        named => one.name == named,
    };
    let mut found = locations.iter().find(is_meant);
    if named.is_empty() {
        // The server's own default has this name unless it was told otherwise.
        found = found.or_else(|| locations.iter().find(|one| one.name == "default"));
    }
    let Some(found) = found else {
        let what = match named {
            "" => "default backup storage location".to_owned(),
            named => format!("backup storage location `{named}`"),
        };
        let sentence = format!("there is no {what} {}", place.words);
        return Err(Failure::not_found(sentence).next_step(&next));
    };
    let why = if !found.is_available() {
        found.shown_phase()
    } else if writes && found.read_only {
        found.access_mode()
    } else {
        return Ok(None);
    };
    let sentence = format!(
        "backup storage location `{}` {} is {why}, so Velero would refuse this",
        found.name, place.words
    );
    Err(Failure::Conflict(sentence).next_step(&next))
}
