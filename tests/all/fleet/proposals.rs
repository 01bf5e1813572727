//! What each tool that changes says when it has proposed, in words and as a value, and that nothing is sent.

use bulkhead_tests::{
    approver::Approver,
    host_config::{HostConfig, cluster_table},
};
use serde_json::{Value, json};

use super::{answers::snapshot, shipped_with_examples, sim};
use crate::session::Session;

fn calls() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "proposed_backup",
            "create_velero_backup",
            json!({ "name": "by-hand", "included_namespaces": ["shop"], "ttl": "240h", "reason": "before the upgrade" }),
        ),
        (
            "proposed_backup_of_a_schedule",
            "create_velero_backup",
            json!({ "name": "payments-now", "from_schedule": "payments-12h" }),
        ),
        (
            "proposed_restore",
            "create_velero_restore",
            json!({
                "name": "shop-back", "backup": "shop-before-upgrade", "included_namespaces": ["shop"],
                "namespace_mapping": { "shop": "shop-copy" },
            }),
        ),
        (
            "proposed_schedule",
            "create_velero_schedule",
            json!({ "name": "analytics-daily", "schedule": "@daily", "included_namespaces": ["analytics"] }),
        ),
        (
            "proposed_pause",
            "pause_velero_schedule",
            json!({ "name": "apps-daily" }),
        ),
        (
            "proposed_unpause",
            "unpause_velero_schedule",
            json!({ "name": "legacy-nightly" }),
        ),
        (
            "proposed_deletion",
            "delete_velero_backup",
            json!({ "name": "shop-before-upgrade" }),
        ),
    ]
}

#[test]
fn each_tool_that_changes_says_this_when_it_has_proposed_and_nothing_is_sent() {
    let sim = sim().may_change();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let approval = Approver::shared().unwrap().table();
    let text = format!("{cluster}{approval}{}", shipped_with_examples());
    let mut session = Session::start(HostConfig::with_text(&text).unwrap());
    for (name, tool, arguments) in calls() {
        snapshot(name, &mut session, tool, &arguments);
    }
    session.end();
    assert_eq!(sim.changes(), []);
}
