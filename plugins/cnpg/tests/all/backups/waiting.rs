//! Waiting for what the operator does. There is none here, so the tests do it.

use super::cluster::people;
use super::{confirmed, value, with};
use bulkhead_cnpg_data::Operator;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_simcluster::Cluster;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Calls the tool with `wait`, and changes the cluster as soon as the host watches.
fn waited(
    cnpg: &Running,
    tool: &str,
    arguments: &Value,
    change: impl FnOnce(&mut Cluster) + Send,
) -> Value {
    let server = cnpg.cluster();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A deadline, not a measure.
            let deadline = Instant::now() + Duration::from_secs(60);
            let watches = || {
                let requests = server.requests();
                requests
                    .iter()
                    .any(|request| request.query.contains("watch=1"))
            };
            while !watches() {
                assert!(
                    Instant::now() < deadline,
                    "no watch: {:?}",
                    server.requests()
                );
                std::thread::yield_now();
            }
            server.change(change);
        });
        let arguments = with(&confirmed(arguments), &json!({ "wait": true }));
        let mut answer = value(cnpg, tool, &arguments).expect("it is approved");
        assert_eq!(answer["state"], "applied", "{answer}");
        answer["waited"].take()
    })
}

fn becomes(kind: &str, name: &str, status: Value) -> impl FnOnce(&mut Cluster) + Send {
    let object = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": kind,
        "metadata": { "name": name, "namespace": "shop" },
        "spec": { "cluster": { "name": "orders" } }, "status": status,
    });
    move |cluster| {
        cluster
            .insert(object)
            .expect("it is an object of the cluster");
    }
}

fn backup() -> Value {
    json!({ "namespace": "shop", "cluster_name": "orders", "name": "now" })
}

#[test]
fn a_backup_is_waited_for_to_its_end() {
    let cnpg = people().run(describe);
    let status = json!({
        "phase": "completed", "startedAt": "2026-11-22T01:00:00Z", "stoppedAt": "2026-11-22T01:04:00Z",
        "backupId": "20261122T010000", "instanceID": { "podName": "orders-3" },
    });
    let change = becomes("Backup", "now", status);
    let waited = waited(&cnpg, "create_postgres_backup", &backup(), change);
    let expected =
        json!({ "done": true, "detail": "completed on orders-3, took 4m, id 20261122T010000" });
    assert_eq!(waited, expected);
}

/// It waits for `completed`, so any other end is seen after some seconds.
#[test]
fn a_backup_that_fails_ends_the_wait_with_the_reason() {
    let cnpg = people().run(describe);
    let status = json!({ "phase": "failed", "error": "exit status 1" });
    let change = becomes("Backup", "now", status);
    let waited = waited(&cnpg, "create_postgres_backup", &backup(), change);
    assert_eq!(
        waited,
        json!({ "done": true, "detail": "failed: exit status 1" })
    );
}

/// With something that does what the operator does.
#[test]
fn a_restore_is_waited_for_until_the_new_cluster_is_healthy() {
    let cnpg = people().run(describe);
    let _operator = Operator::start(&cnpg.cluster().url());
    let arguments = json!({
        "namespace": "shop", "name": "restored", "source_cluster": "orders", "instances": 2, "wait": true,
    });
    let answer = value(&cnpg, "restore_postgres_cluster", &confirmed(&arguments));
    let answer = answer.expect("it is approved");
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 2 of 2 instances ready" });
    assert_eq!(answer["waited"], expected, "{answer}");
}

#[test]
fn a_backup_comes_to_its_end_by_the_phases_of_the_operator() {
    let cnpg = people().run(describe);
    let _operator = Operator::start(&cnpg.cluster().url());
    let arguments = with(
        &confirmed(&backup()),
        &json!({ "wait": true, "timeout": 600 }),
    );
    let answer = value(&cnpg, "create_postgres_backup", &arguments).expect("it is approved");
    assert_eq!(answer["waited"]["done"], true, "{answer}");
    let detail = answer["waited"]["detail"].as_str().expect("a text");
    assert!(detail.starts_with("completed"), "{detail}");
}
