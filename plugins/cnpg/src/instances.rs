//! The instances of a cluster as its pods show them: role, readiness, what is wrong, and which image they run.
//!
//! A pod does not know how far a replica is behind: only PostgreSQL does, and the metrics that the instance manager gives out.

use crate::cluster::Cluster;
use crate::image::Image;
use crate::kinds::{CLUSTER_LABEL, core};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Object, Row, row};

/// What is read of each pod, in the order of [`Instance::read`].
const PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.labels['cnpg.io/instanceRole']",
    "metadata.annotations['kubectl.kubernetes.io/restartedAt']",
    "metadata.deletionTimestamp",
    "spec.nodeName",
    "spec.containers[*].name",
    "spec.containers[*].image",
    "status.phase",
    "status.containerStatuses",
];

/// The container with PostgreSQL.
const CONTAINER: &str = "postgres";

/// One instance, as its pod shows it.
pub(crate) struct Instance {
    pub(crate) name: String,
    /// `primary` or `replica`; empty before the operator has said it.
    pub(crate) role: String,
    pub(crate) is_ready: bool,
    /// What is wrong; empty where nothing is, or nobody has said it.
    pub(crate) trouble: String,
    pub(crate) restarts: u64,
    pub(crate) node: String,
    /// The image that PostgreSQL runs in.
    pub(crate) image: String,
    /// The restart that it was made by.
    pub(crate) restarted_at: String,
}

impl Instance {
    fn read(row: &Row) -> Self {
        let statuses = row.value(8).as_array().into_iter().flatten();
        let mut statuses = statuses.map(Object);
        let status = statuses.find(|status| status.text("/name") == CONTAINER);
        let mut images = row.texts(5).into_iter().zip(row.texts(6));
        let image = images.find(|(name, _)| name == CONTAINER);
        let is_going = !row.text(3).is_empty();
        let trouble = match (is_going, status) {
            (true, _) => "its pod is being deleted".to_owned(),
            (false, Some(status)) => trouble(status),
            (false, None) => format!("its pod is {}", row.text(7)),
        };
        Self {
            name: row.text(0).to_owned(),
            role: row.text(1).to_owned(),
            is_ready: !is_going && status.and_then(|it| it.flag("/ready")) == Some(true),
            trouble,
            restarts: status.map_or(0, |it| it.number("/restartCount")),
            node: row.text(4).to_owned(),
            image: image.map(|(_, image)| image).unwrap_or_default(),
            restarted_at: row.text(2).to_owned(),
        }
    }

    /// In words, without its name.
    pub(crate) fn words(&self, cluster: &Cluster) -> String {
        let mut words = Vec::new();
        if !self.role.is_empty() {
            words.push(self.role.clone());
        }
        words.push(match (self.is_ready, self.trouble.is_empty()) {
            (true, _) => "ready".to_owned(),
            (false, true) => "not ready".to_owned(),
            (false, false) => format!("not ready: {}", self.trouble),
        });
        if cluster.is_fenced(&self.name) {
            words.push("fenced".to_owned());
        }
        if self.restarts > 0 {
            words.push(format!("{} restarts", self.restarts));
        }
        if let Some(version) = Image::of(&self.image).version() {
            words.push(version.to_string());
        }
        if !self.node.is_empty() {
            words.push(format!("on {}", self.node));
        }
        words.join(", ")
    }
}

/// Reads the instances of a cluster, by name.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn of(cluster: &Cluster) -> Result<Vec<Instance>, Failure> {
    let selector = format!(
        "{CLUSTER_LABEL}={},cnpg.io/podRole=instance",
        cluster.name()
    );
    let query = Query::in_namespace(core("pods"), cluster.namespace()).label_selector(selector);
    let rows = row::all(&query, &PATHS)?;
    Ok(rows.iter().map(Instance::read).collect())
}

/// Whether there are instances, and all of them are as `is_so` says.
///
/// # Errors
/// As [`of`].
pub(crate) fn all_are(
    cluster: &Cluster,
    is_so: &dyn Fn(&Instance) -> bool,
) -> Result<bool, Failure> {
    let instances = of(cluster)?;
    Ok(!instances.is_empty() && instances.iter().all(is_so))
}

/// Returns why the container with PostgreSQL does not run well; empty where it does.
fn trouble(status: Object<'_>) -> String {
    let mut words = Vec::new();
    for place in ["/state/waiting/reason", "/state/terminated/reason"] {
        words.extend(Some(status.text(place)).filter(|text| !text.is_empty()));
    }
    let ended = status.part("/lastState/terminated/exitCode").0.as_u64();
    let of_operator = match ended {
        // `MissingWALDiskSpaceExitCode` and `MissingWALArchivePlugin` of `api/v1/cluster_types.go`.
        Some(4) => "it ended since there is no disk space left for WAL",
        Some(5) => "it ended since the plugin that archives WAL is not there",
        Some(_) | None => "",
    };
    match (ended, of_operator) {
        (Some(code), "") if code > 0 => format!("{} (exit code {code})", words.join(", ")),
        (_, "") => words.join(", "),
        (_, why) => format!("{} ({why})", words.join(", ")),
    }
}
