//! Backups, as far as lists and judgements look at them.

use crate::kinds::{SCHEDULE_LABEL, backups};
use crate::phase::Meaning;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Row, Time};

/// The paths of a [`Backup`], in the order in which it reads them.
pub(crate) const PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.labels['velero.io/schedule-name']",
    "metadata.creationTimestamp",
    "status.phase",
    "status.startTimestamp",
    "status.expiration",
    "status.errors",
    "status.warnings",
    "spec.storageLocation",
];

/// A backup in a list.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) name: String,
    /// Empty where no schedule made it.
    pub(crate) schedule: String,
    /// As Velero wrote it; empty where it has not begun.
    pub(crate) phase: String,
    pub(crate) asked: Option<Time>,
    /// When it began, else when it was asked for.
    pub(crate) began: Option<Time>,
    pub(crate) expires: Option<Time>,
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    pub(crate) location: String,
}

impl Backup {
    /// Reads a row of [`PATHS`].
    pub(crate) fn read(row: &Row) -> Self {
        Self {
            name: row.text(0).to_owned(),
            schedule: row.text(1).to_owned(),
            phase: row.text(3).to_owned(),
            asked: row.time(2),
            began: row.time(4).or_else(|| row.time(2)),
            expires: row.time(5),
            errors: row.number(6),
            warnings: row.number(7),
            location: row.text(8).to_owned(),
        }
    }

    pub(crate) fn meaning(&self) -> Meaning {
        Meaning::of(&self.phase)
    }
}

/// The longest value of a label; Velero cuts longer names and puts a digest behind them (`pkg/label` of 1.18).
const LONGEST_LABEL: usize = 63;

/// The backups of a namespace of Velero; those of one schedule where it is named.
///
/// # Errors
/// `Invalid` for what cannot be a schedule's name.
pub(crate) fn query(namespace: &str, schedule: Option<&str>) -> Result<Query, Failure> {
    let query = Query::in_namespace(backups(), namespace);
    let Some(schedule) = schedule.filter(|schedule| !schedule.is_empty()) else {
        return Ok(query);
    };
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if schedule.len() > LONGEST_LABEL || !schedule.chars().all(allowed) {
        return Err(Failure::invalid(format!(
            "`{schedule}` cannot be the label of a schedule: small letters, digits, `-` and `.`, at most {LONGEST_LABEL} of them"
        ))
        .next_step("use a name from list_velero_schedules; of a longer one, look through list_velero_backups without it"));
    }
    Ok(query.label_selector(format!("{SCHEDULE_LABEL}={schedule}")))
}
