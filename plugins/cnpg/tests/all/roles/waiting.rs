//! Waiting for what the operator does. There is none here, so the tests do it.

use super::cluster::people;
use super::{read, waited};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

/// Calls the tool, and writes the status of roles as the operator would.
fn ended(tool: &str, arguments: &Value, status: Value) -> Value {
    let cluster = arguments["cluster_name"].as_str().expect("a name");
    let path = format!("/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/{cluster}");
    let write = |cluster: &mut Value| cluster["status"]["managedRolesStatus"] = status;
    waited(&people().run(describe), (tool, arguments), (&path, [write]))
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

/// The list is written before the Secret, and the operator may have written the role in between: that is not yet the new password.
#[test]
fn a_new_password_is_waited_for_until_the_status_has_the_version_of_its_secret() {
    let cnpg = people().run(describe);
    let url = &cnpg.cluster().url();
    let written = |transaction: u32| {
        move |cluster: &mut Value| {
            let secret = read(url, "/api/v1/namespaces/shop/secrets/cnpg-db-user-app-user");
            let version = match transaction {
                801 => json!("930"),
                _ => secret.expect("it is there")["metadata"]["resourceVersion"].take(),
            };
            cluster["status"]["managedRolesStatus"]["passwordStatus"] =
                json!({ "app_user": { "transactionID": transaction, "resourceVersion": version } });
        }
    };
    let arguments = json!({
        "cluster_name": "db", "role_name": "app_user", "namespace": "shop", "reset_password": true, "createdb": true,
    });
    let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/db";
    let waited = waited(
        &cnpg,
        ("update_postgres_role", &arguments),
        // Where the first ended the wait, nothing would watch for the second.
        (path, [written(801), written(802)]),
    );
    assert_eq!(waited["done"], true, "{waited}");
}
