//! Looking at clusters: which there are, how they are, how to connect to them.

mod list;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![list::tool()]
}
