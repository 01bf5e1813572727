//! What stands in the cluster now, as far as a backup copies it.

use crate::row;
use crate::selection::Kind;
use bulkhead_plugin_sdk::kubernetes::{Query, Scope};
use bulkhead_plugin_sdk::{Failure, Row, Time};
use serde_json::Value;

pub(crate) const NAMESPACES: Kind = Kind::new("namespaces", "", "ns");

/// Looked at in each namespace where there are no more than so many of them; else everywhere at once.
const FEW: usize = 8;

/// The paths of a [`Standing`]; others follow.
const PATHS: [&str; 4] = [
    "metadata.namespace",
    "metadata.name",
    "metadata.labels",
    "metadata.creationTimestamp",
];

/// An object that stands in the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Empty for one of the cluster.
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) labels: Value,
    pub(crate) created: Time,
    /// The values at the other paths.
    pub(crate) row: Row,
}

impl Standing {
    fn read(mut row: Row) -> Self {
        let others = row.0.split_off(PATHS.len().min(row.0.len()));
        Self {
            namespace: row.text(0).to_owned(),
            name: row.text(1).to_owned(),
            labels: row.value(2).clone(),
            created: row.time(3).unwrap_or(Time::EPOCH),
            row: Row(others),
        }
    }
}

/// Shows `visit` every object of a type with namespaces, in some namespaces or in all.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn each(
    kind: Kind,
    within: Option<&[String]>,
    paths: &[&str],
    visit: &mut dyn FnMut(Standing),
) -> Result<(), Failure> {
    let few = within.filter(|names| names.len() <= FEW);
    let Some(names) = few else {
        let all = Query::new(kind.of(), Scope::AllNamespaces);
        return read(&all, paths, &mut |object| {
            if within.is_none_or(|names| names.contains(&object.namespace)) {
                visit(object);
            }
        });
    };
    for name in names {
        read(&Query::in_namespace(kind.of(), name), paths, visit)?;
    }
    Ok(())
}

/// Shows `visit` every object of a type without namespaces.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn each_of_cluster(
    kind: Kind,
    paths: &[&str],
    visit: &mut dyn FnMut(Standing),
) -> Result<(), Failure> {
    read(&Query::new(kind.of(), Scope::Cluster), paths, visit)
}

/// A namespace, and whether it is on its way out: Velero then takes nothing of it (`pkg/backup/item_collector.go`).
pub(crate) struct Namespace {
    pub(crate) object: Standing,
    pub(crate) terminating: bool,
}

/// Returns the cluster's namespaces.
///
/// # Errors
/// As [`row::each`].
pub(crate) fn namespaces() -> Result<Vec<Namespace>, Failure> {
    let mut namespaces = Vec::new();
    each_of_cluster(NAMESPACES, &["status.phase"], &mut |object| {
        namespaces.push(Namespace {
            terminating: object.row.text(0) == "Terminating",
            object,
        });
    })?;
    Ok(namespaces)
}

fn read(query: &Query, others: &[&str], visit: &mut dyn FnMut(Standing)) -> Result<(), Failure> {
    let mut paths = PATHS.to_vec();
    paths.extend_from_slice(others);
    row::each(query, &paths, &mut |row| {
        visit(Standing::read(row));
        Ok(())
    })
}
