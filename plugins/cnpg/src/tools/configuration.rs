//! The parameters of PostgreSQL.

mod effects;
mod rules;
mod update;
mod version;
mod wanted;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![update::tool()]
}
