//! What a restore does to claims and their data, on a few objects with times long ago.

use super::corners::{backup, claim, location, manifests, namespace, object, pod_volume};
use super::{CLAIMS, CLASSES, NAMESPACES, SERVICES, VELERO, WORKLOADS, ask};
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_velero::describe;
use serde_json::{Value, json};

pub(super) const TOOL: &str = "assess_velero_restore";

pub(super) fn velero(objects: &[Value], sees_namespaces: bool) -> Running {
    let mut kit = Kit::from_manifests(&manifests(objects)).grant(VELERO);
    for grant in [CLAIMS, WORKLOADS, SERVICES, CLASSES] {
        kit = kit.grant(grant);
    }
    if sees_namespaces {
        kit = kit.grant(NAMESPACES);
    }
    kit.run(describe)
}

/// Asks about backup `one` of the namespace `shop`, with these objects in the cluster.
fn assess(of_backup: (Value, Value), objects: &[Value], asked: Value) -> String {
    let (spec, status) = of_backup;
    let mut all = vec![
        namespace("velero"),
        namespace("shop"),
        location(),
        backup("one", "2020-02-01", spec, status),
    ];
    all.extend_from_slice(objects);
    let mut arguments = asked;
    arguments["backup"] = "one".into();
    ask(&velero(&all, true), TOOL, arguments).text
}

fn plain() -> (Value, Value) {
    (json!({}), json!({}))
}

/// A volume whose snapshot was moved.
fn upload(claim: &str) -> Value {
    let mut upload = object(
        "DataUpload",
        "velero",
        &format!("one-{claim}"),
        "2020-02-01",
        json!({
            "metadata": { "labels": { "velero.io/backup-name": "one" } },
            "spec": { "sourceNamespace": "shop", "sourcePVC": claim, "csiSnapshot": { "storageClass": "gone" } }, "status": { "phase": "Completed" },
        }),
    );
    upload["apiVersion"] = "velero.io/v2alpha1".into();
    upload
}

fn made_anew(kind: &str, name: &str) -> Value {
    object(kind, "shop", name, "2020-03-01", json!({}))
}

pub(super) fn verdict(text: &str) -> &str {
    let (first, _) = text.split_once('\n').expect("it has lines");
    first.rsplit(": ").next().expect("it has a verdict")
}

#[test]
fn files_of_a_pod_are_said_to_be_written_over_those_in_a_claim_that_exists() {
    let objects = [
        pod_volume("one", "db-0", "data"),
        claim("data", json!({})),
        claim("other", json!({})),
    ];
    let snapshot = json!({ "csiVolumeSnapshotsAttempted": 1, "csiVolumeSnapshotsCompleted": 1 });
    let text = assess((json!({}), snapshot), &objects, json!({}));
    assert!(
        text.contains("where the pod is not there: shop/data (pod db-0);"),
        "{text}"
    );
    assert!(
        text.contains(
            "no data comes back into these claims that exist, whatever the policy: shop/other;"
        ),
        "{text}"
    );
    // Elsewhere too, and where the claims are left out: the pod finds the one that is there.
    let mut there = claim("data", json!({}));
    there["metadata"]["namespace"] = "till".into();
    let objects = [pod_volume("one", "db-0", "data"), namespace("till"), there];
    let asked = json!({ "namespace_mapping": { "shop": "till" }, "included_resources": ["pods"] });
    let text = assess(plain(), &objects, asked);
    assert!(text.contains(": till/data (pod db-0);"), "{text}");
    assert!(!text.contains("no data comes back"), "{text}");
}

#[test]
fn nobody_is_told_to_remove_a_claim_that_the_backup_has_no_data_of() {
    let text = assess(plain(), &[claim("data", json!({}))], json!({}));
    assert!(
        text.contains("would stay as it is: 1 persistentvolumeclaim"),
        "{text}"
    );
    assert!(!text.contains("remove"), "{text}");
}

#[test]
fn moved_data_is_not_promised_to_a_claim_that_was_made_anew() {
    let objects = [
        upload("data"),
        made_anew("PersistentVolumeClaim", "data"),
        made_anew("Deployment", "web"),
    ];
    let text = assess(plain(), &objects, json!({}));
    assert_eq!(verdict(&text), "yes, with losses", "{text}");
    assert!(
        text.contains(
            "no data comes back into these claims that exist, whatever the policy: shop/data;"
        ),
        "{text}"
    );
    let asked = json!({ "existing_resource_policy": "update" });
    let text = assess(plain(), &objects, asked);
    assert!(
        text.contains("hold 1 deployment, 1 persistentvolumeclaim: what has a name from the backup would be overwritten"),
        "{text}"
    );
}

#[test]
fn data_comes_back_with_what_is_restored_only() {
    let objects = [upload("moved"), pod_volume("one", "db-0", "files")];
    let back = "claims that come back with their data";
    let empty = "claims that come back empty, since restore_pvs is false or no pods are restored";
    for (asked, said) in [
        (json!({}), vec![format!("{back}: shop/files, shop/moved")]),
        (
            json!({ "label_selector": "app=db" }),
            vec![format!(
                "{back}, where the labels fit: shop/files, shop/moved"
            )],
        ),
        (json!({ "included_resources": ["configmaps"] }), vec![]),
        (
            json!({ "included_resources": ["pvc"] }),
            vec![
                format!("{empty}: shop/files"),
                format!("{back}: shop/moved"),
            ],
        ),
        (
            json!({ "restore_pvs": false }),
            vec![
                format!("{empty}: shop/moved"),
                format!("{back}: shop/files"),
            ],
        ),
    ] {
        let text = assess(plain(), &objects, asked.clone());
        let lines = text
            .lines()
            .filter(|line| line.contains(": claims that come back"));
        let lines: Vec<_> = lines
            .filter_map(|line| line.split_once(": ").map(|(_, said)| said))
            .collect();
        assert_eq!(lines, said, "{asked}");
        let pending = text.contains("storage class `gone` is gone: shop/moved would stay Pending");
        assert_eq!(pending, !said.is_empty(), "{text}");
    }
}

#[test]
fn without_objects_of_the_cluster_only_snapshots_of_volumes_stay_behind() {
    let asked = json!({ "include_cluster_resources": false });
    let of_csi = json!({ "csiVolumeSnapshotsAttempted": 2, "csiVolumeSnapshotsCompleted": 2 });
    let text = assess((json!({}), of_csi.clone()), &[], asked.clone());
    assert_eq!(verdict(&text), "yes", "{text}");
    assert!(
        text.contains("CSI snapshots come back by Velero 1.18.3"),
        "{text}"
    );
    let mut both = of_csi;
    both["volumeSnapshotsAttempted"] = 1.into();
    both["volumeSnapshotsCompleted"] = 1.into();
    let text = assess((json!({}), both.clone()), &[], asked);
    assert!(
        text.contains("no persistent volumes come back, nor the data of 1 snapshots"),
        "{text}"
    );
    let asked = json!({ "include_cluster_resources": false, "restore_pvs": false });
    let text = assess((json!({}), both), &[], asked);
    assert!(
        text.contains("restore_pvs is false: the data of 3 snapshots does not come back"),
        "{text}"
    );
}
