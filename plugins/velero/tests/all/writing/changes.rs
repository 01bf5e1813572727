//! Proposing, being approved, and what is then there.

use super::cluster::{blind, granted, people, reading};
use super::{ask, confirmed, value};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_velero::describe;
use serde_json::{Value, json};

/// A call of each change tool that would change something.
fn changes() -> [(&'static str, Value); 8] {
    [
        (
            "create_velero_backup",
            json!({ "name": "now", "included_namespaces": ["shop"], "ttl": "48h" }),
        ),
        (
            "create_velero_backup",
            json!({ "name": "now-again", "from_schedule": "nightly" }),
        ),
        (
            "create_velero_restore",
            json!({ "name": "back", "backup": "good", "included_namespaces": ["shop"], "namespace_mapping": { "shop": "shop-restored" } }),
        ),
        (
            "create_velero_restore",
            json!({ "name": "back-again", "schedule": "nightly", "existing_resource_policy": "update" }),
        ),
        (
            "create_velero_schedule",
            json!({ "name": "hourly", "schedule": "@hourly", "included_namespaces": ["shop"] }),
        ),
        ("pause_velero_schedule", json!({ "name": "nightly" })),
        ("unpause_velero_schedule", json!({ "name": "weekly" })),
        ("delete_velero_backup", json!({ "name": "good" })),
    ]
}

#[test]
fn without_confirmation_every_tool_proposes_and_nothing_is_sent() {
    let velero = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = value(&velero, tool, &arguments).expect(tool);
        assert_eq!(answer["state"], "proposed", "{tool}: {answer}");
        assert!(answer["how_to_approve"].is_string(), "{tool}: {answer}");
        let object = answer["steps"][0]["object"].as_str().expect("a text");
        assert!(object.ends_with("in namespace velero"), "{tool}: {object}");
    }
    let sent = velero.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn with_confirmation_every_tool_still_waits_for_a_person() {
    let velero = granted().run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&velero, tool, &confirmed(&arguments)).expect_err(tool);
        assert!(
            matches!(&failure, Failure::NeedsApproval(_)),
            "{tool}: {failure}"
        );
    }
    assert!(velero.cluster().changing_requests().is_empty());
}

#[test]
fn a_call_that_comes_again_finds_its_open_proposal() {
    let velero = people().run(describe);
    for (tool, arguments) in changes() {
        let ids = [(); 2].map(|()| value(&velero, tool, &arguments).expect(tool)["id"].take());
        assert_eq!(ids[0], ids[1], "{tool}");
    }
}

#[test]
fn what_was_approved_is_applied_once() {
    let velero = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = value(&velero, tool, &confirmed(&arguments)).expect(tool);
        assert_eq!(answer["state"], "applied", "{tool}: {answer}");
    }
    let sent = velero.cluster().changing_requests();
    assert_eq!(sent.len(), changes().len(), "{sent:?}");
    let list = ask(&velero, "list_velero_schedules", &json!({})).text;
    let paused = |name: &str| {
        let line = list.lines().find(|line| line.starts_with(name));
        line.is_some_and(|line| line.contains("Paused"))
    };
    assert!(paused("nightly") && !paused("weekly"), "{list}");
}

#[test]
fn nothing_is_proposed_without_a_grant() {
    let velero = reading().approving().run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&velero, tool, &arguments).expect_err(tool);
        assert!(matches!(&failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}

#[test]
fn what_is_not_granted_to_read_is_a_note_and_the_proposal_stands() {
    let velero = blind().run(describe);
    let (tool, arguments) = &changes()[0];
    let answer = value(&velero, tool, arguments).expect("it may create");
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("not known: whether Velero can use its backup storage location (denied)"),
        "{notes}"
    );
}

/// What the shipped policy says of each; the host's, by its rows.
#[test]
fn what_acts_for_others_or_loses_data_is_high_with_its_reason() {
    let velero = people().run(describe);
    let mut seen = Vec::new();
    let everything = ("create_velero_backup", json!({ "name": "all" }));
    for (tool, arguments) in changes().into_iter().chain([everything]) {
        let answer = value(&velero, tool, &arguments).expect(tool);
        seen.push(format!("{tool} {arguments}: {}", answer["risk"]));
        for reason in answer["reasons"].as_array().expect("a list") {
            seen.push(format!("  {}", reason.as_str().expect("a text")));
        }
    }
    insta::assert_snapshot!(seen.join("\n"));
}

/// What a person and a model read of a proposal.
#[test]
fn a_proposal_says_what_would_come_of_it() {
    let velero = people().run(describe);
    for (name, at) in [
        ("backup", 1),
        ("restore", 3),
        ("schedule", 4),
        ("unpause", 6),
        ("delete", 7),
    ] {
        let (tool, arguments) = &changes()[at];
        let answer = ask(&velero, tool, arguments);
        let structured = answer.structured.expect("it has a value");
        let id = structured["id"].as_str().expect("a text");
        let mut text = answer.text.replace(id, "c-ID");
        // They are those after the clock of this run.
        for (begin, end) in [
            ("next times: ", "\n"),
            ("next at ", "\n"),
            ("expires ", "\n"),
        ] {
            text = without(&text, begin, end);
        }
        insta::assert_snapshot!(format!("proposal_{name}"), text);
    }
}

fn without(text: &str, begin: &str, end: &str) -> String {
    let Some((head, rest)) = text.split_once(begin) else {
        return text.to_owned();
    };
    let tail = rest.split_once(end).map_or("", |(_, tail)| tail);
    format!("{head}{begin}TIMES{end}{tail}")
}

/// The person who decides is shown the summary, the risk and the diff, and no notes.
#[test]
fn the_person_is_told_what_weighs_most_in_the_summary() {
    let velero = people().run(describe);
    for (tool, arguments, told) in [
        (
            "create_velero_backup",
            json!({ "name": "all", "excluded_namespaces": ["till"] }),
            "back up every namespace, but till as all by Velero in velero; it copies every namespace but till to the storage \
             location, Secrets included; name them in included_namespaces",
        ),
        (
            "create_velero_backup",
            json!({ "name": "now", "from_schedule": "nightly" }),
            "back up what schedule nightly does as now by Velero in velero; the template runs commands in pods (hooks: 1); \
             they are in the proposal",
        ),
        (
            "create_velero_restore",
            json!({
                "name": "back", "backup": "partial", "included_namespaces": ["shop"], "included_resources": ["secrets"],
                "label_selector": "app=web", "namespace_mapping": { "shop": "shop-copy" }, "existing_resource_policy": "update",
            }),
            "restore namespace shop, only secrets, only with app=web, shop into shop-copy of backup partial as back by Velero in \
             velero; backup partial failed in part, with 3 errors: what failed is missing in it; what exists already is changed \
             to what the backup has",
        ),
        (
            "create_velero_restore",
            json!({ "name": "back", "schedule": "nightly", "included_namespaces": ["shop"] }),
            "restore namespace shop of the newest completed backup of schedule nightly when it begins (good when this was \
             proposed) as back by Velero in velero; partial is newer and PartiallyFailed: name it in `backup` to take it; what \
             exists already is left as it is",
        ),
        (
            "create_velero_schedule",
            json!({ "name": "hourly", "schedule": "@hourly", "included_namespaces": ["shop"] }),
            "back up namespace shop again and again by schedule hourly of Velero in velero; runs every hour at minute 0",
        ),
        (
            "pause_velero_schedule",
            json!({ "name": "nightly" }),
            "pause schedule nightly of Velero in velero; no backups are made until unpause_velero_schedule",
        ),
        (
            "unpause_velero_schedule",
            json!({ "name": "weekly" }),
            "unpause schedule weekly of Velero in velero; runs every Sunday at 00:00 UTC",
        ),
        (
            "delete_velero_backup",
            json!({ "name": "good" }),
            "delete backup good and its data by Velero in velero; the data at the storage location and the snapshots go too; \
             nothing brings them back; it is the newest completed backup of schedule nightly; the records of its restores go too (1)",
        ),
    ] {
        let answer = value(&velero, tool, &arguments).expect(tool);
        let summary = velero.summary(answer["id"].as_str().expect("a proposal has an id"));
        assert_eq!(summary, told, "{tool} {arguments}");
    }
}

#[test]
fn a_backup_of_many_namespaces_is_proposed_with_a_summary_that_the_host_takes() {
    let velero = people().run(describe);
    let names: Vec<_> = (10..40)
        .map(|at| format!("{at}{}", "a".repeat(60)))
        .collect();
    let arguments = json!({ "name": "n".repeat(253), "included_namespaces": names, "excluded_namespaces": ["b".repeat(63)] });
    let answer = value(&velero, "create_velero_backup", &arguments).expect("it is proposed");
    let summary = velero.summary(answer["id"].as_str().expect("a proposal has an id"));
    assert!(summary.chars().count() <= 500, "{summary}");
}
