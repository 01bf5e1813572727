//! Stopping a cluster and starting it again.

use crate::fleet::{ask, notes, operated, people, refused};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const STOP: &str = "hibernate_postgres_cluster";
const START: &str = "wake_postgres_cluster";

fn orders() -> Value {
    json!({ "name": "orders", "namespace": "shop" })
}

fn vault() -> Value {
    json!({ "name": "vault", "namespace": "till" })
}

#[test]
fn one_annotation_stops_a_cluster_and_its_volumes_stay() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, STOP, &orders()).text;
    for line in [
        "risk high",
        "+ metadata.annotations['cnpg.io/hibernation']: \"on\"",
        "the database is down from then on",
        "its volumes stay: orders-1 (",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let said = ask(&cnpg, START, &vault()).text;
    assert!(said.contains("\"on\" -> \"off\""), "{said}");
    assert!(said.contains("risk high"), "{said}");
}

#[test]
fn a_cluster_is_stopped_and_wakes_again() {
    let cnpg = people().run(describe);
    let stopped = operated(&cnpg, STOP, &orders());
    assert_eq!(stopped["done"], true, "{stopped}");
    let woken = operated(&cnpg, START, &orders());
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 3 of 3 instances ready" });
    assert_eq!(woken, expected);
}

#[test]
fn what_is_so_already_changes_nothing() {
    let cnpg = people().run(describe);
    for (tool, arguments, says) in [
        (STOP, vault(), "is hibernated, or on the way to it, already"),
        (START, orders(), "is awake already"),
    ] {
        let failure = refused(&cnpg, tool, &arguments);
        assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
        assert!(failure.message().contains(says), "{failure}");
    }
}

#[test]
fn a_cluster_that_is_not_healthy_says_that_the_operator_waits() {
    let cnpg = people().run(describe);
    let said = notes(
        &cnpg,
        STOP,
        &json!({ "name": "carts", "namespace": "shop" }),
    );
    assert!(
        said.contains(
            "begins only once the phase is `Cluster in healthy state`; it is `Failing over`"
        ),
        "{said}"
    );
}
