//! The managed roles of a cluster: what its spec asks for, and what its status says became of it.
//!
//! `spec.managed.roles` is a plain list, so a role is its place in it too (`RoleConfiguration`, `ManagedRoles`).

use super::Cluster;
use bulkhead_plugin_sdk::{Object, row};

impl Cluster {
    /// The managed roles, in their order; one that is `absent` is among them.
    pub(crate) fn roles(&self) -> impl Iterator<Item = Object<'_>> {
        self.object().items("/spec/managed/roles")
    }

    /// A managed role and its place in the list.
    pub(crate) fn role(&self, name: &str) -> Option<(usize, Object<'_>)> {
        let mut roles = self.roles().enumerate();
        roles.find(|(_, role)| role.text("/name") == name)
    }

    /// What the status says of a role, such as `reconciled` or `not-managed`; empty where it says nothing.
    pub(crate) fn role_status(&self, name: &str) -> &str {
        let states = self.object().part("/status/managedRolesStatus/byStatus");
        let states = states.0.as_object().into_iter().flatten();
        for (state, names) in states {
            if row::texts(names).iter().any(|one| one == name) {
                return state;
            }
        }
        ""
    }

    /// The roles that PostgreSQL did not take as they are written, with its reasons.
    pub(crate) fn cannot_reconcile(&self) -> Vec<(String, String)> {
        let roles = self.object();
        let roles = roles.part("/status/managedRolesStatus/cannotReconcile");
        let roles = roles.0.as_object().into_iter().flatten();
        roles
            .map(|(name, why)| (name.clone(), row::texts(why).join("; ")))
            .collect()
    }
}
