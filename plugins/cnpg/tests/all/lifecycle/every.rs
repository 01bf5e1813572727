//! What holds for every tool of the subject.

use super::fleet::{READ, ask, bare, granted_with, people, refused, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::{Value, json};

/// A call of each tool that would change something.
fn changes() -> Vec<(&'static str, Value)> {
    vec![
        (
            "create_postgres_cluster",
            json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast" }),
        ),
        (
            "scale_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop", "instances": 4 }),
        ),
        (
            "delete_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop" }),
        ),
        (
            "delete_postgres_cluster",
            json!({ "name": "vault", "namespace": "till", "keep_pvcs": true }),
        ),
        (
            "promote_postgres_instance",
            json!({ "name": "orders", "namespace": "shop", "instance": "orders-2" }),
        ),
        (
            "restart_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop" }),
        ),
        (
            "hibernate_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop" }),
        ),
        (
            "wake_postgres_cluster",
            json!({ "name": "vault", "namespace": "till" }),
        ),
        (
            "upgrade_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop", "postgres_version": "17.8" }),
        ),
        (
            "upgrade_postgres_cluster",
            json!({ "name": "orders", "namespace": "shop", "postgres_version": "18.1" }),
        ),
        (
            "upgrade_postgres_cluster",
            json!({ "name": "metrics", "namespace": "lab", "postgres_version": "18" }),
        ),
        (
            "resize_postgres_storage",
            json!({ "name": "orders", "namespace": "shop", "storage_size": "40Gi", "wal_storage_size": "10Gi" }),
        ),
    ]
}

/// A caller may have so many proposals open at once.
const OPEN: usize = 10;

#[test]
fn an_unconfirmed_call_and_a_dry_run_propose_and_nothing_is_sent() {
    let ways = [
        json!({}),
        json!({ "dry_run": true }),
        json!({ "dry_run": true, "confirm": true, "wait": true }),
    ];
    for some in changes().chunks(OPEN / ways.len()) {
        let cnpg = people().run(describe);
        for ((tool, arguments), way) in some
            .iter()
            .flat_map(|one| ways.iter().map(move |way| (one, way)))
        {
            let namespace = arguments["namespace"].as_str().expect("each names one");
            let answer = ask(&cnpg, tool, &with(arguments, way));
            assert!(answer.text.len() <= 4096, "{tool}: {}", answer.text.len());
            let answer = answer.structured.expect("each tool has a value");
            assert_eq!(answer["state"], "proposed", "{tool} {way}: {answer}");
            for step in answer["steps"].as_array().expect("it has steps") {
                let object = step["object"].as_str().expect("a text");
                let place = format!("in namespace {namespace}");
                assert!(object.ends_with(&place), "{tool}: {object}");
            }
        }
        let sent = cnpg.cluster().changing_requests();
        assert!(sent.is_empty(), "{sent:?}");
    }
}

/// The origin's word for it, beside the one of every tool.
#[test]
fn a_dry_run_of_a_deletion_is_none_even_where_the_deletion_was_confirmed() {
    let cnpg = people().run(describe);
    let arguments =
        json!({ "name": "orders", "namespace": "shop", "confirm_deletion": true, "dry_run": true });
    let answer = value(&cnpg, "delete_postgres_cluster", &arguments).expect("it is proposed");
    assert_eq!(answer["state"], "proposed", "{answer}");
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_confirmed_call_still_waits_for_a_person() {
    for some in changes().chunks(OPEN) {
        let cnpg = granted_with("").run(describe);
        for (tool, arguments) in some {
            let failure = refused(&cnpg, tool, &with(arguments, &json!({ "confirm": true })));
            assert!(
                matches!(&failure, Failure::NeedsApproval(_)),
                "{tool}: {failure}"
            );
        }
    }
}

#[test]
fn a_call_that_comes_again_finds_its_open_proposal() {
    for some in changes().chunks(OPEN) {
        let cnpg = people().run(describe);
        for (tool, arguments) in some {
            let ids = [(); 2].map(|()| value(&cnpg, tool, arguments).expect(tool)["id"].take());
            assert_eq!(ids[0], ids[1], "{tool}");
        }
    }
}

#[test]
fn nothing_is_proposed_without_a_grant_to_change_it() {
    let cnpg = bare("").grant(READ).approving().run(describe);
    for (tool, arguments) in changes() {
        let failure = refused(&cnpg, tool, &arguments);
        assert!(matches!(&failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}

#[test]
fn where_the_operator_is_not_installed_every_tool_says_so_in_one_sentence() {
    let cnpg = Kit::from_manifests("").grant(READ).run(describe);
    for (tool, arguments) in changes() {
        let failure = refused(&cnpg, tool, &arguments);
        assert!(
            matches!(&failure, Failure::NotFound(_)),
            "{tool}: {failure}"
        );
        let said = failure.message();
        assert!(
            said.starts_with("CloudNativePG is not installed in cluster"),
            "{tool}: {said}"
        );
    }
}

#[test]
fn a_cluster_that_is_not_there_is_not_found_with_the_names_that_come_close() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes().into_iter().skip(1) {
        let missing = with(&arguments, &json!({ "name": "order", "namespace": "shop" }));
        let failure = refused(&cnpg, tool, &missing);
        let said = failure.message();
        assert!(
            said.contains("there is no cluster `order` in namespace shop; there is orders"),
            "{tool}: {said}"
        );
    }
}

#[test]
fn a_cluster_on_its_way_out_is_not_changed() {
    let cnpg = granted_with(
        "
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: going, namespace: shop, deletionTimestamp: '2026-11-22T00:00:00Z', finalizers: [orphan] }
spec: { instances: 3 }
",
    )
    .run(describe);
    for (tool, arguments) in changes().into_iter().skip(1) {
        let going = with(&arguments, &json!({ "name": "going", "namespace": "shop" }));
        let failure = refused(&cnpg, tool, &going);
        assert!(
            matches!(&failure, Failure::Conflict(_)),
            "{tool}: {failure}"
        );
        assert!(failure.message().contains("is being deleted"), "{failure}");
    }
}
