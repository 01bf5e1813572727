//! Backups, scheduled backups, and new clusters made from them.

mod create_backup;
mod create_schedule;
mod list_backups;
mod list_schedules;
mod restore_cluster;

use crate::cluster::Cluster;
use crate::waiting::{TIMEOUT, waiting};
use bulkhead_plugin_sdk::{Failure, Place, Tool};

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        list_backups::tool(),
        create_backup::tool(),
        list_schedules::tool(),
        create_schedule::tool(),
        restore_cluster::tool(),
    ]
}

/// Whether there is a cluster of a name of which nothing was found; not where that is not known, or it may be in any namespace.
///
/// # Errors
/// `NotFound` where there is none, with names that begin alike, and `Invalid` for what is no name.
fn has_cluster(place: &Place, name: &str) -> Result<bool, Failure> {
    if place.is_everywhere() {
        return Ok(false);
    }
    match Cluster::find(place, name) {
        Ok(_) => Ok(true),
        Err(Failure::Denied(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
