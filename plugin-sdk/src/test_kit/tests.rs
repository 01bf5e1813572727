mod changing;
mod logs;
mod metrics;
mod reading;
mod waiting;

use super::Kit;
use crate::kubernetes::{self, LogQuery, ObjectRef, Query, ResourceType};
use crate::{Failure, Plugin, Tool, Want, context};
use serde_json::{Value, json};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Where {
    namespace: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Seen {
    value: Value,
}

fn pods(of: Where) -> Result<Seen, Failure> {
    let query = Query::in_namespace(ResourceType::new("", "pods"), of.namespace);
    let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], 2, None)?;
    Ok(Seen {
        value: json!({ "pods": page.items, "more": page.continue_token.is_some() }),
    })
}

fn secret(of: Where) -> Result<Seen, Failure> {
    let object = ObjectRef::in_namespace(ResourceType::new("", "secrets"), of.namespace, "db");
    Ok(Seen {
        value: kubernetes::get(&object)?,
    })
}

fn log(of: Where) -> Result<Seen, Failure> {
    let log = kubernetes::logs(&LogQuery::new(of.namespace, "a", 1000))?;
    Ok(Seen {
        value: log.text.into(),
    })
}

fn settings(_: Where) -> Result<Seen, Failure> {
    Ok(Seen {
        value: context::settings()?,
    })
}

fn describe() -> Plugin {
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .wants(Want::cluster(
            &[""],
            &["pods", "secrets", "pods/log"],
            &["get", "list"],
            "To test.",
        ))
        .tool(Tool::read("pods", "Names two pods.", pods))
        .tool(Tool::read("secret", "Reads a Secret.", secret))
        .tool(Tool::read("log", "Reads a log.", log))
        .tool(Tool::read("settings", "Says what was set.", settings))
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\ndata: {password: aHVudGVyMg==}\n";

#[test]
fn what_is_granted_is_read_from_the_cluster() {
    let test = Kit::demo()
        .grant(
            r#"api_groups = [""], resources = ["pods"], verbs = ["list"], namespaces = ["shop"]"#,
        )
        .run(describe);
    let answer = test
        .call("pods", json!({ "namespace": "shop" }))
        .expect("it is granted");
    let seen = answer.structured.expect("the tool has a value");
    assert_eq!(seen["value"]["pods"].as_array().map(Vec::len), Some(2));
    assert_eq!(seen["value"]["more"], true);
    let requests = test.cluster().requests();
    assert!(
        requests
            .iter()
            .any(|request| request.path == "/api/v1/namespaces/shop/pods"),
        "{requests:?}"
    );
}

#[test]
fn what_no_grant_covers_is_denied_before_the_cluster_is_asked() {
    let test = Kit::demo()
        .grant(
            r#"api_groups = [""], resources = ["pods"], verbs = ["list"], namespaces = ["shop"]"#,
        )
        .run(describe);
    let failure = test
        .call("pods", json!({ "namespace": "batch" }))
        .expect_err("it is not granted");
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    assert!(
        test.cluster()
            .requests()
            .iter()
            .all(|request| !request.path.contains("batch"))
    );
}

#[test]
fn the_value_of_a_secret_does_not_reach_the_plugin() {
    let test = Kit::from_manifests(SECRET)
        .grant(
            r#"api_groups = [""], resources = ["secrets"], verbs = ["get"], namespaces = ["shop"]"#,
        )
        .run(describe);
    let answer = test
        .call("secret", json!({ "namespace": "shop" }))
        .expect("it is granted");
    assert!(
        answer.text.contains("password"),
        "the key stays: {}",
        answer.text
    );
    assert!(
        !answer.text.contains("aHVudGVyMg"),
        "the value does not: {}",
        answer.text
    );
}

#[test]
fn arguments_that_do_not_match_the_schema_do_not_reach_the_tool() {
    let test = Kit::from_manifests("").run(describe);
    let failure = test
        .call("pods", json!({ "namespace": "shop", "namspace": "x" }))
        .expect_err("it is misspelt");
    assert!(
        matches!(&failure, Failure::Invalid(message) if message.contains("namspace")),
        "{failure}"
    );
}

#[test]
fn settings_are_the_operators_table() {
    let test = Kit::from_manifests("")
        .settings("namespace = 'velero'")
        .run(describe);
    let answer = test
        .call("settings", json!({ "namespace": "" }))
        .expect("settings need no grant");
    assert_eq!(
        answer.structured,
        Some(json!({ "value": { "namespace": "velero" } }))
    );
}

#[test]
fn a_log_that_is_not_there_fails_in_the_hosts_words() {
    let test = Kit::from_manifests("")
        .grant(
            r#"api_groups = [""], resources = ["pods/log"], verbs = ["get"], namespaces = ["*"]"#,
        )
        .run(describe);
    let failure = test
        .call("log", json!({ "namespace": "shop" }))
        .expect_err("there is no pod");
    assert!(
        matches!(&failure, Failure::NotFound(message) if message.contains("pod `a`")),
        "{failure}"
    );
}

#[test]
#[should_panic(expected = "`lst` is not a verb")]
fn a_grant_that_the_host_would_not_accept_fails_the_test() {
    Kit::from_manifests("")
        .grant(r#"api_groups = [""], resources = ["pods"], verbs = ["lst"], namespaces = ["*"]"#)
        .run(describe);
}
