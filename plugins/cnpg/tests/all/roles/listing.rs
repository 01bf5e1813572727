//! What is said of the roles of a cluster.

use super::cluster::{ENCODED, PASSWORD, bare, reading, reading_with, without_secrets};
use super::{ask, line, refused, value};
use bulkhead_cnpg_data::{Fleet, ORDERS, REPORTS};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};
use std::time::SystemTime;

fn list(cnpg: &Running, cluster: &str) -> String {
    let arguments = json!({ "cluster_name": cluster, "namespace": "shop" });
    ask(cnpg, "list_postgres_roles", &arguments).text
}

#[test]
fn managed_roles_are_told_from_the_others_and_trouble_comes_first() {
    let text = list(&reading().run(describe), "db");
    for (role, said) in [
        (
            "app_user",
            &["reconciled", "present", "login", "cnpg-db-user-app-user"][..],
        ),
        ("dante", &["createdb, login, noinherit", "app_user"]),
        ("virgil", &["lost (missing)", "it has no password"]),
        (
            "broken",
            &["broken (no username)", "manages no role of the cluster"],
        ),
        ("nobody", &["disabled"]),
        ("gone", &["reconciled", "absent"]),
        (
            "stuck",
            &["pending-reconciliation", "owner of database inferno"],
        ),
        ("web", &["not-managed", "owns the application's database"]),
        ("legacy", &["not-managed", "not in the list"]),
        ("postgres", &["reserved"]),
    ] {
        let line = line(&text, role);
        for said in said {
            assert!(line.contains(said), "`{said}` in {line}");
        }
    }
    let at = |role: &str| text.find(&format!("\n{role} ")).expect(role);
    assert!(at("stuck") < at("leaving"), "{text}");
    assert!(at("leaving") < at("app_user"), "{text}");
    assert!(at("importer") < at("legacy"), "{text}");
    assert!(
        text.starts_with("14 roles of cluster db in namespace shop: 8 reconciled"),
        "{text}"
    );
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn no_password_is_in_the_answer() {
    let answer = ask(
        &reading().run(describe),
        "list_postgres_roles",
        &json!({ "cluster_name": "db", "namespace": "shop" }),
    );
    let all = format!("{}{:?}", answer.text, answer.structured);
    assert!(!all.contains(PASSWORD) && !all.contains(ENCODED), "{all}");
}

#[test]
fn json_is_the_value_as_text() {
    let answer = ask(
        &reading().run(describe),
        "list_postgres_roles",
        &json!({ "cluster_name": "db", "namespace": "shop", "format": "json" }),
    );
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
}

#[test]
fn secrets_that_may_not_be_read_are_a_note() {
    let text = list(&without_secrets().run(describe), "db");
    assert!(
        text.contains("not known: whether the other Secrets of passwords are there (denied)"),
        "{text}"
    );
    assert!(!text.contains("missing"), "{text}");
}

#[test]
fn a_cluster_without_a_list_says_that_nothing_is_looked_at() {
    let text = list(&reading().run(describe), "plain");
    assert!(text.contains("manages no roles of this cluster"), "{text}");
    assert!(
        text.contains("role app owns the application's database"),
        "{text}"
    );
    let text = list(&reading().run(describe), "asleep");
    assert!(text.contains("hibernated"), "{text}");
}

#[test]
fn pages_give_every_role_once() {
    let cnpg = reading().run(describe);
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut arguments = json!({ "cluster_name": "db", "namespace": "shop", "limit": 3 });
        if !token.is_null() {
            arguments["continue"] = token.take();
        }
        let mut page = value(&cnpg, "list_postgres_roles", &arguments);
        for row in page["rows"].as_array().expect("rows") {
            seen.push(row[0].as_str().expect("a name").to_owned());
        }
        token = page["continue"].take();
        if token.is_null() {
            break;
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), count), (14, 14), "{seen:?}");
}

#[test]
fn the_fleet_shows_what_the_operator_wrote() {
    let manifests = Fleet::new(SystemTime::now()).manifests();
    let cnpg = Kit::from_manifests(&manifests)
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .grant(r#"api_groups = [""], resources = ["secrets"], verbs = ["get"], namespaces = ["*"]"#)
        .run(describe);
    let of = |at: bulkhead_cnpg_data::Named| {
        let arguments = json!({ "cluster_name": at.name, "namespace": at.namespace });
        ask(&cnpg, "list_postgres_roles", &arguments).text
    };
    let orders = of(ORDERS);
    assert!(
        line(&orders, "reporting").contains("pg_read_all_data"),
        "{orders}"
    );
    assert!(
        !orders.contains(bulkhead_cnpg_data::SECRET_MARK),
        "{orders}"
    );
    let reports = of(REPORTS);
    assert!(
        line(&reports, "auditor").contains("role \"compliance\" does not exist"),
        "{reports}"
    );
}

#[test]
fn a_cluster_that_is_not_there_and_an_operator_that_is_not_are_told_apart() {
    let arguments = json!({ "cluster_name": "dbs", "namespace": "shop" });
    let failure = refused(&reading().run(describe), "list_postgres_roles", &arguments);
    assert!(matches!(failure, Failure::NotFound(_)), "{failure}");
    assert!(
        failure
            .message()
            .contains("no cluster `dbs` in namespace shop"),
        "{failure}"
    );
    let none = Kit::from_manifests("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }")
        .grant(r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .run(describe);
    for tool in [
        "list_postgres_roles",
        "delete_postgres_role",
        "create_postgres_role",
        "update_postgres_role",
    ] {
        let mut arguments = json!({ "cluster_name": "db", "namespace": "shop" });
        if tool != "list_postgres_roles" {
            arguments["role_name"] = json!("app_user");
        }
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
fn without_a_grant_nothing_is_said() {
    let arguments = json!({ "cluster_name": "db", "namespace": "shop" });
    let failure = refused(&bare().run(describe), "list_postgres_roles", &arguments);
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}

/// Each Secret is a call, of which one answer has so many.
#[test]
fn of_very_many_roles_the_last_secrets_are_not_looked_at_and_that_is_said() {
    let role = |number: usize| {
        json!({
            "name": format!("role_{number:02}"), "ensure": "present", "login": true,
            "passwordSecret": { "name": format!("secret-{number:02}") },
        })
    };
    let roles: Vec<_> = (1..=61).map(role).collect();
    let cluster = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
        "metadata": { "name": "many", "namespace": "shop" },
        "spec": { "instances": 1, "managed": { "roles": roles } },
    });
    let cnpg = reading_with(&cluster).run(describe);
    let arguments = json!({ "cluster_name": "many", "namespace": "shop", "limit": 100 });
    let text = ask(&cnpg, "list_postgres_roles", &arguments).text;
    assert!(
        line(&text, "role_60").contains("secret-60 (missing)"),
        "{text}"
    );
    assert!(!line(&text, "role_61").contains("missing"), "{text}");
    assert!(text.contains("there are too many"), "{text}");
    let requests = cnpg.cluster().requests();
    let secrets = requests.iter().filter(|one| one.path.contains("/secrets/"));
    assert_eq!(secrets.count(), 60);
}
