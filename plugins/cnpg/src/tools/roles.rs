//! Roles that can log in, and their passwords, which nobody sees.

mod create_role;
mod delete_role;
mod list_roles;
mod update_role;

use bulkhead_plugin_sdk::Tool;
use bulkhead_plugin_sdk::arguments::Argument;

/// Which role of which cluster.
const ROLE: &[Argument] = &[
    Argument::text("cluster_name", "The cluster's name.").required(),
    Argument::text("role_name", "The role's name.").required(),
];

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        list_roles::tool(),
        create_role::tool(),
        update_role::tool(),
        delete_role::tool(),
    ]
}
