//! One file per tool.

pub(crate) mod list_backups;
pub(crate) mod list_schedules;
