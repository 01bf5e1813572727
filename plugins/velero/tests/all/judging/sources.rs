//! Which backup a restore is judged by, and which namespaces, on a few objects with times long ago.

use super::claims::{TOOL, velero, verdict};
use super::corners::{backup, location, namespace, object};
use super::{ask, failure};
use serde_json::json;

#[test]
fn a_backup_that_names_no_namespace_is_not_a_no_where_none_is_as_old() {
    for pattern in ["*", "sh*"] {
        for sees_namespaces in [true, false] {
            let all = [
                object("Namespace", "", "velero", "2020-03-01", json!({})),
                object("Namespace", "", "shop", "2020-03-01", json!({})),
                location(),
                backup(
                    "one",
                    "2020-02-01",
                    json!({ "includedNamespaces": [pattern] }),
                    json!({}),
                ),
            ];
            let text = ask(
                &velero(&all, sees_namespaces),
                TOOL,
                json!({ "backup": "one" }),
            )
            .text;
            assert_eq!(verdict(&text), "yes, with losses", "{text}");
            assert!(
                text.contains("loss: which namespaces come back is not known"),
                "{text}"
            );
        }
    }
}

#[test]
fn either_a_backup_or_a_schedule_is_assessed() {
    let velero = velero(&[namespace("velero"), location()], true);
    for asked in [json!({}), json!({ "backup": "one", "schedule": "nightly" })] {
        let failure = failure(&velero, TOOL, asked).to_string();
        assert!(
            failure.contains("give either `backup` or `schedule`"),
            "{failure}"
        );
    }
}

#[test]
fn a_backup_of_a_schedule_that_is_newer_and_not_complete_is_named() {
    let of_schedule = |name: &str, began: &str, phase: &str| {
        let mut made = backup(name, began, json!({}), json!({ "phase": phase }));
        made["metadata"]["labels"] = json!({ "velero.io/schedule-name": "nightly" });
        made
    };
    let all = [
        namespace("velero"),
        namespace("shop"),
        location(),
        of_schedule("good", "2020-02-01", "Completed"),
        of_schedule("torn", "2020-02-02", "PartiallyFailed"),
    ];
    let text = ask(&velero(&all, true), TOOL, json!({ "schedule": "nightly" })).text;
    assert!(text.starts_with("restore of backup good "), "{text}");
    assert!(
        text.contains("note: torn is newer and PartiallyFailed: name it in `backup` to take it"),
        "{text}"
    );
}
