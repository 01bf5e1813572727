//! What Velero would refuse, or what would be useless, said before anything is proposed.

use super::cluster::{granted, people};
use super::value;
use bulkhead_plugin_sdk::test_kit::Kit;
use bulkhead_plugin_velero::describe;
use serde_json::{Value, json};

#[test]
fn what_stands_in_the_way_is_said_with_a_next_step_and_nothing_is_proposed() {
    let velero = people().run(describe);
    let backup = |more: Value| ("create_velero_backup", more);
    let restore = |more: Value| ("create_velero_restore", more);
    let delete = |name: &str| ("delete_velero_backup", json!({ "name": name }));
    for ((tool, arguments), why) in [
        (
            backup(json!({ "name": "good" })),
            "conflict: backup `good` exists already in namespace velero (the default), it is Completed; next: list_velero_backups",
        ),
        (
            backup(json!({ "name": "now", "storage_location": "nowhere" })),
            "not-found: there is no backup storage location `nowhere` in namespace velero (the default); next: choose one that can be used: main",
        ),
        (
            backup(json!({ "name": "now", "storage_location": "offsite" })),
            "conflict: backup storage location `offsite` in namespace velero (the default) is Unavailable, so Velero would refuse this; next: choose one that can be used: main",
        ),
        (
            backup(json!({ "name": "now", "storage_location": "archive" })),
            "is ReadOnly, so Velero would refuse this",
        ),
        (
            backup(json!({ "name": "now", "from_schedule": "nightyl" })),
            "not-found: there is no schedule `nightyl` in namespace velero (the default); there is nightly",
        ),
        (
            backup(json!({ "name": "now", "from_schedule": "nightly", "ttl": "1h" })),
            "invalid: `from_schedule` takes all of the schedule's template, and `ttl` is given too",
        ),
        (
            backup(json!({ "name": "now", "ttl": "30d" })),
            "such as `720h` for 30 days",
        ),
        (
            restore(json!({ "name": "back", "backup": "goood" })),
            "not-found: there is no backup `goood` in namespace velero (the default); there is good",
        ),
        (
            restore(json!({ "name": "back", "backup": "running" })),
            "conflict: backup `running` in namespace velero (the default) is InProgress, so there is nothing to restore from",
        ),
        (
            restore(json!({ "name": "back", "backup": "going" })),
            "is Deleting, so there is nothing",
        ),
        (
            restore(json!({ "name": "back", "backup": "far" })),
            "`offsite` in namespace velero (the default) is Unavailable",
        ),
        (
            restore(json!({ "name": "back", "schedule": "weekly" })),
            "schedule `weekly` has no completed backup",
        ),
        (
            restore(json!({ "name": "yesterday", "backup": "good" })),
            "restore `yesterday` exists already",
        ),
        (
            restore(json!({ "name": "back" })),
            "give either `backup` or `schedule`",
        ),
        (
            (
                "create_velero_schedule",
                json!({ "name": "nightly", "schedule": "@daily" }),
            ),
            "schedule `nightly` exists already",
        ),
        (
            (
                "create_velero_schedule",
                json!({ "name": "never", "schedule": "0 0 31 2 *" }),
            ),
            "invalid: it would run on day 31 of February at 00:00 UTC, which never comes",
        ),
        (
            (
                "create_velero_schedule",
                json!({ "name": "wrong", "schedule": "0 25 * * *" }),
            ),
            "invalid: `0 25 * * *` is no cron expression: hour `25`: `25` is not within 0 to 23",
        ),
        (
            ("pause_velero_schedule", json!({ "name": "weekly" })),
            "conflict: schedule `weekly` in namespace velero (the default) is paused already; nothing would change",
        ),
        (
            ("unpause_velero_schedule", json!({ "name": "nightly" })),
            "is not paused already; nothing would change",
        ),
        (
            delete("running"),
            "is InProgress: Velero deletes none that is under way",
        ),
        (
            delete("asked"),
            "is being deleted already: request asked-1 is New",
        ),
        (
            delete("begun"),
            "is being deleted already: request begun-1 is InProgress",
        ),
        (
            delete("old"),
            "backup storage location `archive` in namespace velero (the default) is ReadOnly",
        ),
        (delete("none"), "not-found: there is no backup `none`"),
    ] {
        let failure = value(&velero, tool, &arguments).expect_err(why).to_string();
        assert!(
            failure.contains(why) && failure.contains("; next: "),
            "{arguments}: {failure}"
        );
    }
    assert!(velero.cluster().changing_requests().is_empty());
}

#[test]
fn what_is_only_doubtful_is_noted_in_the_proposal() {
    let velero = people().run(describe);
    let restore = |more: Value| ("create_velero_restore", more);
    for ((tool, arguments), notes) in [
        (
            ("create_velero_backup", json!({ "name": "all" })),
            vec!["it copies every namespace to the storage location, Secrets included"],
        ),
        (
            (
                "create_velero_backup",
                json!({ "name": "now", "from_schedule": "nightly" }),
            ),
            vec!["the template runs commands in pods (hooks: 1)"],
        ),
        (
            restore(
                json!({ "name": "back", "backup": "partial", "included_namespaces": ["shop", "till"] }),
            ),
            vec![
                "backup partial failed in part, with 3 errors: what failed is missing in it",
                "backup partial does not hold namespace till",
                "what exists already is left as it is",
            ],
        ),
        (
            restore(json!({ "name": "back", "backup": "expired" })),
            vec![
                "backup expired has expired; Velero deletes it soon",
                "it restores every namespace of the backup",
            ],
        ),
        (
            restore(json!({ "name": "back", "schedule": "nightly" })),
            vec![
                "the newest completed backup of nightly is good now; Velero chooses when it begins",
                "partial is newer and PartiallyFailed: name it in `backup` to take it",
            ],
        ),
        (
            ("delete_velero_backup", json!({ "name": "good" })),
            vec![
                "nothing brings them back",
                "the records of its restores go too (1)",
                "it is the newest completed backup of schedule nightly",
            ],
        ),
        (
            ("unpause_velero_schedule", json!({ "name": "weekly" })),
            vec!["runs every Sunday at 00:00 UTC", "then next at "],
        ),
    ] {
        let answer = value(&velero, tool, &arguments).expect(tool);
        let said = answer["notes"].to_string();
        for note in notes {
            assert!(said.contains(note), "{note}: {said}");
        }
    }
}

#[test]
fn a_request_that_failed_leaves_room_for_another_one() {
    let velero = granted().run(describe);
    let answer = value(&velero, "delete_velero_backup", &json!({ "name": "tried" }));
    let answer = answer.expect("the request before has failed");
    let object = answer["steps"][0]["object"].as_str().expect("a text");
    assert_eq!(
        object,
        "deletebackuprequests.velero.io/tried-tried000-2 in namespace velero"
    );
}

#[test]
fn a_deletion_that_failed_or_was_cut_off_can_be_asked_for_again() {
    let velero = granted().run(describe);
    for (backup, request, why) in [
        (
            "going",
            "going-going000",
            "it is Deleting already, so an earlier deletion has failed",
        ),
        (
            "cut",
            "cut-cut00000-2",
            "request cut-cut00000 has been InProgress for longer than an hour: it was cut off",
        ),
    ] {
        let answer = value(&velero, "delete_velero_backup", &json!({ "name": backup }));
        let answer = answer.expect("nobody deletes it");
        let object = format!("deletebackuprequests.velero.io/{request} in namespace velero");
        assert_eq!(answer["steps"][0]["object"], object);
        assert!(answer["notes"].to_string().contains(why), "{answer}");
    }
}

#[test]
fn a_cluster_without_velero_is_one_clear_sentence() {
    let velero = Kit::demo()
        .grant(r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list", "create", "patch"], namespaces = ["*"]"#)
        .run(describe);
    for (tool, arguments) in [
        ("create_velero_backup", json!({ "name": "now" })),
        (
            "create_velero_restore",
            json!({ "name": "back", "backup": "good" }),
        ),
        (
            "create_velero_schedule",
            json!({ "name": "nightly", "schedule": "@daily" }),
        ),
        ("pause_velero_schedule", json!({ "name": "nightly" })),
        ("delete_velero_backup", json!({ "name": "good" })),
    ] {
        let failure = value(&velero, tool, &arguments)
            .expect_err("there is none")
            .to_string();
        assert!(
            failure.contains("Velero is not installed in cluster"),
            "{tool}: {failure}"
        );
    }
}
