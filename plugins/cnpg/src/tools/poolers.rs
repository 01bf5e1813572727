//! PgBouncer in front of clusters.

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    Vec::new()
}
