//! Where the data of a new cluster comes from: which backups, and the archive with the WAL behind them.

use crate::backup::method::BARMAN_CLOUD;
use crate::backup::{Backup, Method, PATHS, backups, checked_name, shown};
use crate::cluster::Cluster;
use crate::recovery::Target;
use crate::window::{Store, store_of};
use crate::{named, row};
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::{Failure, Object, Place};
use serde_json::{Map, Value};

/// What of the in-tree configuration is about writing backups, and not about finding them.
const OF_WRITING: [&str; 3] = ["data", "tags", "historyTags"];

/// Of any object.
const LONGEST_NAME: usize = 253;

/// What a new cluster is made from.
pub(crate) struct Source {
    /// The name of the cluster that was backed up; also the folder of its backups, unless it says another.
    pub(crate) name: String,
    /// None where it is gone, and only its backups are left.
    pub(crate) cluster: Option<Cluster>,
    /// The Backup object to begin from; none where the operator finds the one that fits.
    pub(crate) base: Option<Value>,
    /// The major version that the data is of, by the backup that the recovery begins from; 0 where no Backup object says it.
    pub(crate) major: u64,
    pub(crate) method: Method,
    /// Where its WAL is; none where nothing is archived, or nobody knows where.
    pub(crate) archive: Option<Archive>,
}

/// Where base backups and WAL are.
pub(crate) enum Archive {
    /// As `externalClusters[].barmanObjectStore` takes it.
    InTree(Value),
    /// Of the barman-cloud plugin.
    Plugin(Store),
}

impl Source {
    /// Finds what the arguments `source_cluster`, `backup`, `method` and `object_store` name.
    ///
    /// # Errors
    /// `Invalid`, `NotFound` and `Conflict`, with what there is instead.
    pub(crate) fn find(
        values: &Values,
        place: &Place,
        target: Option<&Target>,
    ) -> Result<Self, Failure> {
        let named = values.text("source_cluster");
        match (values.text("backup"), named) {
            (Some(backup), named) => Self::of_backup(values, place, backup, named),
            (None, Some(cluster)) => Self::of_cluster(values, place, cluster, target),
            (None, None) => Err(Failure::invalid("neither `source_cluster` nor `backup` is given")
                .next_step("name the cluster to restore from, or one Backup object; list_postgres_backups shows them")),
        }
    }

    fn of_backup(
        values: &Values,
        place: &Place,
        name: &str,
        named: Option<&str>,
    ) -> Result<Self, Failure> {
        let base = read(place, name)?;
        let backup = Object(&base);
        let of = backup.text("/spec/cluster/name");
        if let Some(named) = named.filter(|named| *named != of) {
            let sentence =
                format!("backup `{name}` is of cluster `{of}`, and `source_cluster` is `{named}`");
            return Err(Failure::invalid(sentence).next_step("leave one of them out"));
        }
        let cluster = match Cluster::find(place, of) {
            Ok(cluster) => Some(cluster),
            // The Backup object outlives its cluster.
            Err(Failure::NotFound(_)) => None,
            Err(other) => return Err(other),
        };
        let method = match backup.text("/spec/method") {
            "plugin" => Method::Plugin(backup.text("/spec/pluginConfiguration/name").to_owned()),
            "volumeSnapshot" => Method::Snapshot,
            // The default of the CRD.
            "barmanObjectStore" | "" => Method::ObjectStore,
            other => return Err(unknown_method(name, other)),
        };
        if let Some(word) = values.text("method").filter(|word| *word != method.word()) {
            let sentence = format!(
                "backup `{name}` was taken by `{}`, and `method` is `{word}`",
                method.word()
            );
            return Err(Failure::invalid(sentence).next_step("leave `method` out"));
        }
        let archive = archive(values, of, cluster.as_ref(), &method)?;
        let source = Self {
            name: of.to_owned(),
            cluster,
            major: backup.number("/status/majorVersion"),
            base: Some(base),
            method,
            archive,
        };
        source.check()
    }

    fn of_cluster(
        values: &Values,
        place: &Place,
        name: &str,
        target: Option<&Target>,
    ) -> Result<Self, Failure> {
        let cluster = Cluster::find(place, name).map_err(|failure| {
            failure
                .next_step("where the cluster is gone, name one of its Backup objects as `backup`")
        })?;
        let (method, _) = Method::choose(&cluster, values.text("method"))?;
        let archive = archive(values, name, Some(&cluster), &method)?;
        let newest = match (newest(place, name, &method, target), &method) {
            (Ok(None), Method::Snapshot) => return Err(no_snapshot(place, name, target)),
            (Ok(newest), _) => newest,
            (Err(Failure::Denied(_)), Method::Plugin(_) | Method::ObjectStore) => None,
            (Err(other), _) => return Err(other),
        };
        let major = newest
            .as_ref()
            .map_or(0, |newest| Object(newest).number("/status/majorVersion"));
        // The version of the data: the image is the new one as soon as an upgrade is asked for, and stays so where that fails.
        let now = cluster.data_major().or(cluster.major());
        let has_moved_on = major != 0 && now.is_some_and(|now| now != major);
        // Where WAL is replayed to its end, it would have to go through the upgrade.
        if has_moved_on && target.is_none() && archive.is_some() {
            return Err(before_upgrade(&cluster, place, major));
        }
        // From an object store the operator chooses itself, and by the same rule.
        let base = newest.filter(|_| method == Method::Snapshot);
        let source = Self {
            name: name.to_owned(),
            // Where no Backup says it, as before 1.27.2: an upgrade that failed left the old data under a new image in the spec.
            major: if major == 0 {
                cluster.data_major().unwrap_or(0)
            } else {
                major
            },
            cluster: Some(cluster),
            base,
            method,
            archive,
        };
        source.check()
    }

    /// Checks that the operator can get at the data in this way.
    fn check(self) -> Result<Self, Failure> {
        match (&self.method, &self.archive) {
            (Method::Plugin(name), _) if name != BARMAN_CLOUD => Err(Failure::Conflict(format!(
                "the backups are those of plugin `{name}`, and how to restore from it is not known here"
            ))
            .next_step("tell the user: the plugin's own documentation says what `externalClusters` needs")),
            (Method::Plugin(_), Some(Archive::Plugin(_))) => Ok(self),
            (Method::Plugin(_), Some(Archive::InTree(_)) | None) => {
                let why = match &self.cluster {
                    None => "is gone",
                    Some(_) => "does not name the plugin's object store",
                };
                Err(Failure::invalid(format!(
                    "cluster `{}` {why}, so where plugin `{BARMAN_CLOUD}` keeps its backups is not known",
                    self.name
                ))
                .next_step("name the ObjectStore of the plugin as `object_store`"))
            }
            (Method::ObjectStore | Method::Snapshot, _) => Ok(self),
        }
    }

    /// The Backup object to begin from.
    pub(crate) fn base(&self) -> Option<Object<'_>> {
        self.base.as_ref().map(Object)
    }

    /// Whether WAL behind the base backup can be replayed: without it there is only the moment of the backup.
    pub(crate) fn has_wal(&self) -> bool {
        // A backup to the in-tree store says itself where its WAL is.
        self.archive.is_some() || self.method == Method::ObjectStore
    }

    /// Says it for the person who decides.
    pub(crate) fn words(&self) -> String {
        match self.base() {
            Some(base) => format!(
                "backup {} of cluster {}",
                base.text("/metadata/name"),
                self.name
            ),
            None => format!(
                "the backups of cluster {} ({})",
                self.name,
                self.method.words()
            ),
        }
    }
}

/// Where an archive is, in words.
pub(crate) fn archive_words(archive: &Archive) -> String {
    match archive {
        Archive::InTree(config) => {
            let config = Object(config);
            format!(
                "{}, server {}",
                config.text("/destinationPath"),
                config.text("/serverName")
            )
        }
        Archive::Plugin(store) => format!("object store {}, server {}", store.name, store.server),
    }
}

/// Reads a backup that can be restored from.
fn read(place: &Place, name: &str) -> Result<Value, Failure> {
    let object = named::find(backups(), place, name, "list_postgres_backups")?;
    let phase = Object(&object).text("/status/phase");
    if phase == "completed" {
        return Ok(object);
    }
    let sentence = format!(
        "backup `{name}` {} is {}, so there is nothing to restore from",
        place.words,
        shown(phase)
    );
    Err(Failure::Conflict(sentence).next_step(
        "choose a completed one; list_postgres_backups with phase `completed` shows them",
    ))
}

fn unknown_method(name: &str, method: &str) -> Failure {
    Failure::Conflict(format!(
        "backup `{name}` was taken by `{method}`, and how to restore from that is not known here"
    ))
    .next_step("choose another backup")
}

/// Finds the newest good backup of a method that ended before the time to recover to.
fn newest(
    place: &Place,
    of: &str,
    method: &Method,
    target: Option<&Target>,
) -> Result<Option<Value>, Failure> {
    let mut newest: Option<Backup> = None;
    row::each(&place.query(backups()), &PATHS, &mut |row| {
        let backup = Backup::read(&row);
        let is_meant =
            backup.cluster == of && backup.method == method.word() && backup.phase == "completed";
        let is_before =
            target.is_none_or(|target| backup.time().is_some_and(|time| time <= target.time));
        let is_newer = newest
            .as_ref()
            .is_none_or(|newest| newest.time() < backup.time());
        if is_meant && is_before && is_newer {
            newest = Some(backup);
        }
        Ok(())
    })?;
    newest.map(|newest| read(place, &newest.name)).transpose()
}

fn no_snapshot(place: &Place, of: &str, target: Option<&Target>) -> Failure {
    let before = target
        .map(|target| format!(" that ended before {}", target.text))
        .unwrap_or_default();
    let sentence = format!(
        "cluster `{of}` {} has no completed backup by volume snapshots{before}",
        place.words
    );
    Failure::Conflict(sentence).next_step("list_postgres_backups shows which backups there are")
}

/// What was archived since then is of another version, in which that backup cannot be brought forward.
fn before_upgrade(cluster: &Cluster, place: &Place, major: u64) -> Failure {
    let sentence = format!(
        "the newest backup of cluster `{}` {} is of PostgreSQL {major}, from before its upgrade: nothing since then can be restored",
        cluster.name(),
        place.words
    );
    Failure::Conflict(sentence).next_step(
        "propose create_postgres_backup; or, to go back behind the upgrade, give a `target_time` before it or a `backup`",
    )
}

/// Finds where base backups and WAL are: as the caller says, else as the cluster does.
fn archive(
    values: &Values,
    of: &str,
    cluster: Option<&Cluster>,
    method: &Method,
) -> Result<Option<Archive>, Failure> {
    let own = cluster.and_then(|cluster| match method {
        Method::ObjectStore => in_tree(cluster),
        Method::Plugin(_) => of_plugin(cluster),
        Method::Snapshot => of_plugin(cluster).or_else(|| in_tree(cluster)),
    });
    let Some(store) = values.text("object_store") else {
        return Ok(own);
    };
    checked_name("object_store", store, LONGEST_NAME)?;
    match own {
        None => Ok(Some(Archive::Plugin(Store {
            name: store.to_owned(),
            server: of.to_owned(),
        }))),
        Some(own) => Err(Failure::invalid(format!(
            "`object_store` is given, and cluster `{of}` says itself where its backups are: {}",
            archive_words(&own)
        ))
        .next_step("leave `object_store` out")),
    }
}

/// The store of the barman-cloud plugin.
fn of_plugin(cluster: &Cluster) -> Option<Archive> {
    let is_it = |way: &Method| *way == Method::Plugin(BARMAN_CLOUD.to_owned());
    let mut ways = cluster.backup_ways().into_iter();
    ways.any(|way| is_it(&way))
        .then(|| store_of(cluster).map(Archive::Plugin))
        .flatten()
}

/// The store of the cluster's own spec.
fn in_tree(cluster: &Cluster) -> Option<Archive> {
    let own = cluster.object().part("/spec/backup/barmanObjectStore");
    let mut fields = only(own.0.as_object()?, |field, _| !OF_WRITING.contains(&field));
    let server = server(cluster, own.text("/serverName"));
    fields.insert("serverName".to_owned(), server.into());
    Some(Archive::InTree(fields.into()))
}

/// Returns the entries that are kept. They are copied one by one: to take the others away would bring 4 KB more into the component.
pub(super) fn only(
    entries: &Map<String, Value>,
    keep: impl Fn(&str, &Value) -> bool,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in entries {
        if keep(key, value) {
            kept.insert(key.clone(), value.clone());
        }
    }
    kept
}

/// The folder of its backups: its name, unless it says another.
fn server(cluster: &Cluster, said: &str) -> String {
    let name = if said.is_empty() {
        cluster.name()
    } else {
        said
    };
    name.to_owned()
}
