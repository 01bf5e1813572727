//! Velero's resource types.

use bulkhead_plugin_sdk::kubernetes::ResourceType;

/// The API group of all of them.
pub(crate) const GROUP: &str = "velero.io";

/// The group's version in which all of Velero's objects stand, but for the data movers'.
pub(crate) const API_VERSION: &str = "velero.io/v1";

/// The label of a backup that says which schedule made it.
pub(crate) const SCHEDULE_LABEL: &str = "velero.io/schedule-name";

/// Names a type of Velero by its plural.
pub(crate) fn velero(plural: &str) -> ResourceType {
    ResourceType::new(GROUP, plural)
}

/// `backups.velero.io`.
pub(crate) fn backups() -> ResourceType {
    velero("backups")
}

/// `schedules.velero.io`.
pub(crate) fn schedules() -> ResourceType {
    velero("schedules")
}

/// Names a type of Velero in full, by its plural: `backups.velero.io`.
pub(crate) fn named(plural: &str) -> String {
    format!("{plural}.{GROUP}")
}
