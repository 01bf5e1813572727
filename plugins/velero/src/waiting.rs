//! Waiting for what Velero makes of an object, within the call: its phase, and how many items are done.
//!
//! A time that is over is no failure: the change was applied, and the answer says how to look again.

use crate::change::count;
use crate::phase::{Meaning, shown};
use bulkhead_plugin_sdk::changes::{Waited, Waiting, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Comparison, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Row};

/// Of a backup and of a restore; a request to delete has the errors as texts.
const PATHS: [&str; 8] = [
    "status.phase",
    "status.errors",
    "status.warnings",
    "status.progress.totalItems",
    "status.progress.itemsBackedUp",
    "status.progress.itemsRestored",
    "status.failureReason",
    "status.validationErrors",
];

/// Waits for the end of a backup or a restore.
///
/// # Errors
/// As [`kubernetes::wait_for`], but not where the time is over.
pub(crate) fn for_the_end(object: &ObjectRef) -> Result<Waited, Failure> {
    let completed = Condition::Equals(Comparison {
        at: "status.phase".to_owned(),
        value: "\"Completed\"".to_owned(),
    });
    watch(
        Waiting::for_the_rest_of_the_call(),
        object,
        &completed,
        &mut || {
            let row = read(object)?;
            Ok((Meaning::of(row.text(0)).is_terminal(), words(&row)))
        },
    )
}

/// Waits until a backup is gone, or the request to delete it has failed: such a one stays as `Processed`, with its errors
/// (`pkg/controller/backup_deletion_controller.go` of 1.18).
///
/// # Errors
/// As [`for_the_end`].
pub(crate) fn for_the_deletion(backup: &ObjectRef, request: &ObjectRef) -> Result<Waited, Failure> {
    watch(
        Waiting::for_the_rest_of_the_call(),
        backup,
        &Condition::Deleted,
        &mut || {
            match read(backup) {
                Ok(_) => {}
                Err(Failure::NotFound(_)) => {
                    return Ok((true, "the backup and its data are deleted".to_owned()));
                }
                Err(other) => return Err(other),
            }
            match read(request) {
                Ok(row) if row.text(0) == "Processed" => Ok((
                    true,
                    format!("it is not deleted: {}", row.texts(1).join("; ")),
                )),
                Ok(row) => Ok((false, format!("the request is {}", shown(row.text(0))))),
                // A request that is gone has been granted: the backup goes with it.
                Err(Failure::NotFound(_)) => Ok((false, "the request is done".to_owned())),
                Err(other) => Err(other),
            }
        },
    )
}

fn read(object: &ObjectRef) -> Result<Row, Failure> {
    kubernetes::get_fields(object, &PATHS).map(Row::of)
}

/// Says `InProgress, 120 of 300 items` and `PartiallyFailed, 3 errors, 1 warning`.
fn words(row: &Row) -> String {
    let phase = shown(row.text(0));
    let (errors, warnings) = (row.number(1), row.number(2));
    let items = row.number(3);
    let mut words = phase.to_owned();
    if items > 0 {
        words = format!(
            "{words}, {} of {items} items",
            row.number(4) + row.number(5)
        );
    }
    if Meaning::of(row.text(0)).is_terminal() || errors + warnings > 0 {
        words = format!(
            "{words}, {}, {}",
            count(errors, "error"),
            count(warnings, "warning")
        );
    }
    let mut reasons = row.texts(7);
    reasons.insert(0, row.text(6).to_owned());
    reasons.retain(|reason| !reason.is_empty());
    if !reasons.is_empty() {
        words = format!("{words}: {}", reasons.join("; "));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;
    use bulkhead_plugin_sdk::Row;
    use serde_json::{Value, json};

    fn said(row: Value) -> String {
        words(&Row(row.as_array().expect("a list").clone()))
    }

    #[test]
    fn progress_is_said_by_items_and_the_end_by_errors() {
        assert_eq!(said(json!([null])), "New");
        assert_eq!(
            said(json!(["InProgress", null, null, 300, 120])),
            "InProgress, 120 of 300 items"
        );
        assert_eq!(
            said(json!(["Completed", null, 2, 300, null, 300])),
            "Completed, 300 of 300 items, 0 errors, 2 warnings"
        );
    }

    #[test]
    fn what_velero_refuses_is_said_in_its_words() {
        assert_eq!(
            said(json!([
                "FailedValidation",
                null,
                null,
                null,
                null,
                null,
                "",
                ["no location", "no backup"]
            ])),
            "FailedValidation, 0 errors, 0 warnings: no location; no backup"
        );
    }
}
