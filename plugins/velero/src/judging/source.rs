//! The backup that a restore would take: whether it can be had, and what is missing in it.

use super::answer::Judgement;
use super::stores::Stores;
use super::verdict::Verdict;
use super::volumes::{self, Volume};
use crate::kinds::velero;
use crate::phase::{Meaning, shown};
use crate::row;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Object, Place, Time};

/// Judges a backup by its own status.
pub(crate) fn state(backup: Object<'_>, now: Time, verdict: &mut Verdict) {
    let status = backup.part("/status");
    let phase = shown(status.text("/phase"));
    let meaning = Meaning::of(phase);
    match meaning {
        Meaning::Completed => {}
        Meaning::PartiallyFailed => verdict.loss(format!(
            "the backup is PartiallyFailed, errors: {}; what failed is missing in it, its log says what",
            status.number("/errors")
        )),
        Meaning::Unknown => verdict.loss(format!("the backup is {phase}: {}", meaning.sentence())),
        Meaning::Waiting
        | Meaning::Running
        | Meaning::RunningWithErrors
        | Meaning::Failed
        | Meaning::Invalid
        | Meaning::Canceled
        | Meaning::Deleting => {
            let invalid = listed(&status.texts("/validationErrors"));
            let words = [status.text("/failureReason"), &invalid, meaning.sentence()];
            let why = words.into_iter().find(|words| !words.is_empty());
            verdict.stop(format!("the backup is {phase}: {}", why.unwrap_or_default()));
        }
    }
    let expired = status.time("/expiration").filter(|time| *time <= now);
    if let Some(expired) = expired {
        // `pkg/controller/gc_controller.go` of 1.18.
        verdict.loss(format!(
            "the backup expired {} ago: the server deletes it at its next look, once an hour",
            now.age(expired)
        ));
    }
}

/// Judges where the backup is kept, and whether it is about to be deleted.
///
/// # Errors
/// What cannot be passed over.
pub(crate) fn reach(
    backup: Object<'_>,
    place: &Place,
    verdict: &mut Verdict,
    judgement: &mut Judgement,
) -> Result<(), Failure> {
    let mut why = None;
    let location = backup.text("/spec/storageLocation");
    let read = Stores::read(&place.namespace).map(|stores| why = stores.unreadable(location));
    judgement.known("whether the storage location is available", read)?;
    if let Some(why) = why {
        verdict.stop(format!("{why}: the restore would fail its validation"));
    }
    let name = backup.text("/metadata/name");
    let query = Query::in_namespace(velero("deletebackuprequests"), &place.namespace);
    let mut is_deleted = false;
    let paths = ["spec.backupName", "status.phase"];
    let read = row::each(&query, &paths, &mut |row| {
        is_deleted |= row.text(0) == name && row.text(1) != "Processed";
        Ok(())
    });
    judgement.known("whether the backup is about to be deleted", read)?;
    if is_deleted {
        verdict.stop("a DeleteBackupRequest is about to delete the backup and its data");
    }
    Ok(())
}

/// Judges whether the data of volumes is in the backup, and returns the volumes whose data was moved.
///
/// # Errors
/// What cannot be passed over.
pub(crate) fn data(
    backup: Object<'_>,
    place: &Place,
    verdict: &mut Verdict,
    judgement: &mut Judgement,
) -> Result<Vec<Volume>, Failure> {
    let (name, uid) = (backup.text("/metadata/name"), backup.text("/metadata/uid"));
    let mut moved = Vec::new();
    let read = volumes::of_backup(&place.namespace, name, uid).map(|found| moved = found);
    judgement.known("of which volumes the data was moved", read)?;
    let bad = moved.iter().filter(|one| one.meaning != Meaning::Completed);
    let bad: Vec<_> = bad.map(Volume::words).collect();
    if !bad.is_empty() {
        verdict.loss(format!(
            "the backup has no data of {}: list_velero_volume_backups says why",
            listed(&bad)
        ));
    }
    let status = backup.part("/status");
    for (what, words) in [("volumeSnapshots", "volume"), ("csiVolumeSnapshots", "CSI")] {
        let number = |end: &str| status.number(&format!("/{what}{end}"));
        let failed = number("Attempted").saturating_sub(number("Completed"));
        if failed > 0 {
            verdict.loss(format!(
                "{words} snapshots that were not completed: {failed}"
            ));
        }
    }
    Ok(moved)
}

/// Returns how many volumes can be restored from snapshots that a snapshotter took.
pub(crate) fn snapshots(backup: Object<'_>) -> u64 {
    let status = backup.part("/status");
    status.number("/volumeSnapshotsCompleted") + status.number("/csiVolumeSnapshotsCompleted")
}

/// Whether the data of volumes may be in the backup that nothing else names: snapshots, and operations of plugins.
pub(crate) fn may_hold_more(backup: Object<'_>) -> bool {
    snapshots(backup) + backup.number("/status/backupItemOperationsCompleted") > 0
}
