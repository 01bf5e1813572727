//! Stopping a cluster and starting it again.

use super::fleet::{
    ask, cluster, document, granted_with, notes, operated, people, refused, summary, value,
};
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
    let told = summary(&cnpg, STOP, &orders());
    assert!(told.contains("the database is down from then on"), "{told}");
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
        (STOP, vault(), "is hibernated, or asked to be, already"),
        (START, orders(), "is awake already"),
    ] {
        let failure = refused(&cnpg, tool, &arguments);
        assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
        assert!(failure.message().contains(says), "{failure}");
    }
}

/// The operator begins only in the healthy phase: till then the annotation says nothing of the cluster.
#[test]
fn hibernation_that_has_not_begun_can_be_taken_back_and_hides_no_trouble() {
    let mut asked = cluster(
        "shop",
        "asked",
        json!({ "instances": 2 }),
        json!({ "phase": "Failing over", "readyInstances": 0 }),
    );
    asked["metadata"]["annotations"] = json!({ "cnpg.io/hibernation": "on" });
    let cnpg = granted_with(&document(&asked)).run(describe);
    let of = json!({ "name": "asked", "namespace": "shop" });
    let failure = refused(&cnpg, STOP, &of);
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
    let answer = value(&cnpg, START, &of).expect("it is taken back");
    assert_eq!(answer["state"], "proposed", "{answer}");
    let status = ask(&cnpg, "get_cluster_status", &of).text;
    for words in [
        "Failing over",
        "0 of 2 instances are ready",
        "hibernation is asked for, and begins only once the phase is healthy",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    assert!(!status.contains("Hibernat"), "{status}");
}

/// `hibernation.Reconcile` lets the loop go on while the cluster has no condition (`pkg/reconciler/hibernation/reconciler.go`).
#[test]
fn until_hibernation_begins_changes_are_still_carried_out_and_that_is_told() {
    let mut asked = cluster(
        "shop",
        "asked",
        json!({ "instances": 2 }),
        json!({ "phase": "Failing over", "readyInstances": 2 }),
    );
    asked["metadata"]["annotations"] = json!({ "cnpg.io/hibernation": "on" });
    let cnpg = granted_with(&document(&asked)).run(describe);
    let of = json!({ "name": "asked", "namespace": "shop", "instances": 3 });
    let told = summary(&cnpg, "scale_postgres_cluster", &of);
    let words = "asked to hibernate: still carried out until the phase is healthy, after that only when it is woken";
    assert!(told.contains(words), "{told}");
    assert!(!told.contains("nothing is carried out"), "{told}");
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

#[test]
fn a_cluster_that_the_operator_leaves_alone_neither_sleeps_nor_wakes_and_that_is_said_first() {
    let of = |hibernation: &str| {
        let mut alone = cluster("shop", "held", json!({ "instances": 1 }), json!({}));
        alone["metadata"]["annotations"] =
            json!({ "cnpg.io/reconciliationLoop": "disabled", "cnpg.io/hibernation": hibernation });
        granted_with(&document(&alone)).run(describe)
    };
    let held = json!({ "name": "held", "namespace": "shop" });
    for (hibernation, tool) in [("off", STOP), ("on", START)] {
        let told = summary(&of(hibernation), tool, &held);
        let why = "; somebody has told the operator to leave this cluster alone";
        assert!(told.contains(why), "{tool}: {told}");
    }
}
