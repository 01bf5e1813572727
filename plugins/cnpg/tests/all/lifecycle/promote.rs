//! Another primary.

use super::fleet::{
    READ, WRITE, ask, bare, cluster, document, granted_with, notes, operated, people, refused,
    summary, with,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const TOOL: &str = "promote_postgres_instance";

fn orders(instance: &str) -> Value {
    json!({ "name": "orders", "namespace": "shop", "instance": instance })
}

#[test]
fn the_request_stands_in_the_status_as_the_operators_own_tool_writes_it() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders("orders-2")).text;
    for line in [
        "risk high",
        "~ status.targetPrimary: \"orders-1\" -> \"orders-2\"",
        "~ status.phase: \"Cluster in healthy state\" -> \"Switchover in progress\"",
        "`orders-1` is shut down fast, which cuts its connections",
        "the way back is to promote `orders-1` again",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

/// Only the operator writes the labels by which the service selects.
#[test]
fn where_the_service_would_not_follow_it_is_refused_or_told_first() {
    let status = |phase: &str| {
        json!({
            "phase": phase, "currentPrimary": "held-1", "targetPrimary": "held-1", "instanceNames": ["held-1", "held-2"],
            "instancesStatus": { "healthy": ["held-1", "held-2"] },
        })
    };
    let mut alone = cluster(
        "shop",
        "held",
        json!({ "instances": 2 }),
        status("Cluster in healthy state"),
    );
    alone["metadata"]["annotations"] = json!({ "cnpg.io/reconciliationLoop": "disabled" });
    let arguments = json!({ "name": "held", "namespace": "shop", "instance": "held-2" });
    let cnpg = granted_with(&document(&alone)).run(describe);
    let failure = refused(&cnpg, TOOL, &arguments);
    let why = "service -rw would go on leading to the old primary";
    assert!(failure.message().contains(why), "{failure}");
    let phase =
        "Cluster cannot proceed to reconciliation due to an error while interacting with plugins";
    let stuck = cluster("shop", "held", json!({ "instances": 2 }), status(phase));
    let told = summary(
        &granted_with(&document(&stuck)).run(describe),
        TOOL,
        &arguments,
    );
    assert!(
        told.contains("; the operator cannot go on (`Cluster cannot"),
        "{told}"
    );
    assert!(!told.contains("leads to it"), "{told}");
}

#[test]
fn what_was_approved_makes_the_operator_switch_over() {
    let cnpg = people().run(describe);
    let waited = operated(&cnpg, TOOL, &orders("orders-2"));
    assert_eq!(waited["done"], true, "{waited}");
    let again = cnpg
        .call(TOOL, orders("orders-2"))
        .expect_err("it is the primary");
    assert!(
        again
            .message()
            .contains("has `orders-2` as its primary already"),
        "{again}"
    );
}

#[test]
fn an_instance_that_cannot_take_over_is_refused_with_the_reason() {
    let cnpg = people().run(describe);
    for (arguments, says) in [
        (orders("orders-1"), "has `orders-1` as its primary already"),
        (
            orders("orders-9"),
            "name one of orders-1, orders-2, orders-3",
        ),
        (
            json!({ "name": "carts", "namespace": "shop", "instance": "carts-3" }),
            "a switchover to `carts-2` is under way",
        ),
        (
            json!({ "name": "payments", "namespace": "till", "instance": "payments-2" }),
            "`payments-2` is fenced",
        ),
        (
            json!({ "name": "vault", "namespace": "till", "instance": "vault-2" }),
            "is hibernated: it has no pods",
        ),
    ] {
        let failure = refused(&cnpg, TOOL, &with(&arguments, &json!({ "confirm": true })));
        assert!(failure.message().contains(says), "{arguments}: {failure}");
    }
}

#[test]
fn an_instance_that_is_not_healthy_is_refused_and_a_primary_that_is_not_is_said() {
    let status = |healthy: Value| {
        json!({
            "phase": "Waiting for user action", "currentPrimary": "a-1", "targetPrimary": "a-1", "instanceNames": ["a-1", "a-2"],
            "instancesStatus": { "healthy": healthy },
        })
    };
    let spec = || json!({ "instances": 2 });
    let objects = document(&cluster("shop", "a", spec(), status(json!(["a-1"]))))
        + &document(&cluster("till", "a", spec(), status(json!(["a-2"]))));
    let cnpg = granted_with(&objects).run(describe);
    let failure = refused(
        &cnpg,
        TOOL,
        &json!({ "name": "a", "namespace": "shop", "instance": "a-2" }),
    );
    assert!(
        failure.message().contains("`a-2` is not healthy"),
        "{failure}"
    );
    let said = notes(
        &cnpg,
        TOOL,
        &json!({ "name": "a", "namespace": "till", "instance": "a-2" }),
    );
    assert!(
        said.contains("what it has not sent to `a-2` is lost"),
        "{said}"
    );
    let told = summary(
        &cnpg,
        TOOL,
        &json!({ "name": "a", "namespace": "till", "instance": "a-2" }),
    );
    assert!(
        told.contains("; `a-1` is not healthy: what it has not sent to `a-2` is lost; "),
        "{told}"
    );
    assert!(
        said.contains("the update that waits for a person goes on with it"),
        "{said}"
    );
}

/// The right to change a cluster is not enough: the status has its own.
#[test]
fn it_needs_the_right_to_patch_the_status() {
    let cnpg = bare("").grant(READ).grant(WRITE).approving().run(describe);
    let failure = refused(
        &cnpg,
        TOOL,
        &with(&orders("orders-2"), &json!({ "confirm": true })),
    );
    assert!(matches!(&failure, Failure::Denied(_)), "{failure}");
}
