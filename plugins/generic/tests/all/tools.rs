//! What each tool says about the demo cluster, as a model reads it. Ages are written as `AGE`.

use bulkhead_plugin_generic::describe;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

/// As in the shipped configuration: no secrets, no configmaps.
fn generic() -> Running {
    Kit::demo()
        .grant(r#"api_groups = ["*"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["*"]"#)
        .grant(r#"api_groups = [""], resources = ["pods/log"], verbs = ["get"], namespaces = ["*"]"#)
        .grant(r#"api_groups = ["", "metrics.k8s.io"], resources = ["nodes", "namespaces"], verbs = ["get", "list"], scope = "cluster""#)
        .run(describe)
}

fn answer(tool: &str, arguments: Value) -> Answer {
    generic().call(tool, arguments).expect("the tool answers")
}

fn text(tool: &str, arguments: Value) -> String {
    ageless(&answer(tool, arguments).text)
}

fn failure(tool: &str, arguments: Value) -> Failure {
    generic().call(tool, arguments).expect_err("it must fail")
}

/// Leaves out what says something about one run of the cluster only.
fn lasting(text: &str) -> String {
    let of_one_run = ["Timestamp", "uid", "resourceVersion"];
    let lasts = |line: &&str| !of_one_run.iter().any(|word| line.contains(word));
    text.lines().filter(lasts).collect::<Vec<_>>().join("\n")
}

/// Puts `AGE` for each age, and two blanks for the padding around it, which depends on the age's width.
fn ageless(text: &str) -> String {
    let line = |line: &str| {
        let words = line.split("  ").filter(|part| !part.is_empty());
        let words = words.map(|part| {
            part.trim()
                .split(' ')
                .map(word)
                .collect::<Vec<_>>()
                .join(" ")
        });
        words.collect::<Vec<_>>().join("  ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn word(word: &str) -> &str {
    if word.starts_with("continue=") {
        return "continue=TOKEN";
    }
    let (age, rest) = word.split_at(word.trim_end_matches(',').len());
    let unit = |c: char| "smhdy".contains(c);
    let is_age = age.starts_with(|c: char| c.is_ascii_digit())
        && age.ends_with(unit)
        && age.chars().all(|c| c.is_ascii_digit() || unit(c));
    match (is_age, rest) {
        (false, _) => word,
        (true, "") => "AGE",
        (true, _) => "AGE,",
    }
}

#[test]
fn ping_names_the_cluster() {
    insta::assert_snapshot!(text("ping", json!({})));
}

#[test]
fn a_list_begins_with_totals_and_names_what_is_not_well() {
    insta::assert_snapshot!(text(
        "k8s_list",
        json!({ "kind": "pods", "namespace": "shop" })
    ));
}

#[test]
fn a_thousand_pods_fit_into_six_kilobytes() {
    let answer = answer("k8s_list", json!({ "kind": "po", "namespace": "load" }));
    assert!(answer.text.len() <= 6 * 1024, "{} bytes", answer.text.len());
    let lines: Vec<_> = answer.text.lines().collect();
    insta::assert_snapshot!(ageless(
        &[lines[0], lines[1], lines[2], lines[lines.len() - 2]].join("\n")
    ));
    assert!(
        answer.text.contains("950 more; next page with continue="),
        "{}",
        answer.text
    );
}

#[test]
fn a_continue_token_gives_the_page_that_follows() {
    let generic = generic();
    let page = |token: Option<&Value>| {
        let arguments = json!({ "plural": "pods", "group": "", "version": "v1", "namespace": "load", "limit": 2, "continue": token });
        generic
            .call("k8s_list", arguments)
            .expect("it is granted")
            .structured
            .expect("a list has a value")
    };
    let first = page(None);
    let second = page(first.get("continue"));
    assert_eq!(first["total"], 1000);
    assert_eq!(second.get("total"), None);
    assert!(
        first["rows"][1][0].as_str() < second["rows"][0][0].as_str(),
        "{first} {second}"
    );
}

#[test]
fn each_kind_has_its_own_columns() {
    let lists = [
        "deployments",
        "rs",
        "jobs",
        "cronjobs",
        "services",
        "events",
    ]
    .map(|kind| {
        let namespace = if kind.contains("job") {
            "batch"
        } else {
            "shop"
        };
        text(
            "k8s_list",
            json!({ "kind": kind, "namespace": namespace, "limit": 3 }),
        )
    });
    insta::assert_snapshot!(lists.join("\n\n"));
}

#[test]
fn kinds_of_the_cluster_need_no_namespace() {
    let lists = ["nodes", "namespaces"].map(|kind| text("k8s_list", json!({ "kind": kind })));
    insta::assert_snapshot!(lists.join("\n\n"));
}

#[test]
fn a_list_of_all_namespaces_says_where_each_object_is() {
    insta::assert_snapshot!(text(
        "k8s_list",
        json!({ "kind": "deploy", "all_namespaces": true })
    ));
}

#[test]
fn an_object_is_yaml_without_what_nobody_reads() {
    let arguments = json!({ "kind": "service", "namespace": "shop", "name": "cart" });
    let object = answer("k8s_get", arguments).text;
    assert!(!object.contains("managedFields"), "{object}");
    insta::assert_snapshot!(lasting(&object));
}

#[test]
fn a_path_gives_a_part_of_an_object() {
    let arguments = json!({ "kind": "deployment", "namespace": "shop", "name": "checkout", "path": "spec.template.spec.containers[*].name" });
    insta::assert_snapshot!(text("k8s_get", arguments));
}

#[test]
fn events_come_newest_first() {
    insta::assert_snapshot!(text(
        "k8s_list_events",
        json!({ "namespace": "shop", "type": "Warning" })
    ));
}

#[test]
fn the_log_of_the_run_before_says_why_a_container_crashed() {
    let arguments = json!({ "namespace": "shop", "label_selector": "app=checkout", "previous": true, "tail_lines": 5 });
    let log = text("k8s_pod_logs", arguments);
    assert!(!log.contains("s3cr3t"), "{log}");
    let without_times = log
        .lines()
        .map(|line| line.split_once("Z ").map_or(line, |(_, rest)| rest));
    insta::assert_snapshot!(without_times.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_crash_loop_is_described_cause_first() {
    let generic = generic();
    let pods = generic.call(
        "k8s_list",
        json!({ "kind": "pods", "namespace": "shop", "label_selector": "app=checkout" }),
    );
    let name = pods
        .expect("it is granted")
        .structured
        .expect("a list has a value")["rows"][0][0]
        .clone();
    let described = generic.call(
        "k8s_describe",
        json!({ "kind": "pod", "namespace": "shop", "name": name }),
    );
    insta::assert_snapshot!(ageless(&described.expect("it is granted").text));
}

#[test]
fn a_deployment_is_described_by_its_pods() {
    insta::assert_snapshot!(text(
        "k8s_describe",
        json!({ "kind": "deployment", "namespace": "shop", "name": "checkout" })
    ));
}

#[test]
fn a_pod_that_is_not_scheduled_is_described_by_the_scheduler() {
    insta::assert_snapshot!(text(
        "k8s_describe",
        json!({ "kind": "deployment", "namespace": "shop", "name": "recommender" })
    ));
}

#[test]
fn a_failed_job_is_described_by_its_condition_and_pod() {
    insta::assert_snapshot!(text(
        "k8s_describe",
        json!({ "kind": "job", "namespace": "batch", "name": "nightly-report-29384" })
    ));
}

#[test]
fn what_is_well_is_described_so() {
    let described = answer(
        "k8s_describe",
        json!({ "kind": "deployment", "namespace": "shop", "name": "cart" }),
    );
    assert!(
        described.text.contains("likely cause: nothing looks wrong"),
        "{}",
        described.text
    );
}

#[test]
fn a_count_is_grouped_by_values() {
    insta::assert_snapshot!(text(
        "k8s_count",
        json!({ "kind": "pods", "namespace": "load", "by": ["spec.nodeName", "status.phase"] })
    ));
}

#[test]
fn usage_is_the_largest_first() {
    let usage = [
        json!({ "namespace": "shop", "sort_by": "cpu", "limit": 3 }),
        json!({ "namespace": "shop", "sort_by": "memory", "limit": 3 }),
        json!({ "of": "nodes" }),
    ];
    insta::assert_snapshot!(
        usage
            .map(|arguments| answer("k8s_top", arguments).text)
            .join("\n\n")
    );
}

#[test]
fn types_are_found_by_a_part_of_their_name() {
    insta::assert_snapshot!(text("k8s_api_resources", json!({ "contains": "deploy" })));
}

#[test]
fn a_field_is_explained() {
    insta::assert_snapshot!(text(
        "k8s_explain",
        json!({ "kind": "deployment", "path": "spec" })
    ));
}

#[test]
fn every_failure_says_what_to_do_next() {
    let failures = [
        failure("k8s_list", json!({ "namespace": "shop" })),
        failure("k8s_list", json!({ "kind": "flurbs", "namespace": "shop" })),
        failure(
            "k8s_list",
            json!({ "plural": "deployments", "group": "", "namespace": "shop" }),
        ),
        failure(
            "k8s_list",
            json!({ "kind": "secrets", "namespace": "shop" }),
        ),
        failure(
            "k8s_list",
            json!({ "kind": "pods", "namespace": "shop", "all_namespaces": true }),
        ),
        failure(
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "nobody" }),
        ),
        failure(
            "k8s_get",
            json!({ "kind": "service", "namespace": "shop", "name": "cart", "path": "spec.nothing" }),
        ),
        failure("k8s_pod_logs", json!({ "namespace": "shop" })),
        failure(
            "k8s_pod_logs",
            json!({ "namespace": "shop", "label_selector": "app=nobody" }),
        ),
    ];
    insta::assert_snapshot!(failures.map(|failure| failure.to_string()).join("\n"));
}
