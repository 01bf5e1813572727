//! Waiting for what Velero does. There is none here, so the tests do it.

use super::cluster::people;
use super::{confirmed, value, with};
use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_velero::describe;
use bulkhead_simcluster::Cluster;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Calls the tool with `wait`, and changes the cluster as soon as the host watches.
fn waited(
    velero: &Running,
    tool: &str,
    arguments: &Value,
    change: impl FnOnce(&mut Cluster) + Send,
) -> Value {
    let server = velero.cluster();
    std::thread::scope(|scope| {
        scope.spawn(move || {
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
            server.change(change);
        });
        let arguments = with(&confirmed(arguments), &json!({ "wait": true }));
        let mut answer = value(velero, tool, &arguments).expect("it is approved");
        assert_eq!(answer["state"], "applied", "{answer}");
        answer["waited"].take()
    })
}

fn ended(kind: &str, name: &str, status: Value) -> impl FnOnce(&mut Cluster) + Send {
    let object = json!({
        "apiVersion": "velero.io/v1", "kind": kind,
        "metadata": { "name": name, "namespace": "velero" },
        "spec": {}, "status": status,
    });
    move |cluster| {
        cluster
            .insert(object)
            .expect("it is an object of the cluster");
    }
}

#[test]
fn a_backup_is_waited_for_to_its_end() {
    let velero = people().run(describe);
    let arguments = json!({ "name": "now", "included_namespaces": ["shop"] });
    let status = json!({ "phase": "Completed", "warnings": 2, "progress": { "totalItems": 300, "itemsBackedUp": 300 } });
    let waited = waited(
        &velero,
        "create_velero_backup",
        &arguments,
        ended("Backup", "now", status),
    );
    let expected =
        json!({ "done": true, "detail": "Completed, 300 of 300 items, 0 errors, 2 warnings" });
    assert_eq!(waited, expected);
}

/// It waits for Completed, so any other end is seen after some seconds.
#[test]
fn a_restore_that_fails_in_part_ends_the_wait_with_its_errors() {
    let velero = people().run(describe);
    let arguments = json!({ "name": "back", "backup": "good", "included_namespaces": ["shop"] });
    let status = json!({ "phase": "PartiallyFailed", "errors": 3, "progress": { "totalItems": 40, "itemsRestored": 37 } });
    let waited = waited(
        &velero,
        "create_velero_restore",
        &arguments,
        ended("Restore", "back", status),
    );
    let expected =
        json!({ "done": true, "detail": "PartiallyFailed, 37 of 40 items, 3 errors, 0 warnings" });
    assert_eq!(waited, expected);
}

#[test]
fn a_deletion_is_waited_for_until_the_backup_is_gone() {
    let velero = people().run(describe);
    let waited = waited(
        &velero,
        "delete_velero_backup",
        &json!({ "name": "good" }),
        |cluster| {
            assert!(cluster.remove("velero.io", "backups", "velero", "good"));
        },
    );
    let expected = json!({ "done": true, "detail": "the backup and its data are deleted" });
    assert_eq!(waited, expected);
}

#[test]
fn a_deletion_that_fails_says_why() {
    let velero = people().run(describe);
    let request = ended(
        "DeleteBackupRequest",
        "good-good0000",
        json!({ "phase": "Processed", "errors": ["error deleting snapshot", "no such host"] }),
    );
    let waited = waited(
        &velero,
        "delete_velero_backup",
        &json!({ "name": "good" }),
        request,
    );
    let expected = json!({ "done": true, "detail": "it is not deleted: error deleting snapshot; no such host" });
    assert_eq!(waited, expected);
}
