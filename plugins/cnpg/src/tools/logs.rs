//! What the instances log.

mod found;
mod get;
mod line;
mod pods;
mod shape;
mod since;
mod sums;
mod values;

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![get::tool()]
}
