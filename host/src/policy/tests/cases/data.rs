//! What holds data.

use serde_json::json;

use super::{Case, Kind, SECRET, create, delete, update};

const STATEFUL_SET: Kind = ("apps", "statefulsets");
const CLAIM: Kind = ("", "persistentvolumeclaims");
const VOLUME: Kind = ("", "persistentvolumes");

pub(super) fn cases() -> Vec<Case> {
    let spec =
        |title, kind, change| update(title, kind, json!({"spec": {}}), json!({"spec": change}));
    vec![
        delete("a volume", VOLUME).of_cluster(),
        spec(
            "a volume that is not kept",
            VOLUME,
            json!({"persistentVolumeReclaimPolicy": "Delete"}),
        )
        .of_cluster(),
        create(
            "a claim",
            CLAIM,
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        create(
            "a claim of another's volume",
            CLAIM,
            json!({"spec": {"volumeName": "pv-1"}}),
        ),
        update(
            "a pending claim of another's volume",
            CLAIM,
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
            json!({"spec": {"volumeName": "pv-1"}}),
        ),
        create(
            "a claim of a volume by its labels",
            CLAIM,
            json!({"spec": {"selector": {"matchLabels": {"app": "bank"}}}}),
        ),
        create(
            "a copy of a volume",
            CLAIM,
            json!({"spec": {"dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "bank"}}}),
        ),
        update(
            "a claim ten times as large",
            CLAIM,
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
            json!({"spec": {"resources": {"requests": {"storage": "10Gi"}}}}),
        ),
        delete("a claim that ends", CLAIM),
        delete("a stateful set", STATEFUL_SET),
        spec(
            "a stateful set that deletes its claims",
            STATEFUL_SET,
            json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}),
        ),
        delete("a secret that ends", SECRET),
        delete("a config map", ("", "configmaps")),
        update(
            "a setting",
            ("", "configmaps"),
            json!({"data": {"a": "1"}}),
            json!({"data": {"a": "2"}}),
        ),
        create(
            "a new snapshot",
            ("snapshot.storage.k8s.io", "volumesnapshots"),
            json!({"spec": {"source": {"persistentVolumeClaimName": "web"}}}),
        ),
        create(
            "a snapshot of another's",
            ("snapshot.storage.k8s.io", "volumesnapshots"),
            json!({"spec": {"source": {"volumeSnapshotContentName": "bank"}}}),
        ),
        delete("a snapshot", ("snapshot.storage.k8s.io", "volumesnapshots")),
    ]
}
