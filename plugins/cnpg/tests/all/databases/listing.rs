//! What is said of the databases of a cluster.

use super::cluster::{bare, reading, with_object, without_clusters};
use super::{ask, line, refused, value};
use bulkhead_cnpg_data::{Fleet, ORDERS, REPORTS};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};
use std::time::SystemTime;

fn list(cnpg: &Running, cluster: &str) -> String {
    let arguments = json!({ "cluster_name": cluster, "namespace": "shop" });
    ask(cnpg, "list_postgres_databases", &arguments).text
}

#[test]
fn each_database_says_whether_it_is_there_and_what_becomes_of_its_data() {
    let text = list(&reading().run(describe), "db");
    for (database, said) in [
        (
            "audit",
            &[
                "applied",
                "app_user",
                "retained",
                "pg_stat_statements",
                "history",
                "db-audit",
            ][..],
        ),
        ("scratch", &["applied", "deleted"]),
        (
            "broken",
            &[
                "failed",
                "role \"analyst\" does not exist; extension vektor: not available",
            ],
        ),
        ("new", &["not applied yet", "retained"]),
        ("leaving", &["deleting"]),
    ] {
        let line = line(&text, database);
        for said in said {
            assert!(line.contains(said), "`{said}` in {line}");
        }
    }
    assert!(
        text.contains("another object is about the same database"),
        "{text}"
    );
    assert!(
        text.contains("database web, owner webmaster, was made with the cluster"),
        "{text}"
    );
    assert!(
        !text.contains("orders"),
        "that is of another cluster: {text}"
    );
    let at = |name: &str| text.find(&format!("\n{name} ")).expect(name);
    assert!(
        at("broken") < at("new") && at("new") < at("audit"),
        "{text}"
    );
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn databases_whose_cluster_is_gone_are_shown_with_that() {
    let text = list(&reading().run(describe), "lost");
    assert!(
        text.contains("there is no cluster lost in namespace shop"),
        "{text}"
    );
    assert!(line(&text, "orders").contains("failed"), "{text}");
}

#[test]
fn a_cluster_that_is_nowhere_is_not_found() {
    let arguments = json!({ "cluster_name": "db-y", "namespace": "shop" });
    let failure = refused(
        &reading().run(describe),
        "list_postgres_databases",
        &arguments,
    );
    assert!(matches!(failure, Failure::NotFound(_)), "{failure}");
    assert!(failure.message().contains("there is db-x"), "{failure}");
}

#[test]
fn json_is_the_value_as_text() {
    let answer = ask(
        &reading().run(describe),
        "list_postgres_databases",
        &json!({ "cluster_name": "db", "namespace": "shop", "format": "json" }),
    );
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
}

#[test]
fn pages_give_every_object_once() {
    let cnpg = reading().run(describe);
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut arguments = json!({ "cluster_name": "db", "namespace": "shop", "limit": 2 });
        if !token.is_null() {
            arguments["continue"] = token.take();
        }
        let mut page = value(&cnpg, "list_postgres_databases", &arguments);
        assert_eq!(page["total"], 7);
        seen.extend(page["rows"].as_array().expect("rows").clone());
        token = page["continue"].take();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), 7, "{seen:?}");
}

#[test]
fn a_cluster_that_may_not_be_read_is_a_note_and_databases_must_be_granted() {
    let text = list(&without_clusters().run(describe), "db");
    assert!(text.contains("not known: cluster db (denied)"), "{text}");
    assert!(line(&text, "audit").contains("applied"), "{text}");
    let arguments = json!({ "cluster_name": "db", "namespace": "shop" });
    let failure = refused(&bare().run(describe), "list_postgres_databases", &arguments);
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}

#[test]
fn without_the_operator_there_is_one_clear_sentence() {
    let none = Kit::from_manifests("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }")
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .run(describe);
    for (tool, arguments) in [
        (
            "list_postgres_databases",
            json!({ "cluster_name": "db", "namespace": "shop" }),
        ),
        (
            "create_postgres_database",
            json!({ "cluster_name": "db", "database_name": "a", "owner": "b", "namespace": "shop" }),
        ),
        (
            "delete_postgres_database",
            json!({ "cluster_name": "db", "database_name": "a", "namespace": "shop" }),
        ),
    ] {
        let failure = refused(&none, tool, &arguments);
        assert!(
            failure
                .message()
                .starts_with("CloudNativePG is not installed"),
            "{tool}: {failure}"
        );
    }
}

#[test]
fn the_fleet_shows_what_the_operator_wrote() {
    let cnpg = Kit::from_manifests(&Fleet::new(SystemTime::now()).manifests())
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .run(describe);
    let of = |at: bulkhead_cnpg_data::Named| {
        let arguments = json!({ "cluster_name": at.name, "namespace": at.namespace });
        ask(&cnpg, "list_postgres_databases", &arguments).text
    };
    assert!(line(&of(ORDERS), "audit").contains("applied"));
    assert!(line(&of(REPORTS), "quarterly").contains("role \"analyst\" does not exist"));
}

/// A monolith import brings databases of the names that they had, and makes none beside them.
#[test]
fn an_import_of_a_whole_server_made_no_applications_database() {
    let imported = |kind: &str| {
        let cluster = json!({
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": { "name": "moved", "namespace": "shop" },
            "spec": { "instances": 1, "bootstrap": { "initdb": { "import": { "type": kind } } } },
        });
        let cnpg = with_object(&cluster).run(describe);
        list(&cnpg, "moved")
    };
    let application = "the application's database app, owner app, was made with the cluster";
    let microservice = imported("microservice");
    assert!(microservice.contains(application), "{microservice}");
    let monolith = imported("monolith");
    assert!(!monolith.contains("application"), "{monolith}");
}
