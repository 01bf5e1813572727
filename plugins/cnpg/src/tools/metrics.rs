//! What Prometheus knows of the instances.

mod expressions;
mod get;
mod known;
mod reasons;
mod shown;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![get::tool()]
}
