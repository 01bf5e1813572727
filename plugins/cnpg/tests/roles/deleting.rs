//! Dropping a role.

use crate::cluster::{blind, people};
use crate::{confirmed, refused, roles, secret, value};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(role: &str) -> Value {
    json!({ "cluster_name": "db", "role_name": role, "namespace": "shop" })
}

#[test]
fn a_role_is_to_be_absent_and_its_own_secret_goes_with_it() {
    let cnpg = people().run(describe);
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("app_user")));
    assert_eq!(answer["risk"], "high", "{answer}");
    let entry = &roles(&cnpg, "db")[0];
    assert_eq!(
        entry["ensure"], "absent",
        "an entry that is only taken out leaves the role"
    );
    assert!(entry["passwordSecret"].is_null(), "{entry}");
    assert_eq!(secret(&cnpg, "cnpg-db-user-app-user"), None);
    assert!(
        answer["notes"]
            .to_string()
            .contains("dante are members of it"),
        "{answer}"
    );
}

#[test]
fn a_secret_that_was_not_made_with_the_role_stays() {
    let cnpg = people().run(describe);
    for role in ["dante", "late"] {
        let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of(role)));
        assert_eq!(
            answer["steps"].as_array().map(Vec::len),
            Some(1),
            "{answer}"
        );
        assert!(answer["notes"].to_string().contains("stays"), "{answer}");
    }
    assert!(secret(&cnpg, "dante").is_some() && secret(&cnpg, "synced").is_some());
}

#[test]
fn the_owner_of_databases_is_warned_of() {
    let cnpg = people().run(describe);
    let notes = value(&cnpg, "delete_postgres_role", &of("dante"))["notes"].to_string();
    assert!(notes.contains("it owns the databases inferno"), "{notes}");
    let notes = value(&cnpg, "delete_postgres_role", &of("web"))["notes"].to_string();
    assert!(notes.contains("owns the application's database"), "{notes}");
}

#[test]
fn a_role_that_only_the_database_has_is_dropped_by_an_entry_that_says_so() {
    let cnpg = people().run(describe);
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("legacy")));
    assert!(
        answer["notes"].to_string().contains("not in the list"),
        "{answer}"
    );
    assert_eq!(
        roles(&cnpg, "db")[10],
        json!({ "name": "legacy", "ensure": "absent" })
    );
}

#[test]
fn an_entry_is_taken_out_once_the_role_is_gone_and_not_before() {
    let cnpg = people().run(describe);
    let before = roles(&cnpg, "db");
    for (role, why) in [
        ("stuck", "owner of database inferno"),
        ("leaving", "has not done yet"),
    ] {
        let failure = refused(&cnpg, "delete_postgres_role", &confirmed(&of(role)));
        assert_eq!(failure.kind(), "conflict");
        assert!(failure.message().contains(why), "{failure}");
    }
    value(&cnpg, "delete_postgres_role", &confirmed(&of("gone")));
    let mut expected = before;
    expected.as_array_mut().expect("a list").remove(6);
    assert_eq!(roles(&cnpg, "db"), expected);
}

#[test]
fn reserved_roles_and_roles_that_nobody_knows_are_refused() {
    let cnpg = people().run(describe);
    for (role, kind) in [
        ("postgres", "invalid"),
        ("pg_monitor", "invalid"),
        ("lucifer", "not-found"),
    ] {
        let failure = refused(&cnpg, "delete_postgres_role", &of(role));
        assert_eq!(failure.kind(), kind, "{failure}");
    }
}

#[test]
fn a_secret_that_may_not_be_looked_at_stays_and_that_is_said() {
    let cnpg = blind().approving().run(describe);
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("app_user")));
    assert!(
        answer["notes"]
            .to_string()
            .contains("not known: whose Secret"),
        "{answer}"
    );
    assert!(secret(&cnpg, "cnpg-db-user-app-user").is_some());
}
