//! The resources, the prompts, and what is suggested while a person types a name.

use super::{OPERATOR, ask, fleet, granted};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{CompletionTarget, Running};
use serde_json::{Value, json};

const TEMPLATE: &str = "cnpg://clusters/{namespace}/{name}";

fn read(running: &Running, uri: &str) -> Value {
    let contents = running.read(uri).expect("it is granted");
    assert_eq!(contents.mime_type, "application/json");
    serde_json::from_str(&contents.text).expect("it is JSON")
}

fn complete(running: &Running, variable: &str, typed: &str) -> Vec<String> {
    let target = CompletionTarget::Template(TEMPLATE.to_owned());
    running
        .complete(&target, variable, typed, &[])
        .expect("it is granted")
}

#[test]
fn they_are_what_the_tools_answer() {
    let running = granted();
    let list = ask(&running, "list_postgres_clusters", json!({}));
    assert_eq!(Some(read(&running, "cnpg://clusters")), list.structured);
    let one = read(&running, "cnpg://clusters/shop/orders");
    assert_eq!(
        (&one["name"], &one["namespace"]),
        (&json!("orders"), &json!("shop"))
    );
    assert_eq!(one["summary"], "Cluster in healthy state");
}

#[test]
fn namespaces_and_names_are_completed_by_the_alphabet_each_once() {
    let running = granted();
    assert_eq!(complete(&running, "namespace", ""), ["lab", "shop", "till"]);
    assert_eq!(complete(&running, "name", "p"), ["payments", "pos"]);
}

#[test]
fn names_are_those_in_the_namespace_that_was_filled_in_before() {
    let running = granted();
    let template = CompletionTarget::Template(TEMPLATE.to_owned());
    let prompt = CompletionTarget::Prompt("postgres_health_review".to_owned());
    for target in [template, prompt] {
        let names = |namespace| running.complete(&target, "name", "", &[("namespace", namespace)]);
        let lab = names("lab").expect("it is granted");
        assert!(lab.contains(&"scratch".to_owned()), "{lab:?}");
        assert!(!lab.contains(&"orders".to_owned()), "{lab:?}");
        assert_eq!(names("nowhere"), Ok(Vec::new()));
    }
}

#[test]
fn without_a_grant_over_all_namespaces_those_of_the_context_are_completed() {
    let narrow = OPERATOR.replace(r#"namespaces = ["*"]"#, r#"namespaces = ["default"]"#);
    let running = fleet().grant(&narrow).run(describe);
    assert!(
        complete(&running, "name", "").is_empty(),
        "there is none in it"
    );
    let target = CompletionTarget::Template(TEMPLATE.to_owned());
    let failure = fleet()
        .run(describe)
        .complete(&target, "name", "", &[])
        .expect_err("it is not granted");
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}

#[test]
fn what_is_not_there_or_not_granted_is_no_resource() {
    let missing = granted()
        .read("cnpg://clusters/shop/nobody")
        .expect_err("there is none");
    assert!(matches!(missing, Failure::NotFound(_)), "{missing}");
    let denied = fleet()
        .run(describe)
        .read("cnpg://clusters")
        .expect_err("it is not granted");
    assert!(matches!(denied, Failure::Denied(_)), "{denied}");
}

#[test]
fn the_prompts_name_the_cluster_and_what_they_need() {
    let running = granted();
    let said = |name: &str, arguments: &[(&str, &str)]| {
        let messages = running.prompt(name, arguments).expect("it is filled in");
        format!("{messages:?}")
    };
    let review = said(
        "postgres_health_review",
        &[("name", "orders"), ("namespace", "shop")],
    );
    assert!(review.contains("`orders` in namespace `shop`"), "{review}");
    let runbook = said(
        "postgres_restore_runbook",
        &[("name", "orders"), ("lost", "a table")],
    );
    assert!(runbook.contains("Lost: a table"), "{runbook}");
    let failure = running.prompt("postgres_restore_runbook", &[("name", "orders")]);
    assert!(matches!(failure, Err(Failure::Invalid(_))), "{failure:?}");
    let target = CompletionTarget::Prompt("postgres_restore_runbook".to_owned());
    let names = running
        .complete(&target, "name", "led", &[])
        .expect("it is granted");
    assert_eq!(names, ["ledger"]);
}
