//! A call that waits says what the operator does meanwhile, and how it ended. Here a scripted one does it, which goes on when the host
//! looks: what is said was seen.

use std::{
    thread,
    time::{Duration, Instant},
};

use bulkhead_cnpg_data::{AGENT, ORDERS, ORDERS_POOLER, Operator, VAULT};
use bulkhead_simcluster::RequestRecord;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Desk, calls, id_in, sim, with};
use crate::{session::Said, sim::Sim};

/// Waits until the host watches something; the operator asks for its own watches in other words.
fn host_watches(sim: &Sim) {
    // A deadline, not a measure.
    let deadline = Instant::now() + Duration::from_secs(60);
    let watch = |request: &RequestRecord| request.query.contains("watch=1");
    while !sim.server.requests().iter().any(watch) {
        assert!(Instant::now() < deadline, "{:?}", sim.server.requests());
        thread::yield_now();
    }
}

/// Begins a call that waits, of a change that a person has approved.
pub(crate) fn begin(desk: &mut Desk, tool: &str, arguments: &Value) -> u64 {
    let waits = with(arguments, &json!({ "confirm": true, "wait": true }));
    let said = desk.call(tool, &waits).fails("needs-approval", &[]);
    desk.approve(id_in(&said.text));
    let params = json!({ "name": tool, "arguments": waits });
    desk.client.begin("tools/call", params).unwrap()
}

pub(crate) fn ends(desk: &mut Desk, call: u64) -> Said {
    Said::of(desk.client.answer(call).unwrap().unwrap())
}

/// The parameters of each progress that was reported for a call and not waited for.
fn progress(desk: &mut Desk, call: u64) -> Vec<Value> {
    let all = desk.client.take_notifications("notifications/progress");
    let all = all.into_iter().map(|mut one| one["params"].take());
    all.filter(|one| one["progressToken"] == call).collect()
}

/// Waits until the client is told this of a call.
pub(crate) fn is_told(desk: &mut Desk, call: u64, part: &str) {
    let told = desk.client.wait(|message| {
        let params = &message["params"];
        message["method"] == "notifications/progress"
            && params["progressToken"] == call
            && params["message"].as_str().unwrap().contains(part)
    });
    told.unwrap();
}

/// The changes that are the host's doing, and not the operator's.
fn changes(sim: &Sim) -> Vec<RequestRecord> {
    let mut changes = sim.changes();
    changes.retain(|change| change.user_agent.as_deref() != Some(AGENT));
    changes
}

fn of_orders(more: &Value) -> Value {
    let of = json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace });
    with(&of, more)
}

fn orders(more: &Value) -> Value {
    with(
        &json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
        more,
    )
}

#[rstest]
#[case::a_new_cluster(
    "create_postgres_cluster",
    json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast", "instances": 2 }),
    1,
    "Cluster in healthy state, 2 of 2 instances ready"
)]
#[case::an_instance_more(
    "scale_postgres_cluster",
    orders(&json!({ "instances": 4 })),
    1,
    "Cluster in healthy state, 4 of 4 instances ready"
)]
#[case::an_instance_less(
    "scale_postgres_cluster",
    orders(&json!({ "instances": 2 })),
    1,
    "Cluster in healthy state, 2 of 2 instances ready"
)]
#[case::a_cluster_from_a_backup(
    "restore_postgres_cluster",
    json!({ "name": "orders-back", "namespace": ORDERS.namespace, "source_cluster": ORDERS.name }),
    1,
    "Cluster in healthy state, 3 of 3 instances ready"
)]
#[case::larger_volumes(
    "resize_postgres_storage",
    orders(&json!({ "storage_size": "30Gi", "wal_storage_size": "6Gi" })),
    1,
    "Cluster in healthy state, 3 of 3 instances ready"
)]
#[case::a_backup(
    "create_postgres_backup",
    of_orders(&json!({ "name": "by-hand" })),
    1,
    "completed"
)]
#[case::sleep(
    "hibernate_postgres_cluster",
    orders(&json!({})),
    1,
    "0 of 3 instances ready"
)]
#[case::waking(
    "wake_postgres_cluster",
    json!({ "name": VAULT.name, "namespace": VAULT.namespace }),
    1,
    "2 of 2 instances ready"
)]
#[case::another_primary(
    "promote_postgres_instance",
    orders(&json!({ "instance": "orders-2" })),
    1,
    "orders-2"
)]
#[case::a_restart(
    "restart_postgres_cluster",
    orders(&json!({})),
    1,
    "3 of 3 instances ready"
)]
#[case::a_minor_version(
    "upgrade_postgres_cluster",
    orders(&json!({ "postgres_version": "17.8" })),
    1,
    "3 of 3 instances ready"
)]
// The Secret with its password, and the entry.
#[case::a_new_role(
    "create_postgres_role",
    of_orders(&json!({ "role_name": "courier" })),
    2,
    "role courier is reconciled"
)]
#[case::a_new_password(
    "update_postgres_role",
    of_orders(&json!({ "role_name": "reporting", "reset_password": true })),
    1,
    "role reporting is reconciled"
)]
#[case::what_a_role_may(
    "update_postgres_role",
    of_orders(&json!({ "role_name": "reporting", "createdb": true })),
    1,
    "role reporting is reconciled"
)]
#[case::a_database(
    "create_postgres_database",
    of_orders(&json!({ "database_name": "invoices", "owner": "orders_app" })),
    1,
    "the database is applied"
)]
#[case::pods_of_a_pooler(
    "scale_postgres_pooler",
    json!({ "name": ORDERS_POOLER.name, "namespace": ORDERS_POOLER.namespace, "instances": 3 }),
    1,
    "3 of 3 pods are there"
)]
fn a_change_is_waited_for_until_the_operator_has_made_it(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] requests: usize,
    #[case] end: &str,
) {
    let sim = sim().may_change();
    let operator = Operator::paused(&sim.server.url());
    let mut desk = Desk::open(&sim.kubeconfig());
    let call = begin(&mut desk, tool, &arguments);
    host_watches(&sim);
    operator.go_on();
    let said = ends(&mut desk, call).succeeds(&["is applied", "waited: done", end]);
    // When it looked first it was not so yet: else there is nothing to report.
    assert!(!progress(&mut desk, call).is_empty(), "{}", said.text);
    // What followed was the operator's doing.
    assert_eq!(changes(&sim).len(), requests, "{:?}", changes(&sim));
    desk.end();
}

#[test]
fn what_comes_between_the_first_look_and_the_end_is_told_meanwhile() {
    let sim = sim().may_change();
    let operator = Operator::paused(&sim.server.url());
    let mut desk = Desk::open(&sim.kubeconfig());
    let fresh =
        json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast", "instances": 2 });
    let call = begin(&mut desk, "create_postgres_cluster", &fresh);
    is_told(&mut desk, call, "not looked at by the operator yet");
    operator.go_on_to("Creating a new replica");
    let between = "Creating a new replica (Creating replica fresh-2-join), 1 of 2 instances ready";
    is_told(&mut desk, call, between);
    operator.go_on();
    ends(&mut desk, call).succeeds(&["waited: done", "Cluster in healthy state"]);
}

#[test]
fn a_deletion_is_waited_for_until_the_cluster_is_gone() {
    let sim = sim().may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let tool = "delete_postgres_cluster";
    let (_, arguments) = calls::arguments(&json!({ "name": tool }));
    // As whoever wants to do something before it goes.
    let held_by = |finalizers: Value| {
        let catalog = format!(
            "{}/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/catalog",
            sim.server.url()
        );
        let patch = json!({ "metadata": { "finalizers": finalizers } });
        let request = ureq::patch(&catalog).content_type("application/merge-patch+json");
        request.send(patch.to_string()).unwrap();
    };
    held_by(json!(["example.com/last-look"]));
    let call = begin(&mut desk, tool, &arguments);
    is_told(&mut desk, call, "the cluster is still there");
    held_by(Value::Null);
    ends(&mut desk, call).succeeds(&["is applied", "waited: done: the cluster is gone"]);
}

/// Nobody acts on the cluster, and the time is what the caller said: the operator of the host would give the call more.
#[test]
fn a_wait_whose_time_is_over_says_that_the_change_is_made_and_goes_on() {
    let sim = sim().may_change();
    let mut desk = Desk::open_with(
        &sim.kubeconfig(),
        "\n[plugins.cnpg.limits]\nwall = \"5m\"\n",
    );
    let fresh =
        json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast", "timeout": 30 });
    let call = begin(&mut desk, "create_postgres_cluster", &fresh);
    let said = ends(&mut desk, call).succeeds(&[
        "is applied",
        "waited: not yet: the time to wait is over, it goes on: not looked at by the operator yet",
    ]);
    let id = id_in(&said.text);
    for told in progress(&mut desk, call) {
        assert_eq!(told["total"].as_f64().map(f64::round), Some(30.0), "{told}");
    }
    desk.call("change_status", &json!({ "id": id }))
        .succeeds(&["applied"]);
    let status = json!({ "name": "fresh", "namespace": "shop" });
    desk.call("get_cluster_status", &status).succeeds(&["New"]);
    assert_eq!(changes(&sim).len(), 1);
}
