//! What the lists say, as a model reads them.

use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_velero::describe;
use serde_json::json;

const CLUSTER: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: backups.velero.io }
spec: { group: velero.io, scope: Namespaced, names: { plural: backups, singular: backup, kind: Backup }, versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }] }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: schedules.velero.io }
spec: { group: velero.io, scope: Namespaced, names: { plural: schedules, singular: schedule, kind: Schedule }, versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: velero }
---
apiVersion: velero.io/v1
kind: Schedule
metadata: { name: nightly, namespace: velero }
spec: { schedule: "0 2 * * *", template: { includedNamespaces: [shop], ttl: 720h0m0s } }
status: { phase: Enabled, lastBackup: "2026-11-20T02:00:00Z" }
---
apiVersion: velero.io/v1
kind: Backup
metadata: { name: nightly-20261119020000, namespace: velero, labels: { velero.io/schedule-name: nightly } }
spec: { includedNamespaces: [shop], storageLocation: default }
status: { phase: Completed, startTimestamp: "2026-11-19T02:00:00Z", expiration: "2026-12-19T02:00:00Z", warnings: 2 }
---
apiVersion: velero.io/v1
kind: Backup
metadata: { name: nightly-20261120020000, namespace: velero, labels: { velero.io/schedule-name: nightly } }
spec: { includedNamespaces: [shop], storageLocation: default }
status: { phase: PartiallyFailed, startTimestamp: "2026-11-20T02:00:00Z", expiration: "2026-12-20T02:00:00Z", errors: 3 }
"#;

fn velero() -> Running {
    Kit::from_manifests(CLUSTER)
        .grant(r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["velero"]"#)
        .run(describe)
}

#[test]
fn a_schedule_names_its_newest_backup_by_the_label() {
    let answer = velero()
        .call("list_velero_schedules", json!({}))
        .expect("it is granted");
    assert!(
        answer
            .text
            .contains("nightly-20261120020000  PartiallyFailed"),
        "{}",
        answer.text
    );
}

#[test]
fn the_newest_backup_comes_first_and_the_next_page_goes_on() {
    let velero = velero();
    let page = |token: Option<String>| {
        let arguments = json!({ "limit": 1, "continue": token });
        let answer = velero
            .call("list_velero_backups", arguments)
            .expect("it is granted");
        answer.structured.expect("it has a value")
    };
    let first = page(None);
    assert_eq!(first["rows"][0][0], "nightly-20261120020000");
    assert_eq!(
        (&first["total"], &first["remaining"]),
        (&json!(2), &json!(1))
    );
    let token = first["continue"].as_str().map(str::to_owned);
    assert_eq!(page(token)["rows"][0][0], "nightly-20261119020000");
}

#[test]
fn a_schedule_says_which_namespaces_its_template_takes_in() {
    let answer = velero()
        .call("list_velero_schedules", json!({}))
        .expect("it is granted");
    let value = answer.structured.expect("it has a value");
    let at = |column: &str| {
        let columns = value["columns"].as_array().expect("it is a list");
        let place = columns.iter().position(|one| one == column);
        &value["rows"][0][place.expect("there is such a column")]
    };
    assert_eq!(at("NAMESPACES"), "shop");
    assert_eq!(at("LAST BACKUP"), "nightly-20261120020000");
    assert_eq!(at("LAST GOOD BACKUP"), "nightly-20261119020000");
}

#[test]
fn the_namespace_is_the_one_that_is_set_unless_another_is_asked_for() {
    let velero = Kit::from_manifests(CLUSTER)
        .grant(r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#)
        .settings("namespace = 'elsewhere'")
        .run(describe);
    let first_line = |namespace: Option<&str>| {
        let asked = json!({ "namespace": namespace });
        let answer = velero
            .call("list_velero_backups", asked)
            .expect("it is granted");
        answer
            .text
            .lines()
            .next()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    assert_eq!(
        first_line(None),
        "0 backups.velero.io in namespace elsewhere (as set)"
    );
    assert_eq!(
        first_line(Some("velero")),
        "2 backups.velero.io in namespace velero: 1 Completed, 1 PartiallyFailed"
    );
}
