//! One file per tool.

pub(crate) mod coverage;
pub(crate) mod drift;
pub(crate) mod get_backup;
pub(crate) mod get_restore;
pub(crate) mod list_backups;
pub(crate) mod list_locations;
pub(crate) mod list_restores;
pub(crate) mod list_schedules;
pub(crate) mod list_volume_backups;
