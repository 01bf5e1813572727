//! Databases of a cluster that the operator manages.

mod create_database;
mod delete_database;
mod list_databases;

use bulkhead_plugin_sdk::Tool;
use bulkhead_plugin_sdk::arguments::Argument;

/// Which database of which cluster.
const DATABASE: &[Argument] = &[
    Argument::text("cluster_name", "The cluster's name.").required(),
    Argument::text("database_name", "The database's name in PostgreSQL.").required(),
];

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        list_databases::tool(),
        create_database::tool(),
        delete_database::tool(),
    ]
}
