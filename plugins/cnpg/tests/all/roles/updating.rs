//! Changing a role.

use super::cluster::{ENCODED, people};
use super::{ask, confirmed, refused, roles, secret, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

fn of(role: &str, more: &Value) -> Value {
    let role = json!({ "cluster_name": "db", "role_name": role, "namespace": "shop" });
    with(&role, more)
}

#[test]
fn only_what_is_otherwise_is_written_and_the_other_roles_stay() {
    let cnpg = people().run(describe);
    let before = roles(&cnpg, "db");
    let arguments = of(
        "dante",
        &json!({ "login": true, "createdb": false, "inherit": true }),
    );
    let answer = value(&cnpg, "update_postgres_role", &confirmed(&arguments));
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    assert!(
        diff.contains("createdb") && diff.contains("inherit"),
        "{diff}"
    );
    assert!(!diff.contains("login"), "{diff}");
    let mut expected = before;
    expected[1]["createdb"] = json!(false);
    expected[1]["inherit"] = json!(true);
    assert_eq!(roles(&cnpg, "db"), expected);
}

#[test]
fn a_password_is_refused_and_not_said_again() {
    let cnpg = people().run(describe);
    let arguments = of(
        "dante",
        &json!({ "password": "hunter2-hunter2", "createdb": false }),
    );
    let failure = refused(&cnpg, "update_postgres_role", &arguments);
    assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
    assert!(
        failure.message().contains("must not hold a password"),
        "{failure}"
    );
    assert!(failure.message().contains("reset_password"), "{failure}");
    assert!(!failure.message().contains("hunter2"), "{failure}");
    assert!(cnpg.cluster().requests().is_empty(), "nothing was asked");
}

#[test]
fn a_new_password_is_made_by_the_host_and_shown_to_nobody() {
    let cnpg = people().run(describe);
    for (role, name) in [("app_user", "cnpg-db-user-app-user"), ("dante", "dante")] {
        let arguments = confirmed(&of(role, &json!({ "reset_password": true })));
        let answer = ask(&cnpg, "update_postgres_role", &arguments);
        let value = answer.structured.expect("it has a value");
        assert_eq!(value["steps"][0]["action"], "rotate", "{value}");
        let made = secret(&cnpg, name).expect("it is there");
        let password = made["data"]["password"].as_str().expect("it has one");
        assert_ne!(password, ENCODED);
        assert_eq!(password.len(), 44);
        let said = format!("{}{value}", answer.text);
        assert!(!said.contains(password), "{said}");
        let is_watched = role == "app_user";
        assert_eq!(
            said.contains("no label cnpg.io/reload"),
            !is_watched,
            "{said}"
        );
    }
}

/// The operator writes the cluster's status as soon as the Secret changes, and the list could not be changed any more.
#[test]
fn a_secret_that_the_role_names_is_changed_behind_the_list_and_any_other_before() {
    let cnpg = people().run(describe);
    for (role, expected) in [
        ("app_user", ["patch", "rotate"]),
        ("virgil", ["patch", "create"]),
        ("nobody", ["create", "patch"]),
    ] {
        let arguments = of(role, &json!({ "reset_password": true, "createdb": true }));
        let answer = value(&cnpg, "update_postgres_role", &arguments);
        let actions = [0, 1].map(|at: usize| answer["steps"][at]["action"].clone());
        assert_eq!(actions, expected, "{role}: {answer}");
    }
}

#[test]
fn a_password_that_another_role_has_too_is_not_made_anew() {
    let cnpg = people().run(describe);
    let arguments = with(
        &of("first", &json!({ "reset_password": true })),
        &json!({ "cluster_name": "odd" }),
    );
    let failure = refused(&cnpg, "update_postgres_role", &confirmed(&arguments));
    assert_eq!(failure.kind(), "conflict", "{failure}");
    let said = "role `second` has its password from it too";
    assert!(failure.message().contains(said), "{failure}");
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn who_decides_is_told_that_the_old_password_ends() {
    let cnpg = people().run(describe);
    let arguments = of("app_user", &json!({ "reset_password": true }));
    let told = summary(&cnpg, "update_postgres_role", &arguments);
    assert!(
        told.contains("what logs in needs the new password"),
        "{told}"
    );
}

#[test]
fn a_password_and_attributes_are_one_change() {
    let cnpg = people().run(describe);
    let arguments = of(
        "app_user",
        &json!({ "reset_password": true, "createdb": true }),
    );
    let answer = value(&cnpg, "update_postgres_role", &confirmed(&arguments));
    assert_eq!(
        answer["steps"].as_array().map(Vec::len),
        Some(2),
        "{answer}"
    );
    assert_eq!(roles(&cnpg, "db")[0]["createdb"], true);
}

#[test]
fn a_role_without_a_secret_gets_one_that_it_then_names() {
    let cnpg = people().run(describe);
    let arguments = confirmed(&of(
        "nobody",
        &json!({ "reset_password": true, "login": true }),
    ));
    let answer = value(&cnpg, "update_postgres_role", &arguments);
    assert_eq!(answer["state"], "applied", "{answer}");
    assert!(secret(&cnpg, "cnpg-db-user-nobody").is_some());
    assert_eq!(
        roles(&cnpg, "db")[3],
        json!({
            "name": "nobody", "ensure": "present", "login": true, "passwordSecret": { "name": "cnpg-db-user-nobody" },
        }),
        "disablePassword beside passwordSecret is refused by the operator"
    );
}

#[test]
fn a_secret_that_is_lost_is_made_again_under_its_name() {
    let cnpg = people().run(describe);
    let arguments = confirmed(&of("virgil", &json!({ "reset_password": true })));
    let answer = value(&cnpg, "update_postgres_role", &arguments);
    assert!(
        answer["notes"]
            .to_string()
            .contains("there is no Secret lost"),
        "{answer}"
    );
    assert!(secret(&cnpg, "lost").is_some());
}

#[test]
fn a_password_in_a_secret_of_something_else_is_not_made_anew() {
    let cnpg = people().run(describe);
    for (role, why) in [
        ("late", "owned by `vault-late`"),
        ("broken", "no key `username`"),
    ] {
        let arguments = confirmed(&of(role, &json!({ "reset_password": true })));
        let failure = refused(&cnpg, "update_postgres_role", &arguments);
        assert!(matches!(failure, Failure::Conflict(_)), "{failure}");
        assert!(failure.message().contains(why), "{failure}");
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_role_that_may_log_in_and_has_no_password_is_said_to_have_none() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "update_postgres_role",
        &of("nobody", &json!({ "login": true })),
    );
    assert!(
        answer["notes"].to_string().contains("has no password"),
        "{answer}"
    );
}

#[test]
fn a_superuser_is_made_only_with_high_risk() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "update_postgres_role",
        &of("dante", &json!({ "superuser": true })),
    );
    assert_eq!(answer["risk"], "high", "{answer}");
}

#[test]
fn what_cannot_be_changed_is_refused_with_what_to_do() {
    let cnpg = people().run(describe);
    for (role, more, kind, said) in [
        (
            "dante",
            json!({ "createdb": true }),
            "conflict",
            "already so",
        ),
        ("dante", json!({}), "conflict", "nothing is to be changed"),
        (
            "gone",
            json!({ "login": true }),
            "conflict",
            "to be dropped",
        ),
        (
            "legacy",
            json!({ "login": true }),
            "conflict",
            "create_postgres_role takes it into the list, with a new password and without its memberships",
        ),
        (
            "postgres",
            json!({ "login": true }),
            "invalid",
            "the operator keeps it",
        ),
        (
            "dant",
            json!({ "login": true }),
            "not-found",
            "there is dante",
        ),
    ] {
        let failure = refused(&cnpg, "update_postgres_role", &of(role, &more));
        assert_eq!(failure.kind(), kind, "{role}: {failure}");
        assert!(failure.message().contains(said), "{role}: {failure}");
    }
}
