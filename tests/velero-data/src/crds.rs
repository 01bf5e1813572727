//! Velero's types, with as little schema as a cluster needs to serve them.

use std::fmt::Write as _;

/// Version, plural and kind; of 1.18, `config/crd`.
const TYPES: [(&str, &str, &str); 13] = [
    ("v1", "backuprepositories", "BackupRepository"),
    ("v1", "backups", "Backup"),
    ("v1", "backupstoragelocations", "BackupStorageLocation"),
    ("v1", "deletebackuprequests", "DeleteBackupRequest"),
    ("v1", "downloadrequests", "DownloadRequest"),
    ("v1", "podvolumebackups", "PodVolumeBackup"),
    ("v1", "podvolumerestores", "PodVolumeRestore"),
    ("v1", "restores", "Restore"),
    ("v1", "schedules", "Schedule"),
    ("v1", "serverstatusrequests", "ServerStatusRequest"),
    ("v1", "volumesnapshotlocations", "VolumeSnapshotLocation"),
    ("v2alpha1", "datadownloads", "DataDownload"),
    ("v2alpha1", "datauploads", "DataUpload"),
];

/// The CRDs as YAML documents, without a schema. None of Velero's own has a status subresource: status is written with the object.
#[must_use]
pub fn crds_minimal() -> String {
    let mut text = String::new();
    for (version, plural, kind) in TYPES {
        let singular = kind.to_ascii_lowercase();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: {plural}.velero.io }}
spec:
  group: velero.io
  scope: Namespaced
  names: {{ plural: {plural}, singular: {singular}, kind: {kind}, listKind: {kind}List }}
  versions:
    - name: {version}
      served: true
      storage: true
      schema: {{ openAPIV3Schema: {{ type: object, x-kubernetes-preserve-unknown-fields: true }} }}
"
        );
    }
    text
}
