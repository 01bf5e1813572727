//! Creating a role.

use super::cluster::{blind, people};
use super::{annotate, ask, confirmed, refused, roles, secret, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

fn of(cluster: &str, role: &str, more: &Value) -> Value {
    let role = json!({ "cluster_name": cluster, "role_name": role, "namespace": "shop" });
    with(&role, more)
}

#[test]
fn a_role_gets_a_secret_whose_password_nobody_is_shown() {
    let cnpg = people().run(describe);
    let arguments = confirmed(&of("db", "report_1", &json!({ "createdb": true })));
    let answer = ask(&cnpg, "create_postgres_role", &arguments);
    let made = secret(&cnpg, "cnpg-db-user-report-1").expect("it was created");
    assert_eq!(made["type"], "kubernetes.io/basic-auth");
    assert_eq!(
        made["metadata"]["labels"],
        json!({ "cnpg.io/cluster": "db", "cnpg.io/role": "report_1", "cnpg.io/reload": "true" })
    );
    assert_eq!(made["data"]["username"], "cmVwb3J0XzE=");
    let password = made["data"]["password"].as_str().expect("it was made");
    // 32 characters in base64.
    assert_eq!(password.len(), 44, "{password}");
    let said = format!("{}{:?}", answer.text, answer.structured);
    assert!(!said.contains(password), "{said}");
    assert_eq!(
        roles(&cnpg, "db")[10],
        json!({
            "name": "report_1", "ensure": "present", "login": true, "inherit": true, "createdb": true,
            "passwordSecret": { "name": "cnpg-db-user-report-1" },
        })
    );
}

#[test]
fn the_secret_comes_before_the_role_that_names_it() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_role",
        &of("db", "report", &json!({})),
    );
    let object = |at: usize| answer["steps"][at]["object"].clone();
    assert_eq!(object(0), "secrets/cnpg-db-user-report in namespace shop");
    assert_eq!(
        object(1),
        "clusters.postgresql.cnpg.io/db in namespace shop"
    );
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_first_role_of_a_cluster_makes_the_list() {
    let cnpg = people().run(describe);
    for cluster in ["plain", "services"] {
        // Without a list the instances do not look at roles, so the status knows of none.
        let told = summary(
            &cnpg,
            "create_postgres_role",
            &of(cluster, "report", &json!({})),
        );
        assert!(
            told.contains("not known whether PostgreSQL has such a role"),
            "{told}"
        );
        let answer = value(
            &cnpg,
            "create_postgres_role",
            &confirmed(&of(cluster, "report", &json!({}))),
        );
        assert_eq!(answer["state"], "applied", "{answer}");
        let roles = roles(&cnpg, cluster);
        assert_eq!(roles.as_array().map(Vec::len), Some(1), "{roles}");
        assert_eq!(roles[0]["name"], "report");
    }
}

#[test]
fn a_role_that_cannot_log_in_gets_no_password() {
    let cnpg = people().run(describe);
    let arguments = confirmed(&of(
        "db",
        "readers",
        &json!({ "login": false, "inherit": false }),
    ));
    let answer = value(&cnpg, "create_postgres_role", &arguments);
    assert_eq!(
        answer["steps"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    assert!(
        answer["notes"].to_string().contains("no Secret"),
        "{answer}"
    );
    assert_eq!(
        roles(&cnpg, "db")[10],
        json!({ "name": "readers", "ensure": "present", "login": false, "inherit": false })
    );
    assert_eq!(secret(&cnpg, "cnpg-db-user-readers"), None);
}

#[test]
fn power_over_all_data_is_passed_on_and_of_high_risk() {
    let cnpg = people().run(describe);
    for power in ["superuser", "replication", "createrole"] {
        let answer = value(
            &cnpg,
            "create_postgres_role",
            &of("db", "strong", &json!({ power: true })),
        );
        assert_eq!(answer["risk"], "high", "{power}: {answer}");
        let steps = answer["steps"].to_string();
        assert!(steps.contains(power), "{power}: {steps}");
    }
}

#[test]
fn names_that_are_reserved_or_no_names_are_refused() {
    let cnpg = people().run(describe);
    for (name, why) in [
        ("postgres", "the operator keeps it"),
        ("streaming_replica", "the operator keeps it"),
        ("cnpg_pooler_pgbouncer", "the operator keeps it"),
        ("pg_read_all_data", "PostgreSQL's own"),
        ("App", "capitals"),
        ("a b", "only a to z"),
        ("", "empty"),
    ] {
        let failure = refused(&cnpg, "create_postgres_role", &of("db", name, &json!({})));
        assert!(matches!(failure, Failure::Invalid(_)), "{name}: {failure}");
        assert!(failure.message().contains(why), "{name}: {failure}");
    }
    assert!(
        cnpg.cluster().requests().is_empty(),
        "it was refused before anything was asked"
    );
}

#[test]
fn a_role_of_the_list_is_not_made_again() {
    let cnpg = people().run(describe);
    for (role, next) in [
        ("dante", "update_postgres_role"),
        ("gone", "delete_postgres_role"),
    ] {
        let failure = refused(&cnpg, "create_postgres_role", &of("db", role, &json!({})));
        assert!(matches!(failure, Failure::Conflict(_)), "{failure}");
        assert!(failure.message().contains(next), "{failure}");
    }
}

#[test]
fn a_role_that_is_in_the_database_is_taken_over_and_that_is_said() {
    let cnpg = people().run(describe);
    for (role, said) in [
        ("legacy", "PostgreSQL has a role of that name already"),
        (
            "web",
            "the application's database, which then no longer logs in",
        ),
    ] {
        let arguments = of("db", role, &json!({}));
        let notes = value(&cnpg, "create_postgres_role", &arguments)["notes"].to_string();
        let told = summary(&cnpg, "create_postgres_role", &arguments);
        // The operator revokes and resets what the entry does not say (`getRolesToRevoke`, `isEquivalentTo`).
        let lost = "it loses its memberships, BYPASSRLS, connection limit, expiry and comment";
        for words in [said, lost] {
            assert!(notes.contains(words), "{notes}");
            assert!(told.contains(words), "{told}");
        }
    }
    let told = summary(
        &cnpg,
        "create_postgres_role",
        &of("db", "report", &json!({})),
    );
    assert!(!told.contains("loses"), "{told}");
}

#[test]
fn a_secret_of_something_else_stays_as_it_is() {
    let cnpg = people().run(describe);
    for (role, why) in [
        ("taken", "none of the labels"),
        ("a-b", "cnpg.io/role is `a_b`"),
        ("synced", "owned by `vault-synced`"),
    ] {
        let failure = refused(
            &cnpg,
            "create_postgres_role",
            &confirmed(&of("db", role, &json!({}))),
        );
        assert!(matches!(failure, Failure::Conflict(_)), "{failure}");
        assert!(
            failure.message().contains("belongs to something else"),
            "{failure}"
        );
        assert!(failure.message().contains(why), "{failure}");
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_secret_of_an_earlier_role_that_the_operator_could_not_read_is_refused() {
    let cnpg = people().run(describe);
    for (role, why) in [
        ("fixed", "is immutable"),
        ("nameless", "has no key `username`"),
    ] {
        let arguments = confirmed(&of("db", role, &json!({})));
        let failure = refused(&cnpg, "create_postgres_role", &arguments);
        assert_eq!(failure.kind(), "conflict", "{failure}");
        assert!(failure.message().contains(why), "{failure}");
        assert!(
            failure
                .message()
                .contains("delete it where nothing uses it"),
            "{failure}"
        );
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_secret_of_an_earlier_role_without_a_password_gets_one() {
    let cnpg = people().run(describe);
    let arguments = confirmed(&of("db", "wordless", &json!({})));
    let answer = value(&cnpg, "create_postgres_role", &arguments);
    assert_eq!(answer["state"], "applied", "{answer}");
    let made = secret(&cnpg, "cnpg-db-user-wordless").expect("it is there");
    assert_eq!(made["data"]["password"].as_str().map(str::len), Some(44));
}

#[test]
fn the_secret_of_an_earlier_role_of_that_name_gets_a_new_password() {
    let cnpg = people().run(describe);
    let told = summary(&cnpg, "create_postgres_role", &of("db", "a_b", &json!({})));
    assert!(told.contains("from an earlier role of that name"), "{told}");
    let before = secret(&cnpg, "cnpg-db-user-a-b").expect("it is there");
    let answer = value(
        &cnpg,
        "create_postgres_role",
        &confirmed(&of("db", "a_b", &json!({}))),
    );
    assert_eq!(answer["steps"][0]["action"], "rotate", "{answer}");
    let after = secret(&cnpg, "cnpg-db-user-a-b").expect("it is there");
    assert_ne!(before["data"]["password"], after["data"]["password"]);
}

#[test]
fn a_secret_that_may_not_be_looked_at_is_a_note() {
    let cnpg = blind().run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_role",
        &of("db", "report", &json!({})),
    );
    assert!(
        answer["notes"]
            .to_string()
            .contains("not known: whether there is a Secret"),
        "{answer}"
    );
}

/// `managedRolesSecrets`, `pkg/specs/roles.go`: what an instance may read is written by the operator, which does nothing then.
#[test]
fn a_password_for_a_cluster_that_is_left_alone_is_said_to_wait() {
    let cnpg = people().run(describe);
    annotate(&cnpg, "cnpg.io/reconciliationLoop", "disabled");
    let notes = |more: &Value| {
        value(&cnpg, "create_postgres_role", &of("db", "report", more))["notes"].to_string()
    };
    let waits = "a new password may not reach PostgreSQL until that is taken back";
    assert!(notes(&json!({})).contains(waits), "{}", notes(&json!({})));
    let reset = of("db", "app_user", &json!({ "reset_password": true }));
    let reset = value(&cnpg, "update_postgres_role", &reset)["notes"].to_string();
    assert!(reset.contains(waits), "{reset}");
    let without = notes(&json!({ "login": false }));
    assert!(!without.contains("leave this cluster alone"), "{without}");
}

/// The primary carries it out, and nothing takes its place while it is fenced (`docs/src/fencing.md`).
#[test]
fn a_fenced_primary_is_told_to_the_person() {
    let cnpg = people().run(describe);
    annotate(&cnpg, "cnpg.io/fencedInstances", r#"["db-1"]"#);
    for (tool, more) in [
        ("create_postgres_role", json!({ "role_name": "report" })),
        (
            "update_postgres_role",
            json!({ "role_name": "app_user", "createdb": true }),
        ),
    ] {
        let told = summary(&cnpg, tool, &of("db", "", &more));
        assert!(
            told.contains("; its primary is fenced: nothing is carried out"),
            "{tool}: {told}"
        );
    }
}

#[test]
fn a_hibernated_cluster_is_said_to_do_nothing() {
    let cnpg = people().run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_role",
        &of("asleep", "report", &json!({})),
    );
    assert!(
        answer["notes"].to_string().contains("hibernated"),
        "{answer}"
    );
}

/// The host takes at most 500 characters, and refuses the whole change else.
#[test]
fn a_summary_of_the_longest_names_is_taken() {
    let cnpg = people().run(describe);
    let (cluster, role) = ("c".repeat(50), "r".repeat(63));
    let labels = json!({ "cnpg.io/cluster": cluster, "cnpg.io/role": role });
    let secret = format!("cnpg-{cluster}-user-{role}");
    for object in [
        json!({
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": { "name": cluster, "namespace": "shop" },
            "spec": { "instances": 1, "bootstrap": { "initdb": { "database": "app", "owner": role } } },
        }),
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": secret, "namespace": "shop", "labels": labels },
            "data": { "username": "cg==" },
        }),
    ] {
        cnpg.cluster().change(|all| {
            all.insert(object).expect("it is an object of the cluster");
        });
    }
    let power =
        json!({ "superuser": true, "replication": true, "createrole": true, "createdb": true });
    let told = summary(&cnpg, "create_postgres_role", &of(&cluster, &role, &power));
    assert!(
        told.contains("owner of the application's database"),
        "{told}"
    );
    assert!(told.contains("it loses its memberships"), "{told}");
    assert!(told.contains("from an earlier role"), "{told}");
    // The longest namespace has 59 characters more than `shop`.
    assert!(told.chars().count() + 59 <= 500, "{told}");
}
