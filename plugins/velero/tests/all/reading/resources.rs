//! The resources, and what is suggested while a person types a name.

use super::{backup_of, fleet, granted};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::CompletionTarget;
use bulkhead_plugin_velero::describe;
use serde_json::Value;

fn read(uri: &str) -> Value {
    let contents = granted().read(uri).expect("it is granted");
    assert_eq!(contents.mime_type, "application/json");
    serde_json::from_str(&contents.text).expect("it is JSON")
}

#[test]
fn the_lists_are_what_the_tools_answer() {
    let backups = read("velero://backups");
    assert_eq!(backups["resource"], "backups.velero.io");
    assert!(backups["continue"].is_string(), "it is the first page");
    let schedules = read("velero://schedules");
    assert_eq!(schedules["total"], 6);
}

#[test]
fn one_backup_is_what_the_tool_answers() {
    let backup = read("velero://backups/shop-stuck");
    assert_eq!(backup["name"], "shop-stuck");
    assert_eq!(backup["summary"], "InProgress: it is under way");
}

#[test]
fn one_schedule_says_when_it_runs_and_what_became_of_its_backups() {
    let schedule = read("velero://schedules/payments-12h");
    let summary = schedule["summary"].as_str().unwrap_or_default();
    let begins = "PartiallyFailing: the last backup did not end well; newest payments-12h-";
    assert!(summary.starts_with(begins), "{summary}");
    let text = schedule.to_string();
    for said in [
        "in words",
        "next backup",
        "/bin/ledger freeze",
        "backup=yes",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn names_are_completed_newest_first() {
    let velero = granted();
    let newest = backup_of(&velero, "apps-daily", "Completed");
    let target = CompletionTarget::Template("velero://backups/{name}".to_owned());
    let names = velero
        .complete(&target, "name", "apps-", &[])
        .expect("it is granted");
    assert_eq!(names.len(), 90);
    assert_eq!(names.first(), Some(&newest));
    let target = CompletionTarget::Template("velero://schedules/{name}".to_owned());
    let names = velero
        .complete(&target, "name", "pay", &[])
        .expect("it is granted");
    assert_eq!(names, ["payments-12h"]);
}

#[test]
fn a_resource_is_denied_without_a_grant() {
    let velero = fleet().run(describe);
    for uri in [
        "velero://backups",
        "velero://schedules",
        "velero://backups/shop-stuck",
    ] {
        let failure = velero.read(uri).expect_err("it is not granted");
        assert!(matches!(failure, Failure::Denied(_)), "{uri}: {failure}");
    }
}
