//! What the judging tools say about a Velero that somebody runs. Ages, and times in names, are replaced.

mod assessment;
mod claims;
mod corners;
mod coverage;
mod drift;
mod sources;

use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_sdk::{Answer, Failure};
use bulkhead_velero_data::Fleet;
use serde_json::{Value, json};
use std::time::SystemTime;

const VELERO: &str = r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["velero"]"#;
const NAMESPACES: &str =
    r#"api_groups = [""], resources = ["namespaces"], verbs = ["get", "list"], scope = "cluster""#;
const CLAIMS: &str = r#"api_groups = [""], resources = ["persistentvolumeclaims"], verbs = ["get", "list"], namespaces = ["*"]"#;
const WORKLOADS: &str = r#"api_groups = ["apps", "batch"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#;
const SERVICES: &str =
    r#"api_groups = [""], resources = ["services"], verbs = ["get", "list"], namespaces = ["*"]"#;
const CLASSES: &str = r#"api_groups = ["storage.k8s.io"], resources = ["storageclasses"], verbs = ["get", "list"], scope = "cluster""#;

fn kit() -> Kit {
    let fleet = Fleet::new(7, SystemTime::now());
    Kit::from_manifests(&fleet.manifests()).grant(VELERO)
}

fn granted() -> Kit {
    kit().grant(NAMESPACES).grant(CLAIMS)
}

fn ask(velero: &Running, tool: &str, arguments: Value) -> Answer {
    velero.call(tool, arguments).expect("the tool answers")
}

fn failure(velero: &Running, tool: &str, arguments: Value) -> Failure {
    velero.call(tool, arguments).expect_err("it must fail")
}

/// Puts `TIME` for the times at the end of names, `AGE` for ages, `CRON` for what depends on the hour, and two blanks for padding.
fn lasting(text: &str) -> String {
    let line = |line: &str| {
        let cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        let cells = cells.map(|cell| {
            let words: Vec<_> = cell.split(' ').map(word).collect();
            words.join(" ")
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    let text: Vec<_> = text.lines().map(line).collect();
    let mut parts: Vec<_> = text.join("\n").split('`').map(str::to_owned).collect();
    for part in parts.iter_mut().skip(1).step_by(2) {
        if part.contains(" * * ") {
            "CRON".clone_into(part);
        }
    }
    parts.join("`")
}

fn word(word: &str) -> String {
    let is_time = |part: &str| part.len() == 14 && part.bytes().all(|byte| byte.is_ascii_digit());
    let bare = word.trim_matches(|c: char| "`,:;".contains(c));
    if let Some((name, end)) = bare.rsplit_once('-')
        && is_time(end)
    {
        return word.replace(bare, &format!("{name}-TIME"));
    }
    if bare.len() == 20 && bare.ends_with('Z') {
        return word.replace(bare, "TIME");
    }
    let unit = |c: char| "smhdy".contains(c);
    let is_age = bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.ends_with(unit)
        && bare.chars().all(|c| c.is_ascii_digit() || unit(c));
    // The objectives of the tests are these.
    let is_objective = ["24h", "4h", "7d"].contains(&bare);
    if is_age && !is_objective {
        return word.replace(bare, "AGE");
    }
    word.to_owned()
}

/// The name of a schedule's newest backup.
fn newest(velero: &Running, schedule: &str) -> String {
    let arguments = json!({ "schedule": schedule, "limit": 1 });
    let rows = rows(&ask(velero, "list_velero_backups", arguments));
    rows[0][0].as_str().expect("it has a name").to_owned()
}

fn rows(answer: &Answer) -> Vec<Value> {
    let structured = answer.structured.as_ref().expect("it has a value");
    structured["rows"].as_array().expect("it has rows").clone()
}

/// Text and value of an answer, for a snapshot.
fn both(answer: &Answer) -> String {
    let structured = answer.structured.as_ref().expect("it has a value");
    let structured = serde_json::to_string_pretty(structured).expect("it is a value");
    format!("{}\n---\n{}", lasting(&answer.text), of_value(&structured))
}

/// As [`lasting`], for JSON with a cell a line.
fn of_value(json: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        let (_, text) = line.split_at(indent);
        let inner = text.trim_end_matches(',').trim_matches('"');
        let replaced = text.replace(inner, &lasting(inner));
        format!("{}{replaced}", " ".repeat(indent))
    };
    json.lines().map(line).collect::<Vec<_>>().join("\n")
}
