//! Deleting a database.

use super::cluster::{databases_alone, people};
use super::{confirmed, database, refused, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(name: &str) -> Value {
    json!({ "cluster_name": "db", "database_name": name, "namespace": "shop" })
}

#[test]
fn whether_the_data_goes_is_said_before_it_does() {
    let cnpg = people().run(describe);
    for (name, said, told) in [
        (
            "audit",
            "the data stays (databaseReclaimPolicy retain)",
            "the data stays",
        ),
        ("new", "the data stays", "the data stays"),
        (
            "scratch",
            "all data of database scratch goes too (databaseReclaimPolicy delete)",
            "all its data goes too",
        ),
    ] {
        let answer = value(&cnpg, "delete_postgres_database", &of(name));
        assert_eq!(answer["risk"], "high", "{answer}");
        assert!(answer["notes"].to_string().contains(said), "{answer}");
        let summary = summary(&cnpg, "delete_postgres_database", &of(name));
        assert!(summary.ends_with(told), "{summary}");
    }
}

#[test]
fn the_object_is_found_by_cluster_and_database_and_goes() {
    let cnpg = people().run(describe);
    value(
        &cnpg,
        "delete_postgres_database",
        &confirmed(&of("scratch")),
    );
    assert_eq!(database(&cnpg, "db-scratch"), None);
    assert!(database(&cnpg, "db-audit").is_some());
}

#[test]
fn of_several_objects_the_caller_says_which() {
    let cnpg = people().run(describe);
    let failure = refused(&cnpg, "delete_postgres_database", &of("twin"));
    assert_eq!(failure.kind(), "conflict");
    assert!(failure.message().contains("twin-1, twin-2"), "{failure}");
    let wrong = with(&of("twin"), &json!({ "object_name": "db-audit" }));
    assert_eq!(
        refused(&cnpg, "delete_postgres_database", &wrong).kind(),
        "not-found"
    );
    assert!(cnpg.cluster().changing_requests().is_empty());
    let one = with(&of("twin"), &json!({ "object_name": "twin-1" }));
    let answer = value(&cnpg, "delete_postgres_database", &confirmed(&one));
    assert!(
        answer["notes"]
            .to_string()
            .contains("would then make again, empty"),
        "{answer}"
    );
    assert!(database(&cnpg, "twin-1").is_none() && database(&cnpg, "twin-2").is_some());
}

#[test]
fn a_database_without_an_object_is_not_deleted_and_the_reason_is_said() {
    let cnpg = people().run(describe);
    for (name, kind, said) in [
        ("web", "conflict", "made with the cluster"),
        ("audi", "not-found", "there is audit"),
        ("leaving", "conflict", "is being deleted already"),
    ] {
        let failure = refused(&cnpg, "delete_postgres_database", &of(name));
        assert_eq!(failure.kind(), kind, "{name}: {failure}");
        assert!(failure.message().contains(said), "{name}: {failure}");
    }
}

/// A cluster that may not be read is still there: its data goes.
#[test]
fn a_cluster_that_may_not_be_read_is_not_said_to_be_gone() {
    let cnpg = databases_alone().run(describe);
    let answer = value(&cnpg, "delete_postgres_database", &of("scratch"));
    let notes = answer["notes"].to_string();
    assert!(!notes.contains("there is no cluster"), "{notes}");
    assert!(notes.contains("not known: cluster db (denied)"), "{notes}");
    assert!(
        notes.contains("all data of database scratch goes too"),
        "{notes}"
    );
}

#[test]
fn an_object_whose_cluster_is_gone_can_go() {
    let cnpg = people().run(describe);
    let arguments = with(&of("orders"), &json!({ "cluster_name": "lost" }));
    let told = summary(&cnpg, "delete_postgres_database", &arguments);
    assert!(
        told.ends_with("its cluster is gone: only the object goes"),
        "{told}"
    );
    let answer = value(&cnpg, "delete_postgres_database", &confirmed(&arguments));
    assert!(
        answer["notes"].to_string().contains("only the object goes"),
        "{answer}"
    );
    assert_eq!(database(&cnpg, "lost-orders"), None);
}
