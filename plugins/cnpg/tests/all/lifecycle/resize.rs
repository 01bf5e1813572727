//! Larger volumes.

use super::fleet::{
    ask, cluster, document, granted_with, narrow, notes, operated, people, refused, summary, value,
    with,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const TOOL: &str = "resize_postgres_storage";

fn orders(more: &Value) -> Value {
    with(&json!({ "name": "orders", "namespace": "shop" }), more)
}

#[test]
fn each_claim_is_named_with_what_happens_to_it() {
    let cnpg = people().run(describe);
    let said = ask(
        &cnpg,
        TOOL,
        &orders(&json!({ "storage_size": "40Gi", "wal_storage_size": "10Gi" })),
    )
    .text;
    for line in [
        "~ spec.storage.size: ",
        " -> \"40Gi\"",
        "~ spec.walStorage.size: \"5Gi\" -> \"10Gi\"",
        "note: orders-1: grows from ",
        "note: orders-2: grows from ",
        "note: orders-3: grows from ",
        "note: orders-1-wal: grows from 5Gi to 10Gi",
        "note: orders-3-wal: grows from 5Gi to 10Gi",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn what_was_approved_is_grown_by_the_operator_claim_by_claim() {
    let cnpg = people().run(describe);
    let arguments = orders(&json!({ "wal_storage_size": "10Gi" }));
    let waited = operated(&cnpg, TOOL, &arguments);
    assert_eq!(waited["done"], true, "{waited}");
    let again = cnpg.call(TOOL, arguments).expect_err("it is done");
    assert!(
        again.message().contains("has volumes of that size already"),
        "{again}"
    );
}

/// The phase is a stuck one before, and the change is what mends it.
#[test]
fn a_cluster_without_disk_space_is_waited_for_until_it_has_some() {
    let cnpg = people().run(describe);
    let arguments = json!({ "name": "media", "namespace": "shop", "storage_size": "20Gi" });
    let waited = operated(&cnpg, TOOL, &arguments);
    assert_eq!(waited["done"], true, "{waited}");
    let said = waited["detail"].as_str().expect("a text");
    assert!(!said.contains("does not go on"), "{said}");
}

/// The rest of a change: the WAL has its size, the data does not.
#[test]
fn asked_again_only_what_is_left_is_proposed_and_then_how_far_it_is() {
    let cnpg = people().run(describe);
    let both = json!({ "storage_size": "40Gi", "wal_storage_size": "10Gi" });
    let wal = orders(&json!({ "wal_storage_size": "10Gi", "confirm": true }));
    let answer = value(&cnpg, TOOL, &wal).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    let said = ask(&cnpg, TOOL, &orders(&both)).text;
    assert!(
        said.contains("spec.storage.size") && !said.contains("spec.walStorage.size"),
        "{said}"
    );
    let answer = value(
        &cnpg,
        TOOL,
        &orders(&with(&both, &json!({ "confirm": true }))),
    );
    assert_eq!(answer.expect("it is approved")["state"], "applied");
    // No operator is at work here: the claims are as they were.
    let again = cnpg.call(TOOL, orders(&both)).expect_err("it is asked for");
    assert!(matches!(&again, Failure::Conflict(_)), "{again}");
    assert!(
        again
            .message()
            .contains("orders-1-wal: grows from 5Gi to 10Gi"),
        "{again}"
    );
    assert!(
        again.message().contains("next: call this again later"),
        "{again}"
    );
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_sent() {
    let slow = json!({ "instances": 1, "storage": { "size": "10Gi", "storageClass": "slow" } });
    let cnpg = granted_with(&document(&cluster("shop", "slow", slow, json!({})))).run(describe);
    for (arguments, says) in [
        (orders(&json!({})), "no size was given"),
        (
            orders(&json!({ "storage_size": "1Gi" })),
            "cannot shrink to 1Gi",
        ),
        (
            orders(&json!({ "storage_size": "40" })),
            "too small for a database",
        ),
        (
            json!({ "name": "carts", "namespace": "shop", "wal_storage_size": "10Gi" }),
            "has no volumes for WAL",
        ),
        (
            json!({ "name": "slow", "namespace": "shop", "storage_size": "20Gi" }),
            "storage class `slow` does not allow its volumes to grow",
        ),
    ] {
        let failure = refused(&cnpg, TOOL, &with(&arguments, &json!({ "confirm": true })));
        assert!(
            matches!(&failure, Failure::Invalid(_)),
            "{arguments}: {failure}"
        );
        assert!(failure.message().contains(says), "{arguments}: {failure}");
    }
}

#[test]
fn a_template_of_claims_and_volumes_that_are_not_resized_are_said() {
    let spec = json!({
        "instances": 1,
        "storage": { "resizeInUseVolumes": false, "pvcTemplate": { "resources": { "requests": { "storage": "10Gi" } } } },
    });
    let cnpg =
        granted_with(&document(&cluster("shop", "templated", spec, json!({})))).run(describe);
    let arguments = json!({ "name": "templated", "namespace": "shop", "storage_size": "20Gi" });
    let said = ask(&cnpg, TOOL, &arguments).text;
    let told = summary(&cnpg, TOOL, &arguments);
    assert!(
        told.contains("resizeInUseVolumes is false: the claims that are there stay as they are"),
        "{told}"
    );
    assert!(
        said.contains(
            "~ spec.storage.pvcTemplate.resources.requests.storage: \"10Gi\" -> \"20Gi\""
        ),
        "{said}"
    );
    assert!(
        said.contains("resizeInUseVolumes is false: the claims that are there stay"),
        "{said}"
    );
}

#[test]
fn what_is_not_granted_to_read_is_not_known_and_the_proposal_stands() {
    let cnpg = narrow().run(describe);
    let said = notes(&cnpg, TOOL, &orders(&json!({ "storage_size": "40Gi" })));
    for unknown in ["its volume claims", "whether its storage class can grow"] {
        assert!(
            said.contains(&format!("not known: {unknown} (denied)")),
            "{said}"
        );
    }
}

/// Its claims never grow (`reconcileExistingPVCs`, `pkg/reconciler/persistentvolumeclaim/existing.go`), so nothing is waited for and the class does not
/// matter.
#[test]
fn claims_that_are_not_resized_are_not_said_to_grow() {
    let spec = json!({
        "instances": 1,
        "storage": { "size": "10Gi", "storageClass": "slow", "resizeInUseVolumes": false },
    });
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": "fixed-1", "namespace": "shop", "labels": { "cnpg.io/cluster": "fixed", "cnpg.io/pvcRole": "PG_DATA" } },
        "spec": { "storageClassName": "slow", "resources": { "requests": { "storage": "10Gi" } } },
        "status": { "phase": "Bound", "capacity": { "storage": "10Gi" } },
    });
    let fixed = cluster(
        "shop",
        "fixed",
        spec,
        json!({ "phase": "Cluster in healthy state", "readyInstances": 1 }),
    );
    let cnpg = granted_with(&(document(&fixed) + &document(&claim)))
        .approving()
        .run(describe);
    let arguments = json!({ "name": "fixed", "namespace": "shop", "storage_size": "20Gi" });
    let said = notes(&cnpg, TOOL, &arguments);
    assert!(!said.contains("fixed-1: grows"), "{said}");
    let approved = with(
        &arguments,
        &json!({ "confirm": true, "wait": true, "timeout": 30 }),
    );
    let answer = value(&cnpg, TOOL, &approved).expect("it is approved");
    assert_eq!(answer["waited"]["done"], true, "{answer}");
    let again = cnpg.call(TOOL, arguments).expect_err("it is asked for");
    assert!(
        again
            .message()
            .contains("the claims that are there stay as they are"),
        "{again}"
    );
    assert!(!again.message().contains("grows"), "{again}");
}

#[test]
fn asked_again_claims_that_may_not_be_read_are_not_said_to_have_the_size() {
    let cnpg = narrow().run(describe);
    let arguments = orders(&json!({ "wal_storage_size": "10Gi" }));
    let answer = value(&cnpg, TOOL, &with(&arguments, &json!({ "confirm": true })));
    assert_eq!(answer.expect("it is approved")["state"], "applied");
    let again = cnpg.call(TOOL, arguments).expect_err("it is asked for");
    assert!(matches!(&again, Failure::Conflict(_)), "{again}");
    assert!(
        again
            .message()
            .contains("how far its claims are is not known"),
        "{again}"
    );
    assert!(
        !again.message().contains("has volumes of that size"),
        "{again}"
    );
}

/// `ensureNoFailoverOnFullDisk` ends the operator's loop before it looks at claims.
#[test]
fn in_a_cluster_without_disk_space_a_person_has_to_set_the_claims_and_that_is_said() {
    let cnpg = people().run(describe);
    let media = json!({ "name": "media", "namespace": "shop", "storage_size": "20Gi" });
    let answer = value(&cnpg, TOOL, &media).expect("it is proposed");
    let told = cnpg.summary(answer["id"].as_str().expect("it has an id"));
    let words = "the cluster's phase is `Not enough disk space`, in which the operator carries out nothing: a person first sets a larger \
                 request in each claim that is full";
    assert!(told.contains(words), "{told}");
    let notes = answer["notes"].to_string();
    assert!(notes.contains(words), "{notes}");
    assert!(
        notes.contains("until a person sets its request to 20Gi"),
        "{notes}"
    );
    assert!(!notes.contains(": grows from"), "{notes}");
}
