//! What is answered where there are no logs.

use super::ask;
use super::cluster::{granted, manager, with_logs};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

fn failure(arguments: Value) -> Failure {
    let cnpg = granted(&[("main-db-2", false, manager("01:00", "info", "setup", "x"))]);
    ask(&cnpg, arguments).expect_err("there are no logs")
}

#[test]
fn it_says_why_there_is_nothing_to_read() {
    for (arguments, words) in [
        (
            json!({ "cluster_name": "main-dc" }),
            "there is no cluster `main-dc` in namespace shop; there is main-db",
        ),
        (
            json!({ "cluster_name": "asleep" }),
            "hibernates: it has no pods, so no logs",
        ),
        (
            json!({ "cluster_name": "starting" }),
            "has no pod of an instance now",
        ),
        (
            json!({ "cluster_name": "main-db", "instance": "7" }),
            "has no instance `7` now; it has main-db-1, main-db-2, main-db-3",
        ),
        (json!({ "pod": "main-db-9" }), "main-db-9"),
    ] {
        let failure = failure(arguments);
        assert!(matches!(failure, Failure::NotFound(_)), "{failure}");
        assert!(failure.message().contains(words), "{failure}");
        assert!(failure.message().contains("next: "), "{failure}");
    }
}

#[test]
fn arguments_that_do_not_say_whose_logs_are_invalid() {
    for arguments in [
        json!({}),
        json!({ "cluster_name": "main-db", "pod": "main-db-1" }),
        json!({ "instance": "1" }),
        json!({ "cluster_name": "main-db", "since": "yesterday" }),
        json!({ "cluster_name": "main-db", "level": "loud" }),
    ] {
        let failure = failure(arguments.clone());
        assert!(
            matches!(failure, Failure::Invalid(_)),
            "{arguments}: {failure}"
        );
    }
}

#[test]
fn an_instance_that_cannot_be_read_is_said_and_the_others_are_shown() {
    let cnpg = granted(&[(
        "main-db-2",
        true,
        manager("01:00", "info", "setup", "it crashed"),
    )]);
    let answer = ask(
        &cnpg,
        json!({ "cluster_name": "main-db", "previous": true }),
    )
    .expect("one has");
    let alone = json!({ "cluster_name": "main-db", "instance": "1", "previous": true });
    assert!(ask(&cnpg, alone).is_err(), "it has no run before");
    assert!(
        answer.text.contains("main-db-1: could not be read: "),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("setup: it crashed"), "{}", answer.text);
}

#[test]
fn without_a_grant_for_logs_they_are_denied() {
    let cnpg = with_logs(&[])
        .grant(r#"api_groups = [""], resources = ["pods"], verbs = ["get", "list"], namespaces = ["shop"]"#)
        .run(describe);
    let failure = ask(&cnpg, json!({ "cluster_name": "main-db" })).expect_err("no grant");
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}

/// The name stands in a label selector: nothing of a caller's becomes a part of one.
#[test]
fn a_name_that_would_select_other_pods_is_refused_before_anything_is_asked() {
    let cnpg = granted(&[("main-db-2", false, manager("01:00", "info", "setup", "x"))]);
    for name in ["main-db,app!=x", "main-db)", "Main", "a b", "x=y"] {
        let failure = ask(&cnpg, json!({ "cluster_name": name })).expect_err(name);
        assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
    }
    let asked = cnpg.cluster().requests();
    assert!(
        asked.iter().all(|request| !request.path.contains("pods")),
        "{asked:?}"
    );
}
