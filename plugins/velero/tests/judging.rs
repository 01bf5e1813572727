//! What the judging tools say about a Velero that somebody runs. Ages, and times in names, are replaced.

use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_sdk::{Answer, Failure};
use bulkhead_plugin_velero::describe;
use bulkhead_velero_data::Fleet;
use serde_json::{Value, json};
use std::time::SystemTime;

const VELERO: &str = r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["velero"]"#;
const NAMESPACES: &str =
    r#"api_groups = [""], resources = ["namespaces"], verbs = ["get", "list"], scope = "cluster""#;
const CLAIMS: &str = r#"api_groups = [""], resources = ["persistentvolumeclaims"], verbs = ["get", "list"], namespaces = ["*"]"#;
const WORKLOADS: &str = r#"api_groups = ["apps", "batch"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#;

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

mod coverage {
    use super::{CLAIMS, NAMESPACES, ask, both, failure, granted, kit, lasting, rows};
    use bulkhead_plugin_velero::describe;
    use serde_json::json;

    const TOOL: &str = "check_velero_coverage";
    const OBJECTIVES: &str = r#"objectives = { default = "7d", tiers = { gold = "4h", silver = "24h" }, namespaces = { kube-system = "24h" } }"#;

    #[test]
    fn what_is_not_covered_comes_first_with_its_reason() {
        let velero = granted().run(describe);
        insta::assert_snapshot!(both(&ask(&velero, TOOL, json!({}))));
    }

    #[test]
    fn objectives_by_tier_and_name_decide_what_is_late() {
        let velero = granted().settings(OBJECTIVES).run(describe);
        let answer = ask(&velero, TOOL, json!({ "all": true, "limit": 100 }));
        insta::assert_snapshot!(lasting(&answer.text));
    }

    #[test]
    fn pages_give_every_row_once() {
        let velero = granted().run(describe);
        let all = rows(&ask(&velero, TOOL, json!({ "all": true, "limit": 200 })));
        let (mut seen, mut token) = (Vec::new(), json!(null));
        loop {
            let page = ask(
                &velero,
                TOOL,
                json!({ "all": true, "limit": 5, "continue": token }),
            );
            seen.extend(rows(&page));
            let structured = page.structured.expect("it has a value");
            token = structured["continue"].clone();
            if token.is_null() {
                break;
            }
        }
        let names = |rows: &[serde_json::Value]| -> Vec<_> {
            rows.iter()
                .map(|row| (row[1].clone(), row[2].clone()))
                .collect()
        };
        assert_eq!(names(&seen), names(&all));
    }

    #[test]
    fn only_the_namespaces_that_were_asked_for_are_judged() {
        let velero = granted().run(describe);
        let answer = ask(&velero, TOOL, json!({ "of": ["legacy", "gone"] }));
        assert!(rows(&answer).iter().all(|row| row[1] == "legacy"));
        assert!(
            answer
                .text
                .contains("not known: namespace `gone`, the cluster has none")
        );
    }

    #[test]
    fn without_a_grant_for_claims_namespaces_are_judged_and_that_is_said() {
        let velero = kit().grant(NAMESPACES).run(describe);
        let answer = ask(&velero, TOOL, json!({}));
        assert!(
            answer
                .text
                .contains("not known: persistent volume claims (denied)"),
            "{}",
            answer.text
        );
        assert!(
            answer.text.contains("namespaces not covered"),
            "{}",
            answer.text
        );
    }

    #[test]
    fn without_a_grant_for_namespaces_nothing_is_judged() {
        let velero = kit().grant(CLAIMS).run(describe);
        let failure = failure(&velero, TOOL, json!({})).to_string();
        assert!(
            failure.starts_with("denied: ") && failure.contains("namespaces"),
            "{failure}"
        );
    }

    #[test]
    fn a_wrong_objective_is_named_by_its_key() {
        let settings = r#"objectives = { tiers = { gold = "4 hours" } }"#;
        let velero = granted().settings(settings).run(describe);
        let failure = failure(&velero, TOOL, json!({})).to_string();
        assert!(failure.contains("`objectives.tiers.gold`"), "{failure}");
    }
}

mod drift {
    use super::{WORKLOADS, ask, both, failure, granted, kit, lasting, newest};
    use bulkhead_plugin_velero::describe;
    use serde_json::json;

    const TOOL: &str = "check_velero_drift";

    #[test]
    fn images_claims_and_workloads_that_changed_since_a_backup_are_named() {
        let velero = granted().grant(WORKLOADS).run(describe);
        let backup = newest(&velero, "apps-daily");
        insta::assert_snapshot!(both(&ask(&velero, TOOL, json!({ "backup": backup }))));
    }

    #[test]
    fn only_the_namespaces_that_were_asked_for_are_compared() {
        let velero = granted().grant(WORKLOADS).run(describe);
        let backup = newest(&velero, "apps-daily");
        let arguments = json!({ "backup": backup, "of": ["payments"] });
        insta::assert_snapshot!(lasting(&ask(&velero, TOOL, arguments).text));
        let arguments = json!({ "backup": backup, "of": ["legacy"] });
        let failure = failure(&velero, TOOL, arguments).to_string();
        assert!(
            failure.contains("does not take in namespace `legacy`"),
            "{failure}"
        );
    }

    #[test]
    fn what_is_not_granted_is_not_known_and_without_any_grant_it_is_denied() {
        let velero = granted().run(describe);
        let backup = newest(&velero, "apps-daily");
        let answer = ask(&velero, TOOL, json!({ "backup": backup }));
        assert!(
            answer.text.contains("not known: deployments (denied)"),
            "{}",
            answer.text
        );
        let velero = kit().run(describe);
        let failure = failure(&velero, TOOL, json!({ "backup": backup })).to_string();
        assert!(failure.starts_with("denied: "), "{failure}");
    }

    #[test]
    fn a_backup_that_never_began_has_nothing_to_compare() {
        let velero = granted().run(describe);
        let failure = failure(&velero, TOOL, json!({ "backup": "media-next" })).to_string();
        assert!(
            failure.contains("`media-next` never began: it has not begun"),
            "{failure}"
        );
    }
}
