//! Backups: their phases, by which methods a cluster can be backed up, and what stands in the way of another one.
//!
//! A backup that the operator would refuse, or never begin, is refused here, before anybody is asked (`checkPrerequisites` and
//! `waitIfOtherBackupsRunning` in `internal/controller/backup_controller.go`). What cannot be read is said to be not known.

pub(crate) mod method;
mod obstacle;

pub(crate) use method::Method;
pub(crate) use obstacle::{Others, fit_for_offline, obstacle};

use crate::kinds::cnpg;
use bulkhead_plugin_sdk::kubernetes::ResourceType;
use bulkhead_plugin_sdk::{Failure, Row, Time};

/// What is read of each backup, in the order of [`Backup::read`].
pub(crate) const PATHS: [&str; 15] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.creationTimestamp",
    "spec.cluster.name",
    "spec.method",
    "spec.pluginConfiguration.name",
    "status.phase",
    "status.startedAt",
    "status.stoppedAt",
    "status.error",
    "status.backupId",
    "status.instanceID.podName",
    "status.snapshotBackupStatus.elements[*].name",
    "status.online",
    "status.majorVersion",
];

/// `backups.postgresql.cnpg.io`.
pub(crate) fn backups() -> ResourceType {
    cnpg("backups")
}

/// A backup, as far as a list shows it.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) asked: Option<Time>,
    pub(crate) cluster: String,
    pub(crate) method: String,
    pub(crate) plugin: String,
    /// As the operator writes it; empty where nobody has looked at it yet.
    pub(crate) phase: String,
    pub(crate) began: Option<Time>,
    pub(crate) ended: Option<Time>,
    pub(crate) error: String,
    /// Of barman; empty for volume snapshots.
    pub(crate) id: String,
    pub(crate) instance: String,
    pub(crate) snapshots: Vec<String>,
    pub(crate) online: Option<bool>,
    /// Of PostgreSQL; 0 where an older operator does not say it.
    pub(crate) major: u64,
}

impl Backup {
    /// Reads a row of [`PATHS`].
    pub(crate) fn read(row: &Row) -> Self {
        let text = |at| row.text(at).to_owned();
        Self {
            name: text(0),
            namespace: text(1),
            asked: row.time(2),
            cluster: text(3),
            method: text(4),
            plugin: text(5),
            phase: text(6),
            began: row.time(7),
            ended: row.time(8),
            error: text(9),
            id: text(10),
            instance: text(11),
            snapshots: row.texts(12),
            online: row.flag(13),
            major: row.number(14),
        }
    }

    /// Since when it holds the data; of one that has not ended, or does not say, when it began or was asked for.
    pub(crate) fn time(&self) -> Option<Time> {
        self.ended.or(self.began).or(self.asked)
    }
}

/// Whether nothing more comes of it (`IsDone`, `api/v1/backup_funcs.go`). A phase that is not known here goes on.
pub(crate) fn is_done(phase: &str) -> bool {
    matches!(phase, "completed" | "failed")
}

/// Returns the phase, also of what nobody has looked at yet.
pub(crate) fn shown(phase: &str) -> &str {
    if phase.is_empty() { "new" } else { phase }
}

/// Checks a name that something gets (a label holds it, so it is at most 63 long).
///
/// # Errors
/// `Invalid`, with what a name is.
pub(crate) fn checked_name(argument: &str, name: &str, longest: usize) -> Result<(), Failure> {
    if name.len() <= longest && !name.is_empty() && name.split('.').all(is_word) {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    let sentence = format!("`{argument}` is `{shown}`, which is no name for it");
    Err(Failure::invalid(sentence).next_step(&format!(
        "give small letters, digits, `-` and `.`, with a letter or digit at both ends, at most {longest}"
    )))
}

fn is_word(word: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    word.starts_with(is_end)
        && word.ends_with(is_end)
        && word.chars().all(|c| is_end(c) || c == '-')
}
