//! Each answer whole, text and value, on a Velero that somebody runs.

use super::{ask, backup_of, granted, lasting::lasting, text};
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};

fn value(velero: &Running, tool: &str, arguments: Value) -> String {
    let value = ask(velero, tool, arguments).structured;
    let value = serde_json::to_string_pretty(&value).expect("it is JSON");
    lasting(&value)
}

#[test]
fn the_status_says_what_is_wrong_first() {
    insta::assert_snapshot!(text("get_velero_status", json!({})));
    let velero = granted();
    insta::assert_snapshot!(value(&velero, "get_velero_status", json!({})));
}

#[test]
fn a_backup_that_failed_in_part_says_so_first_and_where_the_reasons_stand() {
    let velero = granted();
    let name = backup_of(&velero, "apps-daily", "PartiallyFailed");
    let answer = ask(&velero, "get_velero_backup", json!({ "name": name }));
    insta::assert_snapshot!(lasting(&answer.text));
    let asked = json!({ "name": name });
    insta::assert_snapshot!(value(&velero, "get_velero_backup", asked));
}

#[test]
fn backups_of_each_kind_say_what_they_are() {
    let velero = granted();
    let hooks = backup_of(&velero, "payments-12h", "PartiallyFailed");
    let names = [
        hooks.as_str(),
        "shop-before-upgrade",
        "shop-both-selectors",
        "offsite-first",
        "media-next",
        "shop-stuck",
        "orders-old",
    ];
    let texts = names.map(|name| {
        let answer = ask(&velero, "get_velero_backup", json!({ "name": name }));
        lasting(&answer.text)
    });
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn backups_are_listed_newest_first_with_totals() {
    let velero = granted();
    let asked = || json!({ "limit": 20 });
    let answer = ask(&velero, "list_velero_backups", asked());
    insta::assert_snapshot!(lasting(&answer.text));
    insta::assert_snapshot!(value(&velero, "list_velero_backups", asked()));
}

#[test]
fn schedules_in_trouble_come_first_with_their_last_good_backup() {
    insta::assert_snapshot!(text("list_velero_schedules", json!({})));
    let velero = granted();
    insta::assert_snapshot!(value(&velero, "list_velero_schedules", json!({})));
}

#[test]
fn locations_that_are_not_reached_come_first_with_their_reason() {
    insta::assert_snapshot!(text("list_velero_locations", json!({})));
    let velero = granted();
    insta::assert_snapshot!(value(&velero, "list_velero_locations", json!({})));
}

#[test]
fn restores_are_listed_newest_first_with_totals() {
    insta::assert_snapshot!(text("list_velero_restores", json!({})));
    let velero = granted();
    insta::assert_snapshot!(value(&velero, "list_velero_restores", json!({})));
}

#[test]
fn restores_of_each_kind_say_what_they_are() {
    let velero = granted();
    let names = [
        "payments-drill",
        "shop-to-test",
        "shop-moving",
        "offsite-try",
        "apps-latest",
    ];
    let texts = names.map(|name| {
        let answer = ask(&velero, "get_velero_restore", json!({ "name": name }));
        lasting(&answer.text)
    });
    insta::assert_snapshot!(texts.join("\n\n"));
    let asked = json!({ "name": "payments-drill" });
    insta::assert_snapshot!(value(&velero, "get_velero_restore", asked));
}

#[test]
fn volumes_of_a_backup_that_failed_come_first_with_their_message() {
    let velero = granted();
    let name = backup_of(&velero, "apps-daily", "PartiallyFailed");
    let asked = || json!({ "backup": name });
    let answer = ask(&velero, "list_velero_volume_backups", asked());
    insta::assert_snapshot!(lasting(&answer.text));
    insta::assert_snapshot!(value(&velero, "list_velero_volume_backups", asked()));
    let native = json!({ "backup": "shop-before-upgrade" });
    let answer = ask(&velero, "list_velero_volume_backups", native);
    insta::assert_snapshot!(lasting(&answer.text));
}

#[test]
fn every_first_answer_is_short() {
    let velero = granted();
    let backup = backup_of(&velero, "apps-daily", "PartiallyFailed");
    for (tool, asked) in [
        ("get_velero_status", json!({})),
        ("list_velero_backups", json!({})),
        ("get_velero_backup", json!({ "name": backup })),
        ("list_velero_schedules", json!({})),
        ("list_velero_restores", json!({})),
        ("get_velero_restore", json!({ "name": "payments-drill" })),
        ("list_velero_locations", json!({})),
        ("list_velero_volume_backups", json!({ "backup": backup })),
    ] {
        let text = ask(&velero, tool, asked).text;
        assert!(text.len() <= 6 * 1024, "{tool}: {} bytes", text.len());
        assert!(
            text.contains("in namespace velero (the default)"),
            "{tool}: {text}"
        );
    }
}
