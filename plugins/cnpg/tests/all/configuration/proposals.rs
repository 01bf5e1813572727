//! Proposing, being approved, and what is then there.

use super::cluster::{granted, people, reading};
use super::{ask, sent};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};

/// A call that asks for nothing but what the cluster has tells what that is.
fn stands(cnpg: &Running, parameters: Value) -> bool {
    let again = ask(cnpg, parameters, json!({})).expect_err("nothing would change");
    matches!(again, Failure::Conflict(_))
}

#[test]
fn without_confirmation_and_in_a_dry_run_nothing_is_applied() {
    let cnpg = people().run(describe);
    for more in [
        json!({}),
        json!({ "dry_run": true }),
        json!({ "dry_run": true, "confirm": true }),
    ] {
        let answer = ask(&cnpg, json!({ "work_mem": "64MB" }), more).expect("it is proposed");
        let answer = answer.structured.expect("it has a value");
        assert_eq!(answer["state"], "proposed", "{answer}");
    }
    let changing = cnpg.cluster().changing_requests();
    assert!(changing.is_empty(), "{changing:?}");
}

#[test]
fn with_confirmation_it_still_waits_for_a_person() {
    let cnpg = granted().run(describe);
    let failure = ask(
        &cnpg,
        json!({ "work_mem": "64MB" }),
        json!({ "confirm": true }),
    );
    let failure = failure.expect_err("nobody approved");
    assert!(matches!(failure, Failure::NeedsApproval(_)), "{failure}");
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn nothing_is_proposed_without_a_grant() {
    let cnpg = reading().run(describe);
    let failure = ask(&cnpg, json!({ "work_mem": "64MB" }), json!({})).expect_err("no grant");
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    assert!(!sent(&cnpg));
}

#[test]
fn what_was_approved_is_all_that_changes_and_the_other_parameters_stay() {
    let cnpg = people().run(describe);
    let wanted = json!({ "WORK_MEM": "64MB", "statement_timeout": "5min" });
    let answer = ask(
        &cnpg,
        wanted,
        json!({ "remove": ["max_connections"], "confirm": true }),
    );
    let answer = answer
        .expect("it is applied")
        .structured
        .expect("it has a value");
    assert_eq!(answer["state"], "applied", "{answer}");
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    let mut changed: Vec<_> = diff
        .lines()
        .filter(|line| line.contains("parameters"))
        .collect();
    changed.sort_unstable();
    assert_eq!(changed.len(), 3, "{diff}");
    assert!(
        changed.iter().any(|line| line.contains("max_connections")),
        "{diff}"
    );
    assert!(
        changed
            .iter()
            .any(|line| line.contains("work_mem") && line.contains("64MB")),
        "{diff}"
    );
    assert_eq!(cnpg.cluster().changing_requests().len(), 1);
    assert!(stands(
        &cnpg,
        json!({ "work_mem": "64MB", "statement_timeout": "5min", "wal_level": "logical" })
    ));
    let gone =
        ask(&cnpg, json!({}), json!({ "remove": ["max_connections"] })).expect_err("it is gone");
    assert!(matches!(gone, Failure::Conflict(_)), "{gone}");
}

#[test]
fn the_same_call_finds_its_open_proposal() {
    let cnpg = people().run(describe);
    let ids = [(); 2].map(|()| {
        let answer = ask(&cnpg, json!({ "work_mem": "64MB" }), json!({})).expect("it is proposed");
        answer.structured.expect("it has a value")["id"].take()
    });
    assert_eq!(ids[0], ids[1]);
}

/// What the shipped policy says of each; the host's, by its rows.
#[test]
fn what_loads_code_or_risks_data_is_high_and_the_rest_is_not() {
    let cnpg = people().run(describe);
    for (name, value, risk) in [
        ("work_mem", "64MB", "medium"),
        ("fsync", "off", "high"),
        ("session_preload_libraries", "auto_explain", "high"),
        ("local_preload_libraries", "x", "high"),
        ("dynamic_library_path", "$libdir", "high"),
    ] {
        let answer = ask(&cnpg, json!({ name: value }), json!({})).expect(name);
        assert_eq!(
            answer.structured.expect("it has a value")["risk"],
            risk,
            "{name}"
        );
    }
}

#[test]
fn the_person_who_decides_reads_which_parameters_of_which_cluster_and_why() {
    let cnpg = people().run(describe);
    let more = json!({ "confirm": true, "reason": "sorts spill to disk" });
    let answer = ask(&cnpg, json!({ "work_mem": "64MB" }), more).expect("it is applied");
    assert!(
        answer
            .text
            .contains("clusters.postgresql.cnpg.io/main-db in namespace shop"),
        "{}",
        answer.text
    );
    assert!(answer.text.len() < 4096, "{}", answer.text.len());
}
