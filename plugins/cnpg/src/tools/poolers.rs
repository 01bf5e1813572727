//! Poolers in front of clusters.

mod create_pooler;
mod delete_pooler;
mod list_poolers;
mod scale_pooler;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        list_poolers::tool(),
        create_pooler::tool(),
        scale_pooler::tool(),
        delete_pooler::tool(),
    ]
}
