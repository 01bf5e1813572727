//! Roles that can log in, and their passwords, which nobody sees.

use bulkhead_plugin_sdk::Tool;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    Vec::new()
}
