//! The fleet, with what backups need beside it, and what the operator grants.

use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::Value;
use std::time::SystemTime;

/// Types that others than CloudNativePG serve.
const MORE: &str = r"
---
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: volumesnapshots.snapshot.storage.k8s.io }
spec:
  group: snapshot.storage.k8s.io
  scope: Namespaced
  names: { plural: volumesnapshots, singular: volumesnapshot, kind: VolumeSnapshot, listKind: VolumeSnapshotList }
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: objectstores.barmancloud.cnpg.io }
spec:
  group: barmancloud.cnpg.io
  scope: Namespaced
  names: { plural: objectstores, singular: objectstore, kind: ObjectStore, listKind: ObjectStoreList }
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }
";

pub(crate) const READ: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["*"]"#;

pub(crate) const WRITE: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters", "backups", "scheduledbackups"], verbs = ["create", "patch"], namespaces = ["*"]"#;

/// The Secret with the keys of the object store may be named, not read.
pub(crate) const USE: &str = r#"api_groups = [""], resources = ["secrets"], verbs = ["use"], names = ["backup-s3"], namespaces = ["*"]"#;

/// Beside CloudNativePG's own types.
pub(crate) const BESIDE: [&str; 2] = [
    r#"api_groups = [""], resources = ["persistentvolumeclaims"], verbs = ["get", "list"], namespaces = ["*"]"#,
    r#"api_groups = ["barmancloud.cnpg.io"], resources = ["objectstores"], verbs = ["get", "list"], namespaces = ["*"]"#,
];

/// Twelve clusters, in which nothing is granted; volume snapshots are served.
pub(crate) fn bare() -> Kit {
    let fleet = Fleet::new(SystemTime::now());
    Kit::from_manifests(&(fleet.manifests() + MORE))
}

/// The fleet alone.
pub(crate) fn without_snapshots() -> Kit {
    let fleet = Fleet::new(SystemTime::now());
    Kit::from_manifests(&fleet.manifests())
}

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    let classes = r#"api_groups = ["storage.k8s.io"], resources = ["storageclasses"], verbs = ["get", "list"], scope = "cluster""#;
    let kit = bare().grant(READ).grant(classes);
    BESIDE.into_iter().fold(kit, Kit::grant)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE).grant(USE)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}

/// Changes the cluster that is backed up by volume snapshots, past every gate.
pub(crate) fn change_metrics(cnpg: &Running, change: impl FnOnce(&mut Value)) {
    let fleet = Fleet::new(SystemTime::now());
    let metrics = fleet.object("Cluster", "lab", "metrics");
    let mut metrics = metrics.expect("it is there").clone();
    change(&mut metrics);
    cnpg.cluster().change(|all| {
        all.insert(metrics).expect("it is an object of the cluster");
    });
}
