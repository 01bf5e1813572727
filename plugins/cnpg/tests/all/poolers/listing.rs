//! What is said of poolers.

use super::cluster::{bare, reading, without_clusters};
use super::{ask, line, refused, value};
use bulkhead_cnpg_data::{Fleet, LEGACY_POOLER, ORDERS_POOLER};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};
use std::time::SystemTime;

fn list(cnpg: &Running, arguments: &Value) -> String {
    ask(cnpg, "list_postgres_poolers", arguments).text
}

#[test]
fn each_pooler_says_where_it_leads_and_those_that_lead_nowhere_come_first() {
    let text = list(&reading().run(describe), &json!({ "namespace": "shop" }));
    for (pooler, said) in [
        (
            "web",
            &[
                "deployed",
                "db",
                "rw",
                "2 of 2",
                "transaction",
                "default_pool_size=20",
            ][..],
        ),
        ("batch", &["changing", "rw", "0 of 1", "session"]),
        ("halted", &["paused", "ro", "clients wait"]),
        (
            "custom",
            &["its own login", "its own pg_hba", "its own pods"],
        ),
        (
            "orphan",
            &["no cluster", "legacy", "its cluster is not there"],
        ),
        ("leaving", &["deleting"]),
    ] {
        let line = line(&text, pooler);
        for said in said {
            assert!(line.contains(said), "`{said}` in {line}");
        }
    }
    let at = |name: &str| text.find(&format!("\n{name} ")).expect(name);
    assert!(
        at("orphan") < at("batch") && at("batch") < at("web"),
        "{text}"
    );
    assert!(!text.contains("far"), "that is elsewhere: {text}");
    assert!(
        text.starts_with("6 poolers.postgresql.cnpg.io in namespace shop: "),
        "{text}"
    );
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn the_poolers_of_one_cluster_or_of_all_namespaces() {
    let cnpg = reading().run(describe);
    let text = list(
        &cnpg,
        &json!({ "namespace": "shop", "cluster_name": "legacy" }),
    );
    assert!(
        text.starts_with("1 poolers") && text.contains("orphan"),
        "{text}"
    );
    let text = list(&cnpg, &json!({ "all_namespaces": true }));
    assert!(
        text.starts_with("7 poolers.postgresql.cnpg.io in all namespaces"),
        "{text}"
    );
    let far = line(&text, "far");
    assert!(
        far.contains("lab") && far.contains("no cluster"),
        "a cluster of another namespace is another one: {far}"
    );
}

#[test]
fn json_is_the_value_as_text_and_pages_give_every_pooler_once() {
    let cnpg = reading().run(describe);
    let answer = ask(
        &cnpg,
        "list_postgres_poolers",
        &json!({ "namespace": "shop", "format": "json" }),
    );
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
    let (mut seen, mut token) = (0, Value::Null);
    loop {
        let mut arguments = json!({ "namespace": "shop", "limit": 4 });
        if !token.is_null() {
            arguments["continue"] = token.take();
        }
        let mut page = value(&cnpg, "list_postgres_poolers", &arguments);
        seen += page["rows"].as_array().expect("rows").len();
        token = page["continue"].take();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, 6);
}

#[test]
fn clusters_that_may_not_be_read_are_a_note_and_poolers_must_be_granted() {
    let text = list(
        &without_clusters().run(describe),
        &json!({ "namespace": "shop" }),
    );
    assert!(
        text.contains("not known: whether their clusters are there (denied)"),
        "{text}"
    );
    assert!(!text.contains("no cluster"), "{text}");
    let failure = refused(
        &bare().run(describe),
        "list_postgres_poolers",
        &json!({ "namespace": "shop" }),
    );
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}

#[test]
fn without_the_operator_there_is_one_clear_sentence() {
    let none = Kit::from_manifests("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }")
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .run(describe);
    for (tool, arguments) in [
        ("list_postgres_poolers", json!({ "namespace": "shop" })),
        (
            "create_postgres_pooler",
            json!({ "cluster_name": "db", "name": "a", "namespace": "shop" }),
        ),
        (
            "scale_postgres_pooler",
            json!({ "name": "a", "instances": 2, "namespace": "shop" }),
        ),
        (
            "delete_postgres_pooler",
            json!({ "name": "a", "namespace": "shop" }),
        ),
    ] {
        let failure = refused(&none, tool, &arguments);
        assert!(
            failure.message().contains("CloudNativePG is not installed"),
            "{tool}: {failure}"
        );
    }
}

#[test]
fn the_fleet_shows_what_the_operator_wrote() {
    let cnpg = Kit::from_manifests(&Fleet::new(SystemTime::now()).manifests())
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .run(describe);
    let text = list(&cnpg, &json!({ "all_namespaces": true }));
    assert!(
        line(&text, ORDERS_POOLER.name).contains("deployed"),
        "{text}"
    );
    assert!(
        line(&text, LEGACY_POOLER.name).contains("no cluster"),
        "{text}"
    );
}
