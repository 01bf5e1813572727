//! CloudNativePG's resource types.

use bulkhead_plugin_sdk::kubernetes::ResourceType;

/// The API group of all of them.
pub(crate) const GROUP: &str = "postgresql.cnpg.io";

/// The group's version in which all of them stand.
pub(crate) const API_VERSION: &str = "postgresql.cnpg.io/v1";

/// The label of whatever belongs to a cluster, with the cluster's name.
pub(crate) const CLUSTER_LABEL: &str = "cnpg.io/cluster";

/// Names a type of CloudNativePG by its plural.
pub(crate) fn cnpg(plural: &str) -> ResourceType {
    ResourceType::new(GROUP, plural)
}

/// `clusters.postgresql.cnpg.io`.
pub(crate) fn clusters() -> ResourceType {
    cnpg("clusters")
}

/// A type of the core group, by its plural.
pub(crate) fn core(plural: &str) -> ResourceType {
    ResourceType::new("", plural)
}

/// Names a type of CloudNativePG in full, by its plural: `clusters.postgresql.cnpg.io`.
pub(crate) fn named(plural: &str) -> String {
    format!("{plural}.{GROUP}")
}
