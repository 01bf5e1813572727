//! What is listed, and where it was looked for.

use super::cluster::{bare, reading};
use super::{ask, refused, value};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::json;

#[test]
fn backups_are_listed_newest_first_with_totals_by_phase() {
    let cnpg = reading().run(describe);
    let asked = json!({ "namespace": "shop", "cluster_name": "catalog" });
    let answer = ask(&cnpg, "list_postgres_backups", &asked);
    let text = &answer.text;
    assert!(
        text.starts_with(
            "31 backups.postgresql.cnpg.io in namespace shop: 27 completed, 3 failed, 1 running"
        ),
        "{text}"
    );
    let row: Vec<_> = text
        .lines()
        .nth(2)
        .expect("there are rows")
        .split_whitespace()
        .collect();
    assert_eq!(
        row[..4],
        [
            "catalog-before-upgrade",
            "catalog",
            "running",
            "barmanObjectStore"
        ],
        "{text}"
    );
    let failed = text.lines().nth(3).expect("there are rows");
    assert!(
        failed.contains("failed") && failed.contains("exit status 1"),
        "{text}"
    );
    assert!(
        text.contains(
            "note: the newest one that ended has failed; the last good backup is catalog-daily-"
        ),
        "{text}"
    );
    assert!(text.contains(", 3d10h ago"), "{text}");
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn only_what_was_asked_for_is_listed_and_counted() {
    let cnpg = reading().run(describe);
    let asked = json!({ "namespace": "shop", "phase": "Failed" });
    let answer = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    assert_eq!(answer["total"], 3, "{answer}");
    let rows = answer["rows"].as_array().expect("a list");
    assert!(
        rows.iter().all(|row| row[0]
            .as_str()
            .is_some_and(|name| name.starts_with("catalog-daily-"))),
        "{answer}"
    );
    let none = ask(
        &cnpg,
        "list_postgres_backups",
        &json!({ "namespace": "till", "phase": "failed" }),
    );
    assert!(
        none.text
            .contains("note: none is in that phase; there are 120 completed"),
        "{}",
        none.text
    );
}

#[test]
fn pages_follow_each_other_and_none_is_shown_twice() {
    let cnpg = reading().run(describe);
    let mut asked = json!({ "namespace": "shop" });
    let mut names = Vec::new();
    loop {
        let page = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
        assert_eq!(page["total"], 121);
        for row in page["rows"].as_array().expect("a list") {
            names.push(row[0].as_str().expect("a name").to_owned());
        }
        let Some(token) = page["continue"].as_str() else {
            break;
        };
        asked["continue"] = json!(token);
    }
    assert_eq!(names.len(), 121);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 121);
    refused(
        &cnpg,
        "list_postgres_backups",
        &json!({ "continue": "nonsense" }),
        "nonsense",
    );
}

#[test]
fn each_method_shows_where_the_backup_is() {
    let cnpg = reading().run(describe);
    let text = ask(
        &cnpg,
        "list_postgres_backups",
        &json!({ "all_namespaces": true, "limit": 200 }),
    )
    .text;
    assert!(
        text.starts_with("271 backups.postgresql.cnpg.io in all namespaces"),
        "{text}"
    );
    let line = |name: &str| {
        let mut lines = text.lines();
        lines
            .find(|line| line.contains(name))
            .expect(&text)
            .to_owned()
    };
    assert!(line("ledger-daily-").contains("plugin barman-cloud.cloudnative-pg.io"));
    let metrics = line("metrics-daily-");
    assert!(
        metrics.starts_with("lab") && metrics.contains("volumeSnapshot"),
        "{metrics}"
    );
    // The names of its snapshots, in place of an id of barman's.
    assert_eq!(metrics.matches("metrics-daily-").count(), 2, "{metrics}");
}

#[test]
fn a_cluster_that_was_never_backed_up_and_one_that_is_not_there_are_told_apart() {
    let cnpg = reading().run(describe);
    let asked = |name: &str| json!({ "namespace": "lab", "cluster_name": name });
    let text = ask(&cnpg, "list_postgres_backups", &asked("scratch")).text;
    assert!(
        text.contains("note: the cluster has no backup; create_postgres_backup proposes one"),
        "{text}"
    );
    let text = ask(&cnpg, "list_postgres_scheduled_backups", &asked("scratch")).text;
    assert!(
        text.contains(
            "note: the cluster has no schedule; create_postgres_scheduled_backup proposes one"
        ),
        "{text}"
    );
    for tool in LISTS {
        let why = "there is no cluster `scratchy` in namespace lab; there is scratch";
        refused(&cnpg, tool, &asked("scratchy"), why);
        refused(&cnpg, tool, &asked("*"), "invalid: `*` is no object name");
    }
}

#[test]
fn a_namespace_and_all_of_them_cannot_both_be_meant() {
    let cnpg = reading().run(describe);
    for tool in LISTS {
        refused(
            &cnpg,
            tool,
            &json!({ "namespace": "shop", "all_namespaces": true }),
            "only one of them can be meant",
        );
    }
}

const LISTS: [&str; 2] = ["list_postgres_backups", "list_postgres_scheduled_backups"];

#[test]
fn what_is_listed_must_be_granted_and_all_namespaces_need_a_grant_over_all() {
    let one = r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["shop"]"#;
    let cnpg = bare().grant(one).run(describe);
    for tool in LISTS {
        ask(&cnpg, tool, &json!({ "namespace": "shop" }));
        for asked in [
            json!({ "namespace": "till" }),
            json!({ "all_namespaces": true }),
        ] {
            let failure = cnpg.call(tool, asked).expect_err("it is not granted");
            assert!(matches!(failure, Failure::Denied(_)), "{tool}: {failure}");
        }
    }
}

#[test]
fn a_cluster_without_the_operator_is_one_clear_sentence() {
    let everything =
        r#"api_groups = ["*"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#;
    let cnpg = Kit::demo().grant(everything).run(describe);
    for tool in LISTS {
        let failure = cnpg
            .call(tool, json!({}))
            .expect_err("there is none")
            .to_string();
        assert!(
            failure.starts_with(
                "not-found: CloudNativePG is not installed in cluster `test-kit`: it serves no `"
            ),
            "{tool}: {failure}"
        );
    }
}
