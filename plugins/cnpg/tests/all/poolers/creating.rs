//! Creating a pooler.

use super::cluster::people;
use super::{confirmed, pooler, refused, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(name: &str, more: &Value) -> Value {
    with(
        &json!({ "cluster_name": "db", "name": name, "namespace": "shop" }),
        more,
    )
}

#[test]
fn a_pooler_has_what_was_asked_and_neither_pods_nor_a_login_of_its_own() {
    let cnpg = people().run(describe);
    let more = json!({
        "type": "ro", "instances": 2, "pool_mode": "transaction",
        "parameters": { "default_pool_size": "10", "log_stats": "1" },
    });
    let answer = value(
        &cnpg,
        "create_postgres_pooler",
        &confirmed(&of("front", &more)),
    );
    assert!(
        answer["notes"]
            .to_string()
            .contains("nothing of a session lasts"),
        "{answer}"
    );
    let told = summary(&cnpg, "create_postgres_pooler", &of("other", &more));
    assert!(told.contains("nothing of a session lasts"), "{told}");
    assert_eq!(
        pooler(&cnpg, "front").expect("it was created")["spec"],
        json!({
            "cluster": { "name": "db" }, "type": "ro", "instances": 2,
            "pgbouncer": { "poolMode": "transaction", "parameters": { "default_pool_size": "10", "log_stats": "1" } },
        })
    );
}

#[test]
fn what_is_left_out_is_one_pod_in_mode_session_to_the_primary() {
    let cnpg = people().run(describe);
    value(
        &cnpg,
        "create_postgres_pooler",
        &confirmed(&of("front", &json!({}))),
    );
    assert_eq!(
        pooler(&cnpg, "front").expect("it was created")["spec"],
        json!({ "cluster": { "name": "db" }, "type": "rw", "instances": 1, "pgbouncer": { "poolMode": "session" } })
    );
}

#[test]
fn names_of_clusters_and_of_what_is_theirs_are_refused() {
    let cnpg = people().run(describe);
    for (name, said) in [
        ("db", "the name of a cluster"),
        ("single", "the name of a cluster"),
        ("db-rw", "for a Service or a Secret"),
        ("single-app", "for a Service or a Secret"),
        ("Front", "no name for a pooler"),
        ("a.b", "no name for a pooler"),
    ] {
        let failure = refused(&cnpg, "create_postgres_pooler", &of(name, &json!({})));
        assert_eq!(failure.kind(), "invalid", "{name}: {failure}");
        assert!(failure.message().contains(said), "{name}: {failure}");
    }
    let failure = refused(&cnpg, "create_postgres_pooler", &of("web", &json!({})));
    assert_eq!(failure.kind(), "conflict", "{failure}");
}

#[test]
fn parameters_outside_the_list_and_other_arguments_are_refused() {
    let cnpg = people().run(describe);
    for parameters in [
        json!({ "auth_type": "trust" }),
        json!({ "server_check_query": "DROP TABLE x" }),
        json!({ "default_pool_size": "20\nauth_type = any" }),
        json!({ "nonsense": "1" }),
    ] {
        let failure = refused(
            &cnpg,
            "create_postgres_pooler",
            &of("front", &json!({ "parameters": parameters })),
        );
        assert_eq!(failure.kind(), "invalid", "{parameters}: {failure}");
    }
    for more in [
        json!({ "template": {} }),
        json!({ "auth_query": "SELECT 1" }),
        json!({ "instances": 0 }),
        json!({ "instances": 11 }),
        json!({ "type": "admin" }),
        json!({ "pool_mode": "statement" }),
    ] {
        let failure = refused(&cnpg, "create_postgres_pooler", &of("front", &more));
        assert_eq!(failure.kind(), "invalid", "{more}: {failure}");
    }
    assert!(
        cnpg.cluster().requests().is_empty(),
        "all of it was refused before anything was asked"
    );
}

#[test]
fn what_would_not_work_well_is_said() {
    let cnpg = people().run(describe);
    for (more, said) in [
        (
            json!({ "cluster_name": "single", "type": "ro" }),
            "has no replica",
        ),
        (json!({ "cluster_name": "single" }), "hibernated"),
        (
            json!({ "instances": 3 }),
            "3 instances with 20 connections each per database and role are 60, more than the 50",
        ),
    ] {
        let front = of("front", &more);
        let notes = value(&cnpg, "create_postgres_pooler", &front)["notes"].to_string();
        assert!(notes.contains(said), "{notes}");
        let told = summary(&cnpg, "create_postgres_pooler", &front);
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_cluster_that_is_not_there_gets_no_pooler() {
    let cnpg = people().run(describe);
    let failure = refused(
        &cnpg,
        "create_postgres_pooler",
        &of("front", &json!({ "cluster_name": "legacy" })),
    );
    assert_eq!(failure.kind(), "not-found", "{failure}");
}
