//! Creating a database.

use super::cluster::{blind, old, people};
use super::{confirmed, database, refused, summary, value, waited, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(name: &str, more: &Value) -> Value {
    let arguments = json!({ "cluster_name": "db", "database_name": name, "owner": "app_user", "namespace": "shop" });
    with(&arguments, more)
}

#[test]
fn a_database_is_an_object_of_the_operator_and_keeps_its_data_unless_told_otherwise() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_database",
        &confirmed(&of("stock_1", &json!({}))),
    );
    assert_eq!(answer["state"], "applied", "{answer}");
    let made = database(&cnpg, "db-stock-1").expect("it was created");
    assert_eq!(
        made["spec"],
        json!({
            "cluster": { "name": "db" }, "name": "stock_1", "owner": "app_user", "ensure": "present",
            "databaseReclaimPolicy": "retain",
        })
    );
}

#[test]
fn extensions_and_schemas_are_passed_on_and_extensions_are_of_high_risk() {
    let cnpg = people().run(describe);
    let more = json!({ "extensions": ["vector", "uuid-ossp"], "schemas": ["history"] });
    let answer = value(
        &cnpg,
        "create_postgres_database",
        &confirmed(&of("stock", &more)),
    );
    assert_eq!(answer["risk"], "high", "{answer}");
    let spec = &database(&cnpg, "db-stock").expect("it was created")["spec"];
    assert_eq!(
        spec["extensions"],
        json!([{ "name": "vector", "ensure": "present" }, { "name": "uuid-ossp", "ensure": "present" }])
    );
    assert_eq!(
        spec["schemas"],
        json!([{ "name": "history", "owner": "app_user", "ensure": "present" }])
    );
}

#[test]
fn a_database_that_goes_with_its_object_is_of_high_risk_and_says_so() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_database",
        &of("stock", &json!({ "reclaim_policy": "delete" })),
    );
    assert_eq!(answer["risk"], "high", "{answer}");
    assert!(
        answer["notes"]
            .to_string()
            .contains("drops the database with all its data"),
        "{answer}"
    );
}

#[test]
fn owners_are_roles_of_the_cluster() {
    let cnpg = people().run(describe);
    for owner in ["app_user", "webmaster", "legacy"] {
        value(
            &cnpg,
            "create_postgres_database",
            &of("stock", &json!({ "owner": owner })),
        );
    }
    for (owner, kind, said) in [
        ("analyst", "not-found", "create_postgres_role"),
        ("gone", "conflict", "to be dropped"),
        ("postgres", "invalid", "the operator keeps it"),
    ] {
        let failure = refused(
            &cnpg,
            "create_postgres_database",
            &of("stock", &json!({ "owner": owner })),
        );
        assert_eq!(failure.kind(), kind, "{owner}: {failure}");
        assert!(failure.message().contains(said), "{owner}: {failure}");
    }
}

/// `initdb.owner` is the database's name where none was given.
#[test]
fn an_application_without_a_named_owner_has_one_of_the_databases_name() {
    let cnpg = people().run(describe);
    value(
        &cnpg,
        "create_postgres_database",
        &of("stock", &json!({ "cluster_name": "db-x", "owner": "app" })),
    );
}

#[test]
fn names_that_are_reserved_or_no_names_are_refused_before_anything_is_asked() {
    let cnpg = people().run(describe);
    for (name, more) in [
        ("postgres", json!({})),
        ("template1", json!({})),
        ("Stock", json!({})),
        ("a b", json!({})),
        ("stock", json!({ "extensions": ["vector\"; DROP"] })),
        ("stock", json!({ "extensions": ["vector", "vector"] })),
        ("stock", json!({ "schemas": ["pg_temp"] })),
    ] {
        let failure = refused(&cnpg, "create_postgres_database", &of(name, &more));
        assert_eq!(failure.kind(), "invalid", "{name} {more}: {failure}");
    }
    assert!(cnpg.cluster().requests().is_empty());
}

#[test]
fn a_database_that_has_an_object_gets_no_second_one() {
    let cnpg = people().run(describe);
    for (more, said) in [
        (json!({ "database_name": "audit" }), "object `db-audit`"),
        (json!({ "database_name": "twin" }), "object `twin-1`"),
        // `db-x` with `audit` and `db` with `x-audit` would be one object.
        (
            json!({ "cluster_name": "db", "database_name": "new" }),
            "object `db-new`",
        ),
    ] {
        let failure = refused(&cnpg, "create_postgres_database", &of("", &more));
        assert_eq!(failure.kind(), "conflict", "{failure}");
        assert!(failure.message().contains(said), "{failure}");
    }
}

#[test]
fn one_object_name_for_two_databases_is_refused() {
    let cnpg = people().run(describe);
    value(
        &cnpg,
        "create_postgres_database",
        &confirmed(&of("x_audit", &json!({}))),
    );
    let other = of("audit", &json!({ "cluster_name": "db-x", "owner": "app" }));
    let failure = refused(&cnpg, "create_postgres_database", &other);
    assert_eq!(failure.kind(), "conflict", "{failure}");
    assert!(
        failure
            .message()
            .contains("has the name that this one would get"),
        "{failure}"
    );
}

#[test]
fn what_would_not_be_carried_out_or_is_there_already_is_said() {
    let cnpg = people().run(describe);
    let follower = of(
        "stock",
        &json!({ "cluster_name": "follower", "owner": "webmaster" }),
    );
    let notes = value(&cnpg, "create_postgres_database", &follower)["notes"].to_string();
    assert!(notes.contains("takes no writes"), "{notes}");
    let told = summary(&cnpg, "create_postgres_database", &follower);
    assert!(told.contains("takes no writes"), "{told}");
}

#[test]
fn that_the_applications_database_is_taken_over_is_told_to_both() {
    let cnpg = people().run(describe);
    for (owner, other) in [("app_user", true), ("webmaster", false)] {
        let arguments = of("web", &json!({ "owner": owner }));
        let notes = value(&cnpg, "create_postgres_database", &arguments)["notes"].to_string();
        let told = summary(&cnpg, "create_postgres_database", &arguments);
        for said in [notes, told] {
            assert!(
                said.contains("the application's database, which is there"),
                "{said}"
            );
            assert_eq!(said.contains("gives it this other owner"), other, "{said}");
        }
    }
}

#[test]
fn the_wait_takes_how_long() {
    let cnpg = people().run(describe);
    value(
        &cnpg,
        "create_postgres_database",
        &of("stock", &json!({ "timeout": 600 })),
    );
    let failure = refused(
        &cnpg,
        "create_postgres_database",
        &of("stock", &json!({ "timeout": 601 })),
    );
    assert!(failure.message().contains("timeout"), "{failure}");
}

#[test]
fn other_objects_that_may_not_be_read_are_a_note() {
    let cnpg = blind().run(describe);
    let notes =
        value(&cnpg, "create_postgres_database", &of("stock", &json!({})))["notes"].to_string();
    assert!(
        notes.contains("not known: other Database objects (denied)"),
        "{notes}"
    );
}

#[test]
fn the_wait_ends_with_what_the_operator_says() {
    for (applied, message, said) in [
        (true, "", "the database is applied"),
        (false, "no space", "it is not applied: no space"),
    ] {
        let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/databases/db-stock";
        let write = |object: &mut Value| {
            object["status"] = json!({ "applied": applied, "message": message });
        };
        let arguments = of("stock", &json!({}));
        let waited = waited(
            &people().run(describe),
            ("create_postgres_database", &arguments),
            (path, [write]),
        );
        assert_eq!(waited, json!({ "done": true, "detail": said }));
    }
}

#[test]
fn what_this_versions_database_type_does_not_have_is_refused_by_name() {
    let cnpg = old().run(describe);
    value(&cnpg, "create_postgres_database", &of("stock", &json!({})));
    for (more, field) in [
        (json!({ "extensions": ["vector"] }), "spec.extensions"),
        (json!({ "schemas": ["history"] }), "spec.schemas"),
    ] {
        let failure = refused(&cnpg, "create_postgres_database", &of("stock", &more));
        let said = format!(
            "strict decoding error: unknown field \"{field}\"; next: this cluster's version of the type has no such field: leave it out"
        );
        assert_eq!(failure.kind(), "invalid", "{failure}");
        assert!(failure.message().contains(&said), "{failure}");
    }
}
