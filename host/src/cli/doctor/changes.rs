//! What stands in the way of changes: the store, the policy, and somebody who can decide.

use super::Report;
use crate::backend::cluster::Cluster;
use crate::call::Actor;
use crate::config::Config;
use crate::failure::{Kind, chain};
use crate::policy::Policy;
use crate::redact;
use crate::store::{Clock, SqliteStore, Store as _};

/// Looks at what a change needs here. Without a grant that changes there is nothing to look at.
pub(super) async fn check(config: &Config, report: &mut Report) {
    if !may_change(config) {
        return;
    }
    match config.approval.approvers.len() {
        0 => report.warn(
            "plugins may propose changes, and nobody can approve one at a terminal: the configuration names no approver",
            "`bulkhead approver init` makes a key and prints the line for `[approval]`",
        ),
        people => report.ok(format!("{people} can approve changes at a terminal")),
    }
    match Policy::load(&config.path) {
        Ok(policy) => report.ok(match policy.source() {
            Some(path) => format!("policy `{}`", path.display()),
            None => "the shipped policy".to_owned(),
        }),
        Err(problems) => report.fail(
            problems,
            "correct policy.toml: changes are refused until then",
        ),
    }
    let store = SqliteStore::new(&config.directories.state, Clock::system());
    match store.open_proposals().await {
        Ok(open) => report.ok(format!(
            "the store of changes opens; {} can be decided on or applied",
            open.len()
        )),
        Err(error) => report.fail(redact::text(&chain(&error)), &error.fix()),
    }
}

/// Looks at what a change needs in the cluster: it is bound to it by its namespace `kube-system`.
pub(super) async fn in_cluster(config: &Config, cluster: &Cluster, report: &mut Report) {
    if !may_change(config) {
        return;
    }
    match cluster.identity(&Actor::default()).await {
        Ok(_) => report.ok("changes can be bound to this cluster, by its namespace `kube-system`"),
        Err(failure) if failure.kind != Kind::Denied => report.fail(
            format!("no change can be proposed: {}", chain(&failure)),
            failure.fix.as_deref().unwrap_or("look whether the cluster runs"),
        ),
        Err(failure) => report.fail(
            format!(
                "no change can be proposed: {}",
                chain(&failure)
            ),
            "apply what `bulkhead rbac` prints: its role `bulkhead:host` lets the host read the namespace `kube-system`",
        ),
    }
}

fn may_change(config: &Config) -> bool {
    let mut grants = config.plugins.values().flat_map(|plugin| &plugin.grants);
    grants.any(|grant| grant.verbs.iter().any(|verb| verb.changes()))
}
