//! What a cluster's status says of its backups. By which ways it is backed up, [`method`] says.
//!
//! The fields are not set for the backups of a plugin (`ClusterStatus`): there, only the Backup objects and the plugin's own object
//! store tell.

use super::Cluster;
use crate::backup::Method;
use crate::backup::method;
use bulkhead_plugin_sdk::Time;

impl Cluster {
    /// The ways in which it can be backed up; none of them where nobody has set that up.
    pub(crate) fn backup_ways(&self) -> Vec<Method> {
        method::ways(self)
    }

    /// Whether some of its backups are a plugin's, of which the status says nothing.
    pub(crate) fn has_backup_plugin(&self) -> bool {
        let mut ways = self.backup_ways().into_iter();
        ways.any(|way| matches!(way, Method::Plugin(_)))
    }

    /// When the last good backup ended: none for a plugin's backups.
    pub(crate) fn last_good_backup(&self) -> Option<Time> {
        self.object().time("/status/lastSuccessfulBackup")
    }

    /// When the last backup failed: none for a plugin's backups.
    pub(crate) fn last_failed_backup(&self) -> Option<Time> {
        self.object().time("/status/lastFailedBackup")
    }

    /// The earliest time that can be restored to: none for a plugin's backups.
    pub(crate) fn first_recoverability_point(&self) -> Option<Time> {
        self.object().time("/status/firstRecoverabilityPoint")
    }
}
