//! By which methods a cluster can be backed up, as its `spec` says and its plugins report.

use crate::cluster::Cluster;
use crate::telling;
use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::{Failure, Object, kubernetes};
use serde_json::{Map, Value, json};

/// The plugin of CloudNativePG's own for object stores.
pub(crate) const BARMAN_CLOUD: &str = "barman-cloud.cloudnative-pg.io";

const SNAPSHOTS: &str = "volumesnapshots.snapshot.storage.k8s.io";

/// How a base backup is taken, and by which instance: fields of a backup and of a schedule alike.
pub(crate) const HOW: &[Argument] = &[
    Argument::choice(
        "method",
        &["barmanObjectStore", "volumeSnapshot", "plugin"],
        "Left out: what the cluster has.",
    ),
    Argument::choice(
        "target",
        &["prefer-standby", "primary"],
        "Which instance is copied; left out: as the cluster says.",
    )
    .field("target"),
    Argument::flag(
        "online",
        "Only for volumeSnapshot: false shuts PostgreSQL down on the copied instance meanwhile.",
    )
    .field("online"),
];

/// A way to back up a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// By a plugin of this name.
    Plugin(String),
    /// To the object store of the cluster's own `spec.backup`.
    ObjectStore,
    Snapshot,
}

impl Method {
    /// As `spec.method` has it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Plugin(_) => "plugin",
            Self::ObjectStore => "barmanObjectStore",
            Self::Snapshot => "volumeSnapshot",
        }
    }

    /// Says it with the plugin's name.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Plugin(name) => format!("plugin {name}"),
            Self::ObjectStore | Self::Snapshot => self.word().to_owned(),
        }
    }

    /// Puts it, and what the caller said of [`HOW`], into the `spec` of a backup or of a schedule. That PostgreSQL is shut down stands
    /// there also where the cluster says so: what is approved is what happens, and the policy judges what it sees.
    pub(crate) fn put_into(
        &self,
        cluster: &Cluster,
        values: &Values,
        spec: &mut Map<String, Value>,
    ) {
        spec.insert("method".to_owned(), self.word().into());
        if let Self::Plugin(name) = self {
            spec.insert("pluginConfiguration".to_owned(), json!({ "name": name }));
        }
        values.put_into(spec, HOW);
        if self.is_offline(cluster, values) {
            spec.insert("online".to_owned(), false.into());
        }
    }

    /// Whether PostgreSQL is shut down on the instance that is copied (`GetOnlineOrDefault`, `api/v1/backup_funcs.go`).
    pub(crate) fn is_offline(&self, cluster: &Cluster, values: &Values) -> bool {
        match self {
            Self::Snapshot => {
                let of_cluster = cluster.object().flag("/spec/backup/volumeSnapshot/online");
                values.flag("online").or(of_cluster) == Some(false)
            }
            Self::Plugin(_) | Self::ObjectStore => false,
        }
    }

    /// Checks that `online` is given only where it means something: the operator refuses it beside `barmanObjectStore`, and does
    /// not look at it beside a plugin (`internal/webhook/v1/backup_webhook.go`).
    ///
    /// # Errors
    /// `Invalid`.
    pub(crate) fn check_online(&self, values: &Values) -> Result<(), Failure> {
        match self {
            Self::Snapshot => Ok(()),
            Self::Plugin(_) | Self::ObjectStore if values.flag("online").is_none() => Ok(()),
            Self::Plugin(_) | Self::ObjectStore => Err(Failure::invalid(format!(
                "`online` is given, and the method is `{}`: only volume snapshots can be taken offline",
                self.word()
            ))
            .next_step("leave `online` out")),
        }
    }

    /// Checks that the cluster serves what the method needs: without the type of volume snapshots the operator refuses such a backup.
    ///
    /// # Errors
    /// `Conflict`; as [`kubernetes::resolve`].
    pub(crate) fn check_served(&self) -> Result<(), Failure> {
        match self {
            Self::Plugin(_) | Self::ObjectStore => return Ok(()),
            Self::Snapshot => {}
        }
        match kubernetes::resolve(SNAPSHOTS) {
            Err(Failure::NotFound(_)) => Err(Failure::Conflict(format!(
                "the Kubernetes cluster serves no `{SNAPSHOTS}`, so it has no volume snapshots"
            ))
            .next_step("tell the user: the CRDs and the controller of CSI snapshots are missing")),
            Err(other) => Err(other),
            Ok(_) => Ok(()),
        }
    }

    /// Says what else to know before it is used: what is shut down, what runs on the primary, what is missing. What weighs most is in the
    /// summary too.
    pub(crate) fn tell(
        &self,
        cluster: &Cluster,
        values: &Values,
        others: &[Self],
        summary: &mut String,
        notes: &mut Vec<String>,
    ) {
        let object = cluster.object();
        if !others.is_empty() {
            let words: Vec<_> = others.iter().map(Self::word).collect();
            notes.push(format!(
                "it is taken by {}; the cluster has {} too: name it in `method` to take that",
                self.words(),
                words.join(" and ")
            ));
        }
        let target = values
            .text("target")
            .unwrap_or_else(|| object.text("/spec/backup/target"));
        let alone = cluster.instances() < 2;
        let on_primary = target == "primary" || alone;
        match (self.is_offline(cluster, values), on_primary) {
            (true, true) => telling::both(
                summary,
                notes,
                "offline on the primary: PostgreSQL is shut down there, and nothing can be written, until the snapshots are taken",
            ),
            (true, false) => telling::both(
                summary,
                notes,
                "offline: PostgreSQL is shut down on a standby until the snapshots are taken, on the primary where no standby is ready",
            ),
            (false, true) if alone => {
                notes.push("the cluster has one instance, so the primary is copied".to_owned());
            }
            (false, _) => {}
        }
        let archiving = cluster.condition("ContinuousArchiving");
        if let Some(archiving) = archiving.filter(|it| it.status == "False") {
            let fails = format!(
                "WAL archiving fails ({}): an online backup cannot be completed or used without its WAL",
                archiving.message
            );
            telling::both(summary, notes, &fails);
        }
    }

    /// Chooses the way that the caller named, else the first one of the cluster.
    ///
    /// # Errors
    /// `Conflict` where the cluster has none, `Invalid` where it has not the one that was named.
    pub(crate) fn choose(
        cluster: &Cluster,
        named: Option<&str>,
    ) -> Result<(Self, Vec<Self>), Failure> {
        let name = cluster.name();
        let mut ways = ways(cluster);
        if ways.is_empty() {
            return Err(Failure::Conflict(format!(
                "cluster `{name}` has no backup configured: neither `spec.backup.barmanObjectStore` or `spec.backup.volumeSnapshot`, \
                 nor a plugin that takes backups"
            ))
            .next_step("tell the user: where backups go is for the operator of the cluster to decide"));
        }
        let Some(named) = named else {
            return Ok((ways.remove(0), ways));
        };
        let at = ways.iter().position(|way| way.word() == named);
        let Some(at) = at else {
            let words: Vec<_> = ways.iter().map(Self::word).collect();
            let sentence = format!("cluster `{name}` has no `{named}` configured for its backups");
            return Err(Failure::invalid(sentence).next_step(&format!(
                "leave `method` out, or give {}",
                words.join(" or ")
            )));
        };
        Ok((ways.remove(at), Vec::new()))
    }
}

/// Returns the ways in which a cluster can be backed up, those that also archive its WAL first.
pub(crate) fn ways(cluster: &Cluster) -> Vec<Method> {
    let object = cluster.object();
    let mut ways = Vec::new();
    for plugin in object.items("/spec/plugins") {
        if takes_backups(object, plugin) {
            ways.push(Method::Plugin(plugin.text("/name").to_owned()));
        }
    }
    if object.part("/spec/backup/barmanObjectStore").0.is_object() {
        ways.push(Method::ObjectStore);
    }
    if object.part("/spec/backup/volumeSnapshot").0.is_object() {
        ways.push(Method::Snapshot);
    }
    ways
}

/// A plugin takes backups if it reports that (`status.pluginStatus`). Of one that has not reported yet it is only known that what
/// archives WAL takes them too.
fn takes_backups(cluster: Object<'_>, plugin: Object<'_>) -> bool {
    if plugin.flag("/enabled") == Some(false) {
        return false;
    }
    let name = plugin.text("/name");
    let mut reports = cluster.items("/status/pluginStatus");
    match reports.find(|report| report.text("/name") == name) {
        Some(report) => !report.texts("/backupCapabilities").is_empty(),
        None => name == BARMAN_CLOUD || plugin.flag("/isWALArchiver") == Some(true),
    }
}
