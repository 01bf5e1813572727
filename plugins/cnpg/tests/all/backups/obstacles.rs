//! What the operator would refuse, or never begin, said before anything is proposed.

use super::cluster::{READ, WRITE, change_metrics, people, without_snapshots};
use super::{refused, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::{Value, json};

fn backup(namespace: &str, cluster: &str) -> Value {
    json!({ "namespace": namespace, "cluster_name": cluster })
}

#[test]
fn a_backup_that_could_not_be_taken_is_refused_with_the_reason() {
    let cnpg = people().run(describe);
    for (arguments, why) in [
        (
            backup("lab", "scratch"),
            "conflict: cluster `scratch` has no backup configured",
        ),
        (
            backup("till", "vault"),
            "conflict: cluster `vault` in namespace till is hibernated, or asked to be: the operator refuses to back it up",
        ),
        (
            backup("till", "payments"),
            "conflict: cluster `payments` in namespace till is fenced",
        ),
        (
            backup("shop", "catalog"),
            "conflict: backup `catalog-before-upgrade` of cluster `catalog` in namespace shop is running: the operator takes one at a time",
        ),
        (
            backup("shop", "order"),
            "not-found: there is no cluster `order` in namespace shop; there is orders",
        ),
        (
            json!({ "namespace": "shop", "cluster_name": "orders", "method": "volumeSnapshot" }),
            "invalid: cluster `orders` has no `volumeSnapshot` configured for its backups; next: leave `method` out, or give barmanObjectStore",
        ),
        (
            json!({ "namespace": "shop", "cluster_name": "orders", "online": true }),
            "`online` is given, and the method is `barmanObjectStore`",
        ),
        (
            json!({ "namespace": "till", "cluster_name": "ledger", "online": false }),
            "`online` is given, and the method is `plugin`",
        ),
        (
            json!({ "namespace": "shop", "cluster_name": "orders", "name": "Before upgrade" }),
            "invalid: `name` is `Before upgrade`, which is no name for it",
        ),
        (
            json!({ "namespace": "shop", "cluster_name": "orders", "name": "catalog-before-upgrade" }),
            "conflict: backup `catalog-before-upgrade` exists already in namespace shop",
        ),
    ] {
        refused(&cnpg, "create_postgres_backup", &arguments, why);
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

/// The operator fails it, or lifts the fence when it is done.
#[test]
fn no_offline_snapshot_is_taken_of_a_cluster_with_a_fenced_instance() {
    let cnpg = people().run(describe);
    change_metrics(&cnpg, |metrics| {
        metrics["metadata"]["annotations"]["cnpg.io/fencedInstances"] = json!("[\"metrics-2\"]");
    });
    let tool = "create_postgres_backup";
    let offline = with(&backup("lab", "metrics"), &json!({ "online": false }));
    let why = "conflict: cluster `metrics` in namespace lab has fenced instances (metrics-2)";
    refused(&cnpg, tool, &offline, why);
    value(&cnpg, tool, &backup("lab", "metrics")).expect("online it is taken");
}

/// It would fence the primary where no standby is ready, in the middle of whatever is under way
/// (`pkg/reconciler/backup/volumesnapshot/offline.go`).
#[test]
fn no_offline_snapshot_is_taken_of_a_cluster_that_is_not_healthy() {
    let cnpg = people().run(describe);
    change_metrics(&cnpg, |metrics| {
        metrics["status"]["phase"] = json!("Creating a new replica");
    });
    let tool = "create_postgres_backup";
    let offline = with(&backup("lab", "metrics"), &json!({ "online": false }));
    let why = "conflict: cluster `metrics` in namespace lab is not healthy (Creating a new replica), and is not copied offline";
    refused(&cnpg, tool, &offline, why);
    value(&cnpg, tool, &backup("lab", "metrics")).expect("online it is taken");
}

#[test]
fn without_the_type_of_volume_snapshots_such_a_backup_is_refused() {
    let cnpg = without_snapshots().grant(READ).grant(WRITE).run(describe);
    refused(
        &cnpg,
        "create_postgres_backup",
        &backup("lab", "metrics"),
        "serves no `volumesnapshots.snapshot.storage.k8s.io`",
    );
}

#[test]
fn a_cluster_without_the_operator_is_one_clear_sentence_for_every_change() {
    let everything = r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list", "create", "patch"], namespaces = ["*"]"#;
    let cnpg = Kit::demo().grant(everything).run(describe);
    for (tool, arguments) in super::changes::changes() {
        refused(
            &cnpg,
            tool,
            &arguments,
            "CloudNativePG is not installed in cluster `test-kit`",
        );
    }
}

/// The operator looks at no phase (`checkPrerequisites`, `getBackupTargetPod`): before an update that waits for a person, or with a replica
/// that is broken, a backup is wanted most.
#[test]
fn a_cluster_that_is_not_healthy_is_backed_up_and_its_phase_told() {
    let cnpg = people().run(describe);
    let answer =
        value(&cnpg, "create_postgres_backup", &backup("till", "pos")).expect("it is proposed");
    let told = cnpg.summary(answer["id"].as_str().expect("it has an id"));
    assert!(
        told.contains(
            "the cluster's phase is `Upgrading cluster`: the backup may wait for an instance"
        ),
        "{told}"
    );
}
