//! Looking at clusters: which there are, how they are, how to connect to them.

mod certificates;
mod connection;
pub(crate) mod list;
pub(crate) mod status;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        list::tool(),
        status::tool(),
        certificates::tool(),
        connection::tool(),
    ]
}
