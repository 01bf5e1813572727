//! How far back a cluster can be restored, and when it was last backed up: by its status, and for the barman-cloud plugin by the
//! status of the plugin's ObjectStore (`api/v1/objectstore_types.go` of plugin-barman-cloud) and the Backup objects.

use crate::backup::method::BARMAN_CLOUD;
use crate::backup::{Backup, PATHS, backups};
use crate::cluster::Cluster;
use crate::row;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Object, Row, Time};
use serde_json::Value;

/// What can be restored. None of a time means that nobody has said it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// The earliest time that can be restored to.
    pub(crate) first: Option<Time>,
    /// When the last good backup ended.
    pub(crate) last_good: Option<Time>,
    /// When the last backup failed.
    pub(crate) last_failed: Option<Time>,
}

/// The ObjectStore that the barman-cloud plugin uses for a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    pub(crate) name: String,
    /// Under which name the cluster's backups stand in it.
    pub(crate) server: String,
}

impl Window {
    /// As the cluster's status has it: empty for the backups of a plugin.
    pub(crate) fn of_status(cluster: &Cluster) -> Self {
        Self {
            first: cluster.first_recoverability_point(),
            last_good: cluster.last_good_backup(),
            last_failed: cluster.last_failed_backup(),
        }
    }

    /// As the ObjectStore's status has it.
    ///
    /// # Errors
    /// As [`kubernetes::get_fields`].
    pub(crate) fn of_store(namespace: &str, store: &Store) -> Result<Self, Failure> {
        let of = ResourceType::new("barmancloud.cnpg.io", "objectstores");
        let object = ObjectRef::in_namespace(of, namespace, &store.name);
        let fields: Value = kubernetes::get_fields(&object, &["status.serverRecoveryWindow"])?;
        let row = Row::of(fields);
        let window = row.value(0).get(&store.server).unwrap_or(&Value::Null);
        let window = Object(window);
        Ok(Self {
            first: window.time("/firstRecoverabilityPoint"),
            last_good: window.time("/lastSuccessfulBackupTime"),
            // Newer than 0.9 of the plugin.
            last_failed: window.time("/lastFailedBackupTime"),
        })
    }

    /// As the Backup objects of a cluster have it. What can be restored to is not in them: the plugin's retention deletes old
    /// backups in the store, and not their objects. A backup of another major version than the data's is not good any more: nothing
    /// since the upgrade can be restored from it.
    ///
    /// # Errors
    /// As [`row::each`].
    pub(crate) fn of_backups(cluster: &Cluster) -> Result<Self, Failure> {
        let mut window = Self::default();
        let query = Query::in_namespace(backups(), cluster.namespace());
        let data = cluster.data_major();
        row::each(&query, &PATHS, &mut |row| {
            let backup = Backup::read(&row);
            if backup.cluster == cluster.name() {
                match backup.phase.as_str() {
                    "completed" if [0, data.unwrap_or(backup.major)].contains(&backup.major) => {
                        window.last_good = window.last_good.max(backup.time());
                    }
                    "failed" => window.last_failed = window.last_failed.max(backup.time()),
                    _ => {}
                }
            }
            Ok(())
        })?;
        Ok(window)
    }
}

/// Returns the ObjectStore of a cluster that the barman-cloud plugin backs up.
pub(crate) fn store_of(cluster: &Cluster) -> Option<Store> {
    let mut plugins = cluster.object().items("/spec/plugins");
    let plugin = plugins.find(|plugin| {
        plugin.text("/name") == BARMAN_CLOUD && plugin.flag("/enabled") != Some(false)
    })?;
    let name = plugin.text("/parameters/barmanObjectName");
    let server = match plugin.text("/parameters/serverName") {
        "" => cluster.name(),
        server => server,
    };
    (!name.is_empty()).then(|| Store {
        name: name.to_owned(),
        server: server.to_owned(),
    })
}
