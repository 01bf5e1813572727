//! What each tool says, as a model reads it and as a program does.

use bulkhead_tests::mcp_client::{Era, McpClient};
use bulkhead_velero_data::Fleet;
use serde_json::{Value, json};

use super::{config, fleet, session, sim, sim_of};
use crate::session::Session;

/// What differs between two runs, and what is put for it. Ages in hours and days stay: the data set stands relative to now.
const FILTERS: [(&str, &str); 11] = [
    (r"\bc-[0-9a-z]{10}\b", "[change]"),
    (
        r#""expires_in_seconds": \d+"#,
        r#""expires_in_seconds": [seconds]"#,
    ),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
    (r"\b\d{14}\b", "[stamp]"),
    (r"\b\d{1,2} \d{1,2}(,\d{1,2})? \* \* (\*|\d)", "[cron]"),
    (r"\b\d\d:\d\d\b", "[hour]"),
    (r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "[weekday]"),
    // Since the location was looked at, a minute ago.
    (r"\b\d{1,3}s ago\b", "[age] ago"),
    (r"\b\dm\d{1,2}s ago\b", "[age] ago"),
    (r"\b\d{2,3}m\b", "[age]"),
    // Padding, which depends on the width of what was replaced.
    (r"(\S) {2,}", "$1  "),
];

/// A call of each tool that reads, behind the name of its snapshot.
pub(crate) fn calls(fleet: &Fleet) -> Vec<(&'static str, &'static str, Value)> {
    let nightly = newest_of("apps-daily", fleet);
    let of = |backup: &str| json!({ "backup": backup });
    vec![
        ("backups", "list_velero_backups", json!({ "limit": 8 })),
        (
            "backups_failed",
            "list_velero_backups",
            json!({ "phase": "Failed" }),
        ),
        ("backup", "get_velero_backup", json!({ "name": nightly })),
        (
            "backup_by_hand",
            "get_velero_backup",
            json!({ "name": "shop-before-upgrade" }),
        ),
        ("schedules", "list_velero_schedules", json!({})),
        ("restores", "list_velero_restores", json!({ "limit": 12 })),
        (
            "restore",
            "get_velero_restore",
            json!({ "name": "payments-drill" }),
        ),
        ("locations", "list_velero_locations", json!({})),
        ("volumes", "list_velero_volume_backups", of(nightly)),
        (
            "volumes_moving",
            "list_velero_volume_backups",
            of("orders-moving"),
        ),
        ("status", "get_velero_status", json!({})),
        ("coverage", "check_velero_coverage", json!({})),
        ("drift", "check_velero_drift", of(nightly)),
        (
            "assessment",
            "assess_velero_restore",
            json!({ "backup": nightly, "included_namespaces": ["shop", "media"] }),
        ),
        (
            "assessment_elsewhere",
            "assess_velero_restore",
            json!({
                "backup": nightly, "included_namespaces": ["shop", "media"],
                "namespace_mapping": { "shop": "shop-test", "media": "media-test" },
            }),
        ),
        (
            "generated_backup",
            "generate_velero_backup_yaml",
            json!({ "name": "by-hand", "included_namespaces": ["shop"], "ttl": "240h" }),
        ),
        (
            "generated_restore",
            "generate_velero_restore_yaml",
            json!({ "name": "back", "backup": nightly, "namespace_mapping": { "shop": "shop-test" } }),
        ),
        (
            "generated_schedule",
            "generate_velero_schedule_yaml",
            json!({ "name": "orders-nightly", "schedule": "30 2 * * 1-5", "included_namespaces": ["orders"] }),
        ),
    ]
}

/// The name of the newest backup of a schedule.
fn newest_of<'a>(schedule: &str, fleet: &'a Fleet) -> &'a str {
    let made = |object: &&Value| {
        object["kind"] == "Backup"
            && object["metadata"]["labels"]["velero.io/schedule-name"] == schedule
    };
    let names = fleet.objects().iter().filter(made);
    let names = names.filter_map(|object| object["metadata"]["name"].as_str());
    names.max().unwrap()
}

/// Calls a tool, and returns what it says in words and, below, as a value.
fn said(session: &mut Session, tool: &str, arguments: &Value) -> String {
    let result = session.call_tool(tool, arguments.clone()).unwrap().unwrap();
    assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= 6 * 1024, "{tool}: {} bytes", text.len());
    let value = serde_json::to_string_pretty(&result["structuredContent"]).unwrap();
    format!("{text}\n\n{value}")
}

/// Compares what a call says with the snapshot of that name.
pub(super) fn snapshot(name: &str, session: &mut Session, tool: &str, arguments: &Value) {
    let said = said(session, tool, arguments);
    insta::with_settings!({ filters => FILTERS, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("velero_{name}"), said);
    });
}

#[test]
fn each_tool_that_reads_says_this_in_words_and_as_a_value() {
    let fleet = fleet();
    let sim = sim_of(&fleet);
    let mut session = session(&sim);
    for (name, tool, arguments) in calls(&fleet) {
        snapshot(name, &mut session, tool, &arguments);
    }
    session.end();
}

#[test]
fn no_tool_that_reads_is_left_out_above() {
    let sim = sim();
    let mut session = session(&sim);
    let tools = session.list_tools().unwrap();
    let reads = tools
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == true)
        .filter_map(|tool| tool["name"].as_str())
        .filter(|name| name.contains("velero"));
    let calls = calls(&fleet());
    let called: Vec<_> = calls.iter().map(|(_, tool, _)| *tool).collect();
    let left_out: Vec<_> = reads.filter(|name| !called.contains(name)).collect();
    assert_eq!(left_out, [""; 0]);
}

/// The protocol of an answer depends on the era, and not what a tool says.
#[test]
fn a_list_says_the_same_in_both_eras() {
    let sim = sim();
    let answers = [Era::LEGACY, Era::MODERN].map(|era| {
        let config = config(&sim);
        let mut client = McpClient::serve(&config.path(), era).unwrap();
        let answer = client.call_tool("list_velero_backups", json!({}));
        let result = answer.unwrap().unwrap();
        (
            result["content"].clone(),
            result["structuredContent"].clone(),
        )
    });
    assert_eq!(answers[0], answers[1]);
}
