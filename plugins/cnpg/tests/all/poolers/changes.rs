//! What holds for every tool that changes poolers.

use super::cluster::{granted, people, reading};
use super::{ask, confirmed, refused, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

/// A call of each change tool that would change something.
fn changes() -> [(&'static str, Value); 3] {
    [
        (
            "create_postgres_pooler",
            json!({ "cluster_name": "db", "name": "front", "namespace": "shop" }),
        ),
        (
            "scale_postgres_pooler",
            json!({ "name": "web", "instances": 3, "namespace": "shop" }),
        ),
        (
            "delete_postgres_pooler",
            json!({ "name": "orphan", "namespace": "shop" }),
        ),
    ]
}

#[test]
fn without_confirmation_every_tool_proposes_and_nothing_is_sent() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = ask(&cnpg, tool, &arguments);
        assert_eq!(answer.structured.expect("a value")["state"], "proposed");
        assert!(answer.text.len() < 4096, "{tool}: {}", answer.text.len());
    }
    let sent = cnpg.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn a_dry_run_changes_nothing_whatever_else_is_said() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let arguments = with(&confirmed(&arguments), &json!({ "dry_run": true }));
        assert_eq!(
            value(&cnpg, tool, &arguments)["state"],
            "proposed",
            "{tool}"
        );
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn with_confirmation_every_tool_still_waits_for_a_person() {
    let cnpg = granted().run(describe);
    for (tool, arguments) in changes() {
        let failure = refused(&cnpg, tool, &confirmed(&arguments));
        assert!(
            matches!(&failure, Failure::NeedsApproval(_)),
            "{tool}: {failure}"
        );
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_call_that_comes_again_finds_its_open_proposal() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let ids = [(); 2].map(|()| value(&cnpg, tool, &arguments)["id"].take());
        assert_eq!(ids[0], ids[1], "{tool}");
    }
}

#[test]
fn nothing_is_proposed_without_a_grant() {
    let cnpg = reading().approving().run(describe);
    for (tool, arguments) in changes() {
        let failure = refused(&cnpg, tool, &arguments);
        assert!(matches!(&failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}
