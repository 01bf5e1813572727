//! Dropping a role.

use super::cluster::{blind, people};
use super::{annotate, confirmed, refused, roles, secret, stored, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(role: &str) -> Value {
    json!({ "cluster_name": "db", "role_name": role, "namespace": "shop" })
}

#[test]
fn a_role_is_to_be_absent_and_keeps_its_secret_until_it_is() {
    let cnpg = people().run(describe);
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("app_user")));
    assert_eq!(answer["risk"], "high", "{answer}");
    let mut expected = roles(&cnpg, "db")[0].take();
    expected["ensure"] = json!("absent");
    assert_eq!(
        roles(&cnpg, "db")[0],
        expected,
        "an entry that is only taken out leaves the role"
    );
    assert!(
        secret(&cnpg, "cnpg-db-user-app-user").is_some(),
        "a drop that fails, or is taken back, leaves a role that logs in by it"
    );
    assert!(
        answer["notes"]
            .to_string()
            .contains("dante are members of it"),
        "{answer}"
    );
}

#[test]
fn the_secret_goes_with_the_entry_and_behind_it() {
    let cnpg = people().run(describe);
    let told = summary(&cnpg, "delete_postgres_role", &of("gone"));
    assert!(told.contains("its Secret goes too"), "{told}");
    assert!(told.contains("the status says is dropped"), "{told}");
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("gone")));
    assert_eq!(answer["risk"], "high", "{answer}");
    let actions = [0, 1].map(|at: usize| answer["steps"][at]["action"].clone());
    assert_eq!(actions, ["patch", "delete"], "{answer}");
    assert!(roles(&cnpg, "db")[6]["name"] != "gone");
    assert_eq!(secret(&cnpg, "cnpg-db-user-gone"), None);
}

#[test]
fn a_secret_that_is_not_the_roles_alone_stays_when_the_entry_goes() {
    let cnpg = people().run(describe);
    let arguments = with(&of("parted"), &json!({ "cluster_name": "odd" }));
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&arguments));
    assert_eq!(
        answer["steps"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    let said = "role `first` has its password from it too";
    assert!(answer["notes"].to_string().contains(said), "{answer}");
    assert!(secret(&cnpg, "both").is_some());
}

/// What says that the role is dropped may then be from before the entry said so.
#[test]
fn an_entry_stays_while_nothing_renews_the_status() {
    let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/db";
    let annotated =
        |name: &str, text: &str| json!({ "metadata": { "annotations": { name: text } } });
    for (change, why) in [
        (
            json!({
                "metadata": { "annotations": { "cnpg.io/hibernation": "on" } },
                "status": { "conditions": [{ "type": "cnpg.io/hibernation", "status": "False", "reason": "DeletingPods" }] },
            }),
            "hibernated",
        ),
        (annotated("cnpg.io/fencedInstances", "[\"*\"]"), "fenced"),
        (
            annotated("cnpg.io/fencedInstances", "[\"db-1\"]"),
            "its primary is fenced",
        ),
        (
            json!({ "status": { "readyInstances": 0 } }),
            "its primary is not up",
        ),
        (
            json!({ "status": { "targetPrimary": "pending" } }),
            "its primary is not up",
        ),
    ] {
        let cnpg = people().run(describe);
        let mut cluster = stored(&cnpg, path).expect("it is there");
        for (part, fields) in change.as_object().expect("an object") {
            for (field, text) in fields.as_object().expect("an object") {
                cluster[part][field] = text.clone();
            }
        }
        cnpg.cluster().change(|all| {
            all.insert(cluster).expect("it is an object of the cluster");
        });
        let failure = refused(&cnpg, "delete_postgres_role", &confirmed(&of("gone")));
        assert_eq!(failure.kind(), "conflict", "{why}: {failure}");
        assert!(failure.message().contains(why), "{why}: {failure}");
        assert!(cnpg.cluster().changing_requests().is_empty());
    }
}

/// The instances drop roles and write their status, whatever the operator is told; and they run until hibernation has begun.
#[test]
fn an_entry_goes_where_the_instances_still_look_after_roles() {
    for (annotation, text) in [
        ("cnpg.io/reconciliationLoop", "disabled"),
        ("cnpg.io/hibernation", "on"),
    ] {
        let cnpg = people().run(describe);
        annotate(&cnpg, annotation, text);
        let notes = value(&cnpg, "delete_postgres_role", &of("app_user"))["notes"].to_string();
        assert!(!notes.contains("nothing is carried out"), "{notes}");
        let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("gone")));
        assert_eq!(answer["state"], "applied", "{annotation}: {answer}");
        assert!(roles(&cnpg, "db")[6]["name"] != "gone");
    }
}

#[test]
fn the_owner_of_databases_is_warned_of() {
    let cnpg = people().run(describe);
    let notes = value(&cnpg, "delete_postgres_role", &of("dante"))["notes"].to_string();
    assert!(notes.contains("it owns the databases inferno"), "{notes}");
    let notes = value(&cnpg, "delete_postgres_role", &of("web"))["notes"].to_string();
    assert!(notes.contains("owns the application's database"), "{notes}");
    for (role, words) in [
        (
            "dante",
            "drop role dante of cluster db in shop; it owns the databases inferno",
        ),
        ("web", "it owns the application's database"),
    ] {
        let told = summary(&cnpg, "delete_postgres_role", &of(role));
        assert!(told.contains(words), "{told}");
        assert!(told.contains("PostgreSQL will refuse"), "{told}");
    }
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
    let answer = value(&cnpg, "delete_postgres_role", &confirmed(&of("gone")));
    assert!(
        answer["notes"]
            .to_string()
            .contains("not known: whose Secret"),
        "{answer}"
    );
    assert!(secret(&cnpg, "cnpg-db-user-gone").is_some());
}
