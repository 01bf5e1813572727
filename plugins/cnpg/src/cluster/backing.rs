//! What a cluster is backed up by, and what its status says of that.
//!
//! There are three ways: the object store in the cluster's own spec (deprecated since 1.26), a plugin such as barman-cloud, and
//! volume snapshots. The fields of the status are not set for plugins (`ClusterStatus`): there, only the Backup objects tell.

use super::Cluster;
use bulkhead_plugin_sdk::{Object, Time};

/// The name of the barman-cloud plugin.
pub(crate) const PLUGIN: &str = "barman-cloud.cloudnative-pg.io";

/// A way in which a cluster is backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backing {
    /// `spec.backup.barmanObjectStore`.
    ObjectStore {
        /// Where the backups go.
        path: String,
    },
    /// A plugin in `spec.plugins` that archives WAL or is known to take backups.
    Plugin {
        /// The plugin's name.
        name: String,
        /// The ObjectStore that it is given, of the barman-cloud plugin; empty where none is named.
        store: String,
    },
    /// `spec.backup.volumeSnapshot`.
    Snapshot {
        /// The VolumeSnapshotClass; empty for the default one.
        class: String,
    },
}

impl Backing {
    /// The way as `spec.method` of a Backup has it.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::ObjectStore { .. } => "barmanObjectStore",
            Self::Plugin { .. } => "plugin",
            Self::Snapshot { .. } => "volumeSnapshot",
        }
    }

    /// In words, with where the backups go.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::ObjectStore { path } => format!("object store {path} (in-tree, deprecated)"),
            Self::Plugin { name, store } if store.is_empty() => format!("plugin {name}"),
            Self::Plugin { name, store } => format!("plugin {name}, object store {store}"),
            Self::Snapshot { class } if class.is_empty() => "volume snapshots".to_owned(),
            Self::Snapshot { class } => format!("volume snapshots of class {class}"),
        }
    }
}

impl Cluster {
    /// The ways in which it is backed up; none of them where nobody has set that up.
    pub(crate) fn backings(&self) -> Vec<Backing> {
        let mut found = Vec::new();
        let store = self.object().part("/spec/backup/barmanObjectStore");
        if !store.0.is_null() {
            found.push(Backing::ObjectStore {
                path: store.text("/destinationPath").to_owned(),
            });
        }
        for plugin in self.object().items("/spec/plugins") {
            if is_for_backups(plugin) {
                found.push(Backing::Plugin {
                    name: plugin.text("/name").to_owned(),
                    store: plugin.text("/parameters/barmanObjectName").to_owned(),
                });
            }
        }
        let snapshot = self.object().part("/spec/backup/volumeSnapshot");
        if !snapshot.0.is_null() {
            found.push(Backing::Snapshot {
                class: snapshot.text("/className").to_owned(),
            });
        }
        found
    }

    /// Whether some of its backups are a plugin's, of which the status says nothing.
    pub(crate) fn has_backup_plugin(&self) -> bool {
        let mut backings = self.backings().into_iter();
        backings.any(|one| matches!(one, Backing::Plugin { .. }))
    }

    /// When the last good backup ended, as the status has it: none for a plugin's backups.
    pub(crate) fn last_good_backup(&self) -> Option<Time> {
        self.object().time("/status/lastSuccessfulBackup")
    }

    /// When the last backup failed, as the status has it: none for a plugin's backups.
    pub(crate) fn last_failed_backup(&self) -> Option<Time> {
        self.object().time("/status/lastFailedBackup")
    }

    /// The earliest time that can be restored to, as the status has it: none for a plugin's backups.
    pub(crate) fn first_recoverability_point(&self) -> Option<Time> {
        self.object().time("/status/firstRecoverabilityPoint")
    }
}

/// A plugin that is not switched off (`IsEnabled`), and archives WAL or is barman-cloud.
fn is_for_backups(plugin: Object<'_>) -> bool {
    plugin.flag("/enabled") != Some(false)
        && (plugin.flag("/isWALArchiver") == Some(true) || plugin.text("/name") == PLUGIN)
}
