//! What holds for every tool that changes roles.

use super::cluster::{granted, people, reading};
use super::{confirmed, refused, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

/// A call of each change tool that would change something.
fn changes() -> [(&'static str, Value); 6] {
    let of = |role: &str, more: Value| {
        let role = json!({ "cluster_name": "db", "role_name": role, "namespace": "shop" });
        with(&role, &more)
    };
    [
        (
            "create_postgres_role",
            of("report", json!({ "createdb": true })),
        ),
        (
            "update_postgres_role",
            of("app_user", json!({ "createdb": true })),
        ),
        (
            "update_postgres_role",
            of("app_user", json!({ "reset_password": true })),
        ),
        ("delete_postgres_role", of("app_user", json!({}))),
        ("delete_postgres_role", of("legacy", json!({}))),
        ("delete_postgres_role", of("gone", json!({}))),
    ]
}

#[test]
fn without_confirmation_every_tool_proposes_and_nothing_is_sent() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = value(&cnpg, tool, &arguments);
        assert_eq!(answer["state"], "proposed", "{tool}: {answer}");
    }
    let sent = cnpg.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn a_dry_run_changes_nothing_whatever_else_is_said() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let arguments = with(&confirmed(&arguments), &json!({ "dry_run": true }));
        let answer = value(&cnpg, tool, &arguments);
        assert_eq!(answer["state"], "proposed", "{tool}: {answer}");
        assert!(answer["notes"].to_string().contains("dry run"), "{answer}");
    }
    let sent = cnpg.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
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
fn what_waits_takes_how_long() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        if tool == "delete_postgres_role" {
            continue;
        }
        let long = |seconds: u32| with(&arguments, &json!({ "wait": true, "timeout": seconds }));
        value(&cnpg, tool, &long(30));
        for seconds in [29, 601] {
            let failure = refused(&cnpg, tool, &long(seconds));
            assert_eq!(failure.kind(), "invalid", "{tool}: {failure}");
            assert!(failure.message().contains("timeout"), "{tool}: {failure}");
        }
    }
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

#[test]
fn a_proposal_is_short() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let text = super::ask(&cnpg, tool, &arguments).text;
        assert!(text.len() < 4096, "{tool}: {} bytes", text.len());
    }
}

/// The list is changed by index: what moved it on in between would have another role changed.
#[test]
fn a_list_that_has_changed_since_it_was_read_is_not_changed() {
    let cnpg = people().run(describe);
    let (_, arguments) = &changes()[1];
    let answer = value(&cnpg, "update_postgres_role", arguments);
    let diff = answer["steps"][0]["diff"].to_string();
    assert!(diff.contains("createdb"), "{diff}");
    cnpg.cluster().change(|cluster| {
        cluster
            .insert(json!({
                "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": { "name": "db", "namespace": "shop" },
                "spec": { "managed": { "roles": [{ "name": "intruder", "ensure": "present" }, { "name": "app_user", "ensure": "present" }] } },
            }))
            .expect("it is an object of the cluster");
    });
    let again = value(&cnpg, "update_postgres_role", &confirmed(arguments));
    assert_ne!(
        again["id"], answer["id"],
        "another list is another proposal"
    );
    let roles = super::roles(&cnpg, "db");
    assert_eq!(roles[0], json!({ "name": "intruder", "ensure": "present" }));
    assert_eq!(roles[1]["createdb"], true);
}
