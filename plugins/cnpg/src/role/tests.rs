//! What a patch of the list is bound to.

use super::{append, edit, find, set};
use crate::cluster::Cluster;
use bulkhead_plugin_sdk::changes::Change;
use serde_json::{Value, json};

fn cluster(spec: &Value) -> Cluster {
    Cluster::of(json!({
        "metadata": { "name": "db", "namespace": "shop", "resourceVersion": "77" }, "spec": spec,
    }))
}

/// The operations of a patch, and the resourceVersion that it is bound to.
fn read(change: &Change) -> (Value, Option<&str>) {
    let Change::Patch(spec) = change else {
        unreachable!("it is a patch: {change:?}")
    };
    let operations = serde_json::from_str(&spec.body).expect("it is JSON");
    (operations, spec.expected_version.as_deref())
}

#[test]
fn an_entry_is_changed_only_where_it_is_that_role_at_the_version_that_was_read() {
    let cluster = cluster(&json!({ "managed": { "roles": [{ "name": "a" }, { "name": "b" }] } }));
    let role = find(&cluster, "b").expect("it is there");
    let change = edit(&cluster, role, vec![set(role, "createdb", json!(true))]);
    let expected = json!([
        { "op": "test", "path": "/spec/managed/roles/1/name", "value": "b" },
        { "op": "add", "path": "/spec/managed/roles/1/createdb", "value": true },
    ]);
    assert_eq!(read(&change), (expected, Some("77")));
}

#[test]
fn an_entry_is_added_behind_those_that_were_read_and_makes_the_list_where_there_is_none() {
    let entry = json!({ "name": "c" });
    for (spec, expected) in [
        (
            json!({ "managed": { "roles": [{ "name": "a" }] } }),
            json!([
                { "op": "test", "path": "/spec/managed/roles/0/name", "value": "a" },
                { "op": "add", "path": "/spec/managed/roles/-", "value": entry },
            ]),
        ),
        (
            json!({ "managed": { "services": {} } }),
            json!([{ "op": "add", "path": "/spec/managed/roles", "value": [entry] }]),
        ),
        (
            json!({}),
            json!([{ "op": "add", "path": "/spec/managed", "value": { "roles": [entry] } }]),
        ),
    ] {
        let cluster = cluster(&spec);
        assert_eq!(read(&append(&cluster, &entry)), (expected, Some("77")));
    }
}
