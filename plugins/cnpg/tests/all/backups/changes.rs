//! Proposing, being approved, and what is then there.

use super::cluster::{READ, WRITE, bare, change_metrics, granted, people, reading};
use super::{ask, confirmed, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

/// A call of each change tool that would change something.
pub(crate) fn changes() -> Vec<(&'static str, Value)> {
    vec![
        (
            "create_postgres_backup",
            json!({ "namespace": "shop", "cluster_name": "orders" }),
        ),
        (
            "create_postgres_backup",
            json!({ "namespace": "till", "cluster_name": "ledger", "name": "before-upgrade", "target": "primary" }),
        ),
        (
            "create_postgres_backup",
            json!({ "namespace": "lab", "cluster_name": "metrics", "online": false }),
        ),
        (
            "create_postgres_scheduled_backup",
            json!({ "namespace": "shop", "cluster_name": "orders", "schedule": "0 30 1 * * sun" }),
        ),
        (
            "create_postgres_scheduled_backup",
            json!({
                "namespace": "till", "cluster_name": "ledger", "name": "hourly", "schedule": "@hourly", "immediate": true,
                "suspend": true, "backup_owner_reference": "self", "target": "primary",
            }),
        ),
        (
            "restore_postgres_cluster",
            json!({ "namespace": "shop", "name": "orders-restored", "source_cluster": "orders" }),
        ),
        (
            "restore_postgres_cluster",
            json!({ "namespace": "till", "name": "ledger-restored", "source_cluster": "ledger", "instances": 1 }),
        ),
    ]
}

#[test]
fn without_confirmation_and_in_a_dry_run_every_tool_proposes_and_nothing_is_sent() {
    let dry = |arguments: &Value| with(&confirmed(arguments), &json!({ "dry_run": true }));
    for (is_dry, asked) in [(false, Value::clone as fn(&Value) -> Value), (true, dry)] {
        let cnpg = people().run(describe);
        for (tool, arguments) in changes() {
            let answer = ask(&cnpg, tool, &asked(&arguments));
            let structured = answer.structured.expect("a value");
            assert_eq!(structured["state"], "proposed", "{tool}: {structured}");
            assert_eq!(answer.text.contains("note: dry run: "), is_dry, "{tool}");
            // A restored cluster has all the settings of its source.
            let most = if tool == "restore_postgres_cluster" {
                6144
            } else {
                4096
            };
            assert!(answer.text.len() < most, "{tool}: {}", answer.text.len());
        }
        let sent = cnpg.cluster().changing_requests();
        assert!(sent.is_empty(), "{sent:?}");
    }
}

#[test]
fn with_confirmation_every_tool_still_waits_for_a_person() {
    let cnpg = granted().run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&cnpg, tool, &confirmed(&arguments)).expect_err(tool);
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
        let ids = [(); 2].map(|()| value(&cnpg, tool, &arguments).expect(tool)["id"].take());
        assert_eq!(ids[0], ids[1], "{tool}");
    }
}

#[test]
fn what_was_approved_is_applied_once() {
    let cnpg = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = value(&cnpg, tool, &confirmed(&arguments)).expect(tool);
        assert_eq!(answer["state"], "applied", "{tool}: {answer}");
    }
    let sent = cnpg.cluster().changing_requests();
    assert_eq!(sent.len(), changes().len(), "{sent:?}");
}

#[test]
fn nothing_is_proposed_without_a_grant() {
    let cnpg = reading().approving().run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&cnpg, tool, &arguments).expect_err(tool);
        assert!(matches!(&failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}

#[test]
fn a_backup_is_taken_by_what_the_cluster_has() {
    let cnpg = people().run(describe);
    let spec = |at: usize| {
        let (tool, arguments) = &changes()[at];
        let answer = value(&cnpg, tool, arguments).expect(tool);
        answer["steps"][0]["diff"]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    let (in_tree, plugin, snapshot) = (spec(0), spec(1), spec(2));
    assert!(
        in_tree.contains("spec.method: \"barmanObjectStore\""),
        "{in_tree}"
    );
    assert!(
        in_tree.contains("metadata.name: \"orders-backup-1\""),
        "{in_tree}"
    );
    assert!(!in_tree.contains("pluginConfiguration"), "{in_tree}");
    assert!(plugin.contains("spec.method: \"plugin\""), "{plugin}");
    assert!(
        plugin.contains("spec.pluginConfiguration.name: \"barman-cloud.cloudnative-pg.io\""),
        "{plugin}"
    );
    assert!(plugin.contains("spec.target: \"primary\""), "{plugin}");
    assert!(
        snapshot.contains("spec.method: \"volumeSnapshot\""),
        "{snapshot}"
    );
    assert!(snapshot.contains("spec.online: false"), "{snapshot}");
}

/// The person who decides is shown the summary, the risk and the diff, and no notes.
#[test]
fn who_decides_is_told_that_a_backup_shuts_postgresql_down_and_the_risk_is_high() {
    let cnpg = people().run(describe);
    let (tool, arguments) = &changes()[2];
    for (target, note) in [
        (
            "primary",
            "offline on the primary: PostgreSQL is shut down there, and nothing can be written",
        ),
        (
            "prefer-standby",
            "offline: PostgreSQL is shut down on a standby",
        ),
    ] {
        let answer =
            value(&cnpg, tool, &with(arguments, &json!({ "target": target }))).expect(tool);
        let notes = answer["notes"].to_string();
        assert!(notes.contains(note), "{notes}");
        assert_eq!(answer["risk"], "high", "{answer}");
        let told = cnpg.summary(answer["id"].as_str().expect("a proposal has an id"));
        let begins = "back up cluster metrics in lab as metrics-backup-1 by volumeSnapshot; ";
        assert!(told.starts_with(begins) && told.contains(note), "{told}");
    }
    let online = with(arguments, &json!({ "online": true }));
    let answer = value(&cnpg, tool, &online).expect(tool);
    assert_eq!(answer["risk"], "medium", "{answer}");
}

/// The policy judges what stands in the object, and what was approved is to happen.
#[test]
fn what_the_cluster_says_of_shutting_down_stands_in_the_backup_and_in_the_schedule() {
    let cnpg = people().run(describe);
    change_metrics(&cnpg, |metrics| {
        metrics["spec"]["backup"]["volumeSnapshot"]["online"] = json!(false);
    });
    let of = json!({ "namespace": "lab", "cluster_name": "metrics" });
    let nightly = with(&of, &json!({ "schedule": "0 0 2 * * *" }));
    for (tool, arguments) in [
        ("create_postgres_backup", of),
        ("create_postgres_scheduled_backup", nightly),
    ] {
        let answer = value(&cnpg, tool, &arguments).expect(tool);
        let diff = answer["steps"][0]["diff"].as_str().expect("a text");
        assert!(diff.contains("spec.online: false"), "{diff}");
        assert_eq!(answer["risk"], "high", "{answer}");
        let told = cnpg.summary(answer["id"].as_str().expect("a proposal has an id"));
        assert!(
            told.contains("offline: PostgreSQL is shut down on a standby"),
            "{told}"
        );
        let online = with(&arguments, &json!({ "online": true }));
        let answer = value(&cnpg, tool, &online).expect(tool);
        assert_eq!(answer["risk"], "medium", "{answer}");
    }
}

#[test]
fn what_is_not_granted_to_read_is_a_note_and_the_proposal_stands() {
    let clusters = READ.replace("\"*\"], verbs", "\"clusters\"], verbs");
    let cnpg = bare().grant(&clusters).grant(WRITE).run(describe);
    let (tool, arguments) = &changes()[0];
    let answer = value(&cnpg, tool, arguments).expect("it may create");
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("not known: whether another backup of it runs (denied)"),
        "{notes}"
    );
}
