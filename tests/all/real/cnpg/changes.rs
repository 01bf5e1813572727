//! Every tool at the real server, whose own audit log says what was sent: nothing before a person decides, and then what was shown.

use bulkhead_tests::real_cluster::User;
use serde_json::{Value, json};

use super::{Desk, cluster, desk, objects};
use crate::cnpg::{calls, with};

/// How many requests of the host were meant to change something.
fn sent() -> usize {
    cluster().changes_by(User::Rbac).unwrap().len()
}

/// A change: the tool, the object that it is about, and what of that comes to which value.
type Made = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Value,
);

fn made() -> [Made; 6] {
    [
        (
            "create_postgres_cluster",
            "clusters",
            "fresh",
            "/spec/instances",
            json!(3),
        ),
        (
            "scale_postgres_cluster",
            "clusters",
            "orders",
            "/spec/instances",
            json!(4),
        ),
        (
            "create_postgres_backup",
            "backups",
            "by-hand",
            "/spec/cluster/name",
            json!("orders"),
        ),
        (
            "create_postgres_role",
            "clusters",
            "orders",
            "/spec/managed/roles/3/name",
            json!("courier"),
        ),
        (
            "create_postgres_database",
            "databases",
            "orders-invoices",
            "/spec/owner",
            json!("orders_app"),
        ),
        (
            "scale_postgres_pooler",
            "poolers",
            "orders-pooler-rw",
            "/spec/instances",
            json!(3),
        ),
    ]
}

fn object(plural: &str, name: &str) -> Value {
    let all = objects(cluster(), &format!("{plural}.postgresql.cnpg.io"));
    let mut all = all.into_iter();
    let found = all.find(|object| {
        object["metadata"]["name"] == name && object["metadata"]["namespace"] == "shop"
    });
    found.unwrap_or_else(|| panic!("no {plural} {name}"))
}

/// One test, since what is counted is the user's, and the user is one.
#[test]
fn nothing_is_sent_before_a_person_decides_and_then_what_was_shown() {
    let before = sent();
    for tool in desk().tools(true) {
        let (name, arguments) = calls::arguments(&tool);
        // So many proposals may be open at once at one host.
        let mut desk = desk();
        for more in calls::undecided(&tool) {
            desk.propose(&name, &with(&arguments, &more));
        }
        let confirmed = with(&arguments, &json!({ "confirm": true }));
        desk.call(&name, &confirmed).fails("needs-approval", &[]);
        assert_eq!(sent(), before, "{name}");
    }
    let mut desk = desk();
    for (tool, plural, name, path, value) in made() {
        make(&mut desk, tool);
        let made = object(plural, name);
        assert_eq!(made.pointer(path), Some(&value), "{tool}: {made:#}");
    }
}

/// Proposes, has it approved and applied: one request for each step.
fn make(desk: &mut Desk, tool: &str) {
    let (_, arguments) = calls::arguments(&json!({ "name": tool }));
    let before = sent();
    let proposed = desk.propose(tool, &arguments);
    let id = proposed["id"].as_str().unwrap();
    desk.approve(id);
    assert_eq!(sent(), before, "{tool}: before it was applied");
    desk.apply(id);
    let steps = proposed["steps"].as_array().unwrap().len();
    assert_eq!(sent(), before + steps, "{tool}");
}

#[test]
fn every_tool_that_reads_answers_at_the_real_server() {
    let mut desk = desk();
    for tool in desk.tools(false) {
        let (name, arguments) = calls::arguments(&tool);
        if name == "get_postgres_logs" {
            // There is no kubelet, so there are no logs.
            continue;
        }
        desk.call(&name, &arguments).succeeds(&[]);
    }
}
