//! The volumes of a cluster as their claims show them: what they hold, how large they are, what is odd about them.
//!
//! A claim does not know how full its volume is: only PostgreSQL's metrics, and those of the kubelet, do.

use crate::kinds::{CLUSTER_LABEL, core};
use crate::telling::known;
use crate::{cluster::Cluster, quantity};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Place, Row, row};

/// What is read of each claim, in the order of [`Claim::read`].
const PATHS: [&str; 7] = [
    "metadata.name",
    "metadata.labels['cnpg.io/pvcRole']",
    "spec.resources.requests.storage",
    "status.capacity.storage",
    "status.phase",
    "spec.storageClassName",
    "status.conditions[*].type",
];

/// A claim of an instance.
pub(crate) struct Claim {
    pub(crate) name: String,
    /// Such as `PG_DATA` or `PG_WAL`.
    pub(crate) holds: String,
    /// What is asked for.
    pub(crate) wanted: String,
    /// What is there; empty before there is a volume.
    pub(crate) size: String,
    pub(crate) phase: String,
    pub(crate) class: String,
    pub(crate) conditions: Vec<String>,
}

impl Claim {
    fn read(row: &Row) -> Self {
        let text = |at| row.text(at).to_owned();
        Self {
            name: text(0),
            holds: text(1),
            wanted: text(2),
            size: text(3),
            phase: text(4),
            class: text(5),
            conditions: row.texts(6),
        }
    }

    /// What is odd about it; empty where nothing is.
    pub(crate) fn odd(&self, cluster: &Cluster) -> String {
        let mut odd = Vec::new();
        if self.phase != "Bound" {
            odd.push(format!("{} and not Bound", self.phase));
        }
        for (place, words) in [
            (
                "/status/unusablePVC",
                "cannot be used: another claim of its instance is gone",
            ),
            ("/status/danglingPVC", "no pod uses it"),
        ] {
            let is_named = cluster.object().texts(place).contains(&self.name);
            if is_named && !(cluster.is_hibernated() && place == "/status/danglingPVC") {
                odd.push(words.to_owned());
            }
        }
        let sizes = quantity::bytes(&self.wanted).zip(quantity::bytes(&self.size));
        if sizes.is_some_and(|(wanted, size)| size < wanted) {
            odd.push(format!("grows from {} to {}", self.size, self.wanted));
        }
        odd.extend(self.conditions.iter().cloned());
        odd.join(", ")
    }

    /// Its name and size, as `orders-1 (10Gi)`.
    pub(crate) fn name_and_size(&self) -> String {
        let size = if self.size.is_empty() {
            &self.wanted
        } else {
            &self.size
        };
        format!("{} ({size})", self.name)
    }

    /// Whether its file system grows only when its pod starts again.
    pub(crate) fn waits_for_pod(&self) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|one| one == "FileSystemResizePending")
    }

    /// In words, without its name.
    pub(crate) fn words(&self) -> String {
        let size = if self.size.is_empty() {
            &self.wanted
        } else {
            &self.size
        };
        format!(
            "{}, {size}, {}, class {}",
            self.holds, self.phase, self.class
        )
    }
}

/// Reads the claims of a cluster, by name.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn of(cluster: &Cluster) -> Result<Vec<Claim>, Failure> {
    named(cluster.namespace(), cluster.name())
}

/// Reads the claims that have the label of a cluster of this name, which need not be there. The name must have been checked.
///
/// # Errors
/// As [`row::all`].
fn named(namespace: &str, cluster: &str) -> Result<Vec<Claim>, Failure> {
    let selector = format!("{CLUSTER_LABEL}={cluster}");
    let query = Query::in_namespace(core("persistentvolumeclaims"), namespace);
    let rows = row::all(&query.label_selector(selector), &PATHS)?;
    Ok(rows.iter().map(Claim::read).collect())
}

/// Checks that no volumes are left of an earlier cluster that had the name of a new one. The operator would take them over and make or
/// restore nothing (`reconcileRestoredCluster`, `internal/controller/cluster_restore.go`): under an image of another distribution indexes
/// of text can be silently wrong, and with another owner than theirs the instances never finish their reconciliation.
///
/// # Errors
/// `Conflict` where some are left, and as [`row::all`]; that it may not be read is a note.
pub(crate) fn check_none_left(
    place: &Place,
    name: &str,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let what = "whether volumes of an earlier cluster of that name are there";
    let left = known(notes, what, named(&place.namespace, name))?.unwrap_or_default();
    if left.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = left.iter().map(|claim| claim.name.clone()).collect();
    let what = format!(
        "volumes of an earlier cluster `{name}` are there {} ({}): the operator would take them over, and they need the image, the owner \
         and the sizes that they had",
        place.words,
        listed(&names)
    );
    Err(Failure::Conflict(what).next_step(
        "choose another name; where the user wants that database back, a person writes the cluster with the spec that it had, or \
         restore_postgres_cluster makes one of another name from its backups",
    ))
}
