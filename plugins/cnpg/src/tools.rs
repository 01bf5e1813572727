//! The tools by what they are about: a file per subject, and below it one per tool.

mod backups;
pub(crate) mod clusters;
mod configuration;
mod databases;
mod lifecycle;
mod logs;
mod metrics;
mod poolers;
mod roles;

use bulkhead_plugin_sdk::Tool;

/// Every tool of the plugin.
pub(crate) fn all() -> Vec<Tool> {
    let mut all = Vec::new();
    for tools in [
        clusters::tools(),
        lifecycle::tools(),
        roles::tools(),
        databases::tools(),
        backups::tools(),
        poolers::tools(),
        configuration::tools(),
        logs::tools(),
        metrics::tools(),
    ] {
        all.extend(tools);
    }
    all
}
