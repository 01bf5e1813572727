//! A new cluster. The origin's dry run made one, in another namespace, with the namespace as its storage class.

use super::fleet::{
    ask, bare, cluster, document, granted_with, narrow, notes, people, refused, summary, value,
    waited, with,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const TOOL: &str = "create_postgres_cluster";

fn fresh() -> Value {
    json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast" })
}

fn proposed(more: &Value) -> String {
    let cnpg = people().run(describe);
    ask(&cnpg, TOOL, &with(&fresh(), more)).text
}

#[test]
fn the_defaults_are_the_origins_and_the_image_is_the_operators_own() {
    let said = proposed(&json!({}));
    for line in [
        "+ spec.instances: 3",
        "+ spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:16-system-trixie\"",
        "+ spec.storage.size: \"10Gi\"",
        "+ spec.storage.storageClass: \"fast\"",
        "+ spec.bootstrap.initdb.dataChecksums: true",
        "create clusters.postgresql.cnpg.io/fresh in namespace shop",
        "storage class `fast`: its volumes can grow later",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for never in ["SQL:", "password", "superuser"] {
        assert!(!said.contains(never), "{never}: {said}");
    }
}

/// Each of the origin's mistakes is one assertion.
#[test]
fn a_dry_run_creates_nothing_and_shows_the_namespace_and_the_class_that_were_named() {
    let cnpg = people().run(describe);
    let arguments = json!({
        "name": "fresh", "namespace": "till", "storage_class": "slow", "dry_run": true, "confirm": true, "wait": true, "timeout": 30,
    });
    let said = ask(&cnpg, TOOL, &arguments).text;
    assert!(cnpg.cluster().changing_requests().is_empty());
    assert!(
        said.contains("clusters.postgresql.cnpg.io/fresh in namespace till"),
        "{said}"
    );
    assert!(
        said.contains("+ spec.storage.storageClass: \"slow\""),
        "{said}"
    );
    assert!(
        said.contains("storage class `slow`: its volumes can never grow"),
        "{said}"
    );
    assert!(said.contains("note: dry run"), "{said}");
}

#[test]
fn what_was_approved_is_created_once_and_a_second_of_its_name_is_refused() {
    let cnpg = people().run(describe);
    let arguments = with(&fresh(), &json!({ "confirm": true }));
    let answer = value(&cnpg, TOOL, &arguments).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    assert_eq!(cnpg.cluster().changing_requests().len(), 1);
    let again = cnpg.call(TOOL, arguments).expect_err("it is there");
    assert!(matches!(&again, Failure::Conflict(_)), "{again}");
    assert!(
        again
            .message()
            .contains("there is a cluster `fresh` in namespace shop already"),
        "{again}"
    );
    assert_eq!(cnpg.cluster().changing_requests().len(), 1);
}

#[test]
fn a_new_cluster_is_waited_for_until_it_is_healthy() {
    let cnpg = people().run(describe);
    let status =
        json!({ "phase": "Cluster in healthy state", "readyInstances": 3, "instances": 3 });
    let operator = cluster("shop", "fresh", json!({ "instances": 3 }), status);
    let waited = waited(&cnpg, TOOL, &fresh(), |there| {
        there
            .insert(operator)
            .expect("it is an object of the cluster");
    });
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 3 of 3 instances ready" });
    assert_eq!(waited, expected);
}

/// It waits for the healthy phase, so any other end is seen after some seconds.
#[test]
fn a_cluster_that_will_not_go_on_ends_the_wait_with_the_operators_reason() {
    let cnpg = people().run(describe);
    let status =
        json!({ "phase": "Unable to create required cluster objects", "phaseReason": "quota" });
    let operator = cluster("shop", "fresh", json!({ "instances": 3 }), status);
    let waited = waited(&cnpg, TOOL, &fresh(), |there| {
        there
            .insert(operator)
            .expect("it is an object of the cluster");
    });
    let said = waited["detail"].as_str().expect("a text");
    assert!(
        said.starts_with(
            "it does not go on by itself: Unable to create required cluster objects (quota)"
        ),
        "{said}"
    );
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_asked() {
    let cnpg = bare("").run(describe);
    let long = "a".repeat(51);
    for (more, says) in [
        (json!({ "name": "Fresh" }), "is no name for a cluster"),
        (json!({ "name": "1st" }), "beginning with a letter"),
        (json!({ "name": long }), "at most 50"),
        (
            json!({ "name": "x,cnpg.io/cluster=orders" }),
            "is no name for a cluster",
        ),
        (json!({ "storage_size": "10" }), "too small for a database"),
        (json!({ "storage_size": "large" }), "is no size"),
        (json!({ "postgres_version": "12" }), "too old"),
        (
            json!({ "postgres_version": "evil.example/postgresql:16" }),
            "is no version of PostgreSQL",
        ),
        (json!({ "instances": -3 }), "instances"),
        (json!({ "instances": 11 }), "instances"),
        (json!({ "timeout": 20 }), "timeout"),
        (json!({ "image_name": "evil.example/x:16" }), "image_name"),
        (
            json!({ "post_init_sql": ["DROP TABLE x"] }),
            "post_init_sql",
        ),
    ] {
        let failure = refused(&cnpg, TOOL, &with(&fresh(), &more));
        assert!(matches!(&failure, Failure::Invalid(_)), "{more}: {failure}");
        assert!(failure.message().contains(says), "{more}: {failure}");
    }
    assert!(
        cnpg.cluster()
            .requests()
            .iter()
            .all(|request| !request.path.contains("clusters"))
    );
}

#[test]
fn a_storage_class_must_be_there_and_one_must_be_the_default_where_none_is_named() {
    let cnpg = people().run(describe);
    let other = with(&fresh(), &json!({ "storage_class": "shop" }));
    let failure = refused(&cnpg, TOOL, &other);
    assert!(
        failure
            .message()
            .contains("there is no storage class `shop`; there is fast, slow"),
        "{failure}"
    );
    let unnamed = json!({ "name": "fresh", "namespace": "shop" });
    let failure = refused(&cnpg, TOOL, &unnamed);
    assert!(
        failure
            .message()
            .contains("no storage class is the default one"),
        "{failure}"
    );

    let class = |name: &str, created: &str| {
        document(&json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "csi.storage.example", "allowVolumeExpansion": true,
            "metadata": {
                "name": name, "creationTimestamp": created, "annotations": { "storageclass.kubernetes.io/is-default-class": "true" },
            },
        }))
    };
    let beta = class("beta", "2026-10-01T00:00:00Z").replace(
        "storageclass.kubernetes.io",
        "storageclass.beta.kubernetes.io",
    );
    let cnpg = granted_with(&beta).run(describe);
    let said = notes(&cnpg, TOOL, &unnamed);
    assert!(
        said.contains("storage class `beta`, the default one"),
        "{said}"
    );
    let two = class("newer", "2026-10-02T00:00:00Z") + &class("older", "2026-10-01T00:00:00Z");
    let cnpg = granted_with(&two).run(describe);
    let notes = notes(&cnpg, TOOL, &unnamed);
    assert!(
        notes.contains("storage class `newer`, the default one: its volumes can grow later"),
        "{notes}"
    );
}

/// A claim that an earlier cluster `fresh` left.
fn left(name: &str, holds: &str, owners: Value) -> String {
    let mut metadata = json!({
        "name": name, "namespace": "shop", "annotations": { "cnpg.io/nodeSerial": "1" },
        "labels": { "cnpg.io/cluster": "fresh", "cnpg.io/pvcRole": holds },
    });
    if !owners.is_null() {
        metadata["ownerReferences"] = owners;
    }
    document(
        &json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {} }),
    )
}

/// The operator would take them over, under an image, an owner and a size that need not be theirs.
#[test]
fn no_cluster_is_made_over_volumes_that_an_earlier_one_left() {
    let owner = json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x" }]);
    for (holds, owners) in [
        ("PG_DATA", Value::Null),
        ("PG_DATA", owner),
        ("PG_WAL", Value::Null),
        ("PG_TABLESPACE", Value::Null),
        ("", Value::Null),
    ] {
        let cnpg = granted_with(&left("fresh-1", holds, owners)).run(describe);
        for more in [json!({}), json!({ "postgres_version": "16" })] {
            let failure = refused(&cnpg, TOOL, &with(&fresh(), &more));
            assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
            for words in [
                "volumes of an earlier cluster `fresh` are there in namespace shop (fresh-1)",
                "choose another name; where the user wants that database back, a person writes the cluster with the spec that it had",
            ] {
                assert!(failure.message().contains(words), "{holds}: {failure}");
            }
        }
    }
}

#[test]
fn what_is_not_granted_to_read_is_not_known_and_the_proposal_stands() {
    let cnpg = narrow().run(describe);
    let said = notes(&cnpg, TOOL, &fresh());
    let volumes =
        "not known: whether volumes of an earlier cluster of that name are there (denied)";
    for unknown in ["not known: its storage class (denied)", volumes] {
        assert!(said.contains(unknown), "{said}");
    }
    let told = summary(&cnpg, TOOL, &fresh());
    assert!(told.contains(volumes), "{told}");
}

#[test]
fn who_decides_is_told_that_nobody_knows_whether_there_is_such_an_image() {
    let cnpg = people().run(describe);
    let told = |version: &str| {
        let arguments = with(&fresh(), &json!({ "postgres_version": version }));
        summary(&cnpg, TOOL, &arguments)
    };
    let words =
        "; not known: whether there is an image of PostgreSQL 16.4; without one no instance starts";
    assert!(told("16.4").contains(words), "{}", told("16.4"));
    assert!(!told("16").contains("not known"), "{}", told("16"));
    let words = "whether the operator here runs 19 is not known";
    assert!(told("19").contains(words), "{}", told("19"));
}

#[test]
fn what_the_number_of_instances_and_the_version_mean_is_said() {
    let one = proposed(&json!({ "instances": 1, "postgres_version": "17.6" }));
    assert!(one.contains("nothing takes over when it fails"), "{one}");
    assert!(one.contains("postgresql:17.6"), "{one}");
    assert!(!one.contains("moves with each minor"), "{one}");
    let three = proposed(&json!({}));
    assert!(
        three.contains("the tag `16` moves with each minor release"),
        "{three}"
    );
    assert!(three.contains("replication is asynchronous"), "{three}");
}
