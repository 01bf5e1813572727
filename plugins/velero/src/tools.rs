//! One file per tool.

pub(crate) mod assess_restore;
pub(crate) mod coverage;
pub(crate) mod create_backup;
pub(crate) mod create_restore;
pub(crate) mod create_schedule;
pub(crate) mod delete_backup;
pub(crate) mod drift;
pub(crate) mod generate_backup;
pub(crate) mod generate_restore;
pub(crate) mod generate_schedule;
pub(crate) mod get_backup;
pub(crate) mod get_restore;
pub(crate) mod get_status;
pub(crate) mod list_backups;
pub(crate) mod list_locations;
pub(crate) mod list_restores;
pub(crate) mod list_schedules;
pub(crate) mod list_volume_backups;
pub(crate) mod pause_schedule;
pub(crate) mod unpause_schedule;
