//! How well everything is covered, by check_velero_coverage.

use super::{CLAIMS, NAMESPACES, VELERO, ask, both, failure, granted, kit, lasting, rows};
use bulkhead_plugin_sdk::test_kit::Kit;
use bulkhead_plugin_velero::describe;
use bulkhead_velero_data::Fleet;
use serde_json::json;
use std::time::SystemTime;

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
fn of_many_namespaces_and_claims_a_first_page_is_short_and_no_page_is_long() {
    let mut cluster = Fleet::new(7, SystemTime::now()).manifests();
    for number in 0..500 {
        let name = format!("team-with-a-long-name-{number:03}");
        cluster += "---\n{ apiVersion: v1, kind: Namespace, metadata: { name: ";
        cluster += &name;
        cluster += " } }\n";
        for claim in 0..4 {
            let metadata = format!("{{ name: data-{claim}, namespace: {name} }}");
            cluster += "---\n{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: ";
            cluster += &metadata;
            cluster += " }\n";
        }
    }
    let kit = Kit::from_manifests(&cluster).grant(VELERO);
    let velero = kit.grant(NAMESPACES).grant(CLAIMS).run(describe);
    let first = ask(&velero, TOOL, json!({}));
    assert!(first.text.len() <= 6 * 1024, "{}", first.text.len());
    assert!(
        first.text.contains("more; next page with continue="),
        "{}",
        first.text
    );
    let widest = ask(&velero, TOOL, json!({ "all": true, "limit": 200 }));
    let structured = widest.structured.expect("it has a value").to_string();
    let bytes = widest.text.len() + structured.len();
    assert!(bytes <= 26 * 1024, "{bytes}");
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
        answer.text.contains("namespaces not covered: "),
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
