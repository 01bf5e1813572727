//! A call that waits says what the operator does meanwhile, and how it ended. Here a scripted one does it, which begins when the host
//! looks: what is said was seen.

use std::{
    thread,
    time::{Duration, Instant},
};

use bulkhead_cnpg_data::{AGENT, ORDERS, Operator, VAULT};
use bulkhead_simcluster::RequestRecord;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Desk, id_in, sim, with};
use crate::sim::Sim;

/// Waits until the host watches something: a request of its own, since the operator has none yet.
fn host_watches(sim: &Sim) {
    // A deadline, not a measure.
    let deadline = Instant::now() + Duration::from_secs(60);
    let watch = |request: &RequestRecord| request.query.contains("watch=1");
    while !sim.server.requests().iter().any(watch) {
        assert!(Instant::now() < deadline, "{:?}", sim.server.requests());
        thread::yield_now();
    }
}

#[rstest]
#[case::a_new_cluster(
    "create_postgres_cluster",
    json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast", "instances": 2 }),
    "Cluster in healthy state, 2 of 2 instances ready"
)]
#[case::an_instance_more(
    "scale_postgres_cluster",
    json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "instances": 4 }),
    "Cluster in healthy state, 4 of 4 instances ready"
)]
#[case::a_backup(
    "create_postgres_backup",
    json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "name": "by-hand" }),
    "completed"
)]
#[case::sleep(
    "hibernate_postgres_cluster",
    json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
    "0 of 3 instances ready"
)]
#[case::waking(
    "wake_postgres_cluster",
    json!({ "name": VAULT.name, "namespace": VAULT.namespace }),
    "2 of 2 instances ready"
)]
#[case::another_primary(
    "promote_postgres_instance",
    json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "instance": "orders-2" }),
    "orders-2"
)]
#[case::a_restart(
    "restart_postgres_cluster",
    json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
    "3 of 3 instances ready"
)]
#[case::a_minor_version(
    "upgrade_postgres_cluster",
    json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "postgres_version": "17.8" }),
    "3 of 3 instances ready"
)]
fn a_change_is_waited_for_until_the_operator_has_made_it(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] end: &str,
) {
    let sim = sim().may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let waits = with(&arguments, &json!({ "confirm": true, "wait": true }));
    let said = desk.call(tool, &waits).fails("needs-approval", &[]);
    desk.approve(id_in(&said.text));
    let params = json!({ "name": tool, "arguments": waits });
    let call = desk.client.begin("tools/call", params).unwrap();
    host_watches(&sim);
    let operator = Operator::start(&sim.server.url());
    let result = desk.client.answer(call).unwrap().unwrap();
    drop(operator);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("is applied"), "{text}");
    assert!(text.contains("waited: done"), "{text}");
    assert!(text.contains(end), "{text}");
    let progress = desk.client.take_notifications("notifications/progress");
    let messages: Vec<_> = progress
        .iter()
        .filter(|one| one["params"]["progressToken"] == call)
        .filter_map(|one| one["params"]["message"].as_str())
        .collect();
    assert!(!messages.is_empty(), "{progress:?}");
    // The one change is the host's; what followed was the operator's doing.
    let mut changes = sim.changes();
    changes.retain(|change| change.user_agent.as_deref() != Some(AGENT));
    assert_eq!(changes.len(), 1, "{changes:?}");
    desk.end();
}
