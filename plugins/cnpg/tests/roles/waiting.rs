//! Waiting for what the operator does. There is none here, so the tests do it.

use crate::cluster::people;
use crate::waited;
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

/// Calls the tool, and writes the status of roles as the operator would.
fn ended(tool: &str, arguments: &Value, status: Value) -> Value {
    let cluster = arguments["cluster_name"].as_str().expect("a name");
    let path = format!("/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/{cluster}");
    let write = |cluster: &mut Value| cluster["status"]["managedRolesStatus"] = status;
    waited(&people().run(describe), (tool, arguments), (&path, write))
}

#[test]
fn a_role_that_cannot_be_made_ends_the_wait_with_the_reason() {
    let waited = ended(
        "create_postgres_role",
        &json!({ "cluster_name": "db", "role_name": "report", "namespace": "shop" }),
        json!({ "cannotReconcile": { "report": ["could not perform CREATE on role report: too many"] } }),
    );
    assert_eq!(waited["done"], true, "{waited}");
    assert_eq!(
        waited["detail"],
        "role report cannot be reconciled: could not perform CREATE on role report: too many"
    );
}

/// `reconciled` alone may be from before the change.
#[test]
fn a_role_that_was_reconciled_before_is_waited_for_until_it_is_written_anew() {
    let waited = ended(
        "update_postgres_role",
        &json!({ "cluster_name": "db", "role_name": "app_user", "namespace": "shop", "createdb": true }),
        json!({
            "byStatus": { "reconciled": ["app_user"] },
            "passwordStatus": { "app_user": { "transactionID": 801, "resourceVersion": "930" } },
        }),
    );
    assert_eq!(waited["done"], true, "{waited}");
    assert_eq!(waited["detail"], "role app_user is reconciled");
}

/// The name stands in the path of what is watched, in quotes.
#[test]
fn a_role_whose_name_has_quotes_is_waited_for_too() {
    let name = "it's ['odd']";
    let waited = ended(
        "update_postgres_role",
        &json!({ "cluster_name": "odd", "role_name": name, "namespace": "shop", "createdb": true }),
        json!({
            "byStatus": { "reconciled": [name] },
            "passwordStatus": { name: { "transactionID": 801 } },
        }),
    );
    assert_eq!(waited["done"], true, "{waited}");
    assert_eq!(waited["detail"], format!("role {name} is reconciled"));
}
