//! Waiting for what the operator does. There is none here, so the tests do it.

use crate::cluster::people;
use crate::{confirmed, read, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Calls the tool with `wait`, and writes the status of roles as soon as the host watches.
fn waited(cnpg: &Running, tool: &str, arguments: &Value, status: &Value) -> Value {
    let server = cnpg.cluster();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // A deadline, not a measure.
            let deadline = Instant::now() + Duration::from_secs(60);
            let watches = || {
                let requests = server.requests();
                requests
                    .iter()
                    .any(|request| request.query.contains("watch=1"))
            };
            while !watches() {
                assert!(
                    Instant::now() < deadline,
                    "no watch: {:?}",
                    server.requests()
                );
                std::thread::sleep(Duration::from_millis(2));
            }
            let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/db";
            let mut object = read(&server.url(), path).expect("it is there");
            object["status"]["managedRolesStatus"] = status.clone();
            server.change(|cluster| {
                cluster
                    .insert(object)
                    .expect("it is an object of the cluster")
            });
        });
        let arguments = with(&confirmed(arguments), &json!({ "wait": true }));
        let mut answer = value(cnpg, tool, &arguments);
        assert_eq!(answer["state"], "applied", "{answer}");
        answer["waited"].take()
    })
}

#[test]
fn a_role_that_cannot_be_made_ends_the_wait_with_the_reason() {
    let cnpg = people().run(describe);
    let waited = waited(
        &cnpg,
        "create_postgres_role",
        &json!({ "cluster_name": "db", "role_name": "report", "namespace": "shop" }),
        &json!({ "cannotReconcile": { "report": ["could not perform CREATE on role report: too many"] } }),
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
    let cnpg = people().run(describe);
    let waited = waited(
        &cnpg,
        "update_postgres_role",
        &json!({ "cluster_name": "db", "role_name": "app_user", "namespace": "shop", "createdb": true }),
        &json!({
            "byStatus": { "reconciled": ["app_user"] },
            "passwordStatus": { "app_user": { "transactionID": 801, "resourceVersion": "930" } },
        }),
    );
    assert_eq!(waited["done"], true, "{waited}");
    assert_eq!(waited["detail"], "role app_user is reconciled");
}
