//! CloudNativePG's types, with as little schema as a cluster needs to serve them.

use std::fmt::Write as _;

/// What a type has besides its objects; of 1.28, `config/crd/bases`.
#[derive(Clone, Copy)]
enum Subresources {
    None,
    Status,
    StatusAndScale,
}

use Subresources::{None, Status, StatusAndScale};

/// Plural, kind, scope.
const TYPES: [(&str, &str, &str, Subresources); 7] = [
    ("backups", "Backup", "Namespaced", Status),
    (
        "clusterimagecatalogs",
        "ClusterImageCatalog",
        "Cluster",
        None,
    ),
    ("clusters", "Cluster", "Namespaced", StatusAndScale),
    ("databases", "Database", "Namespaced", Status),
    ("imagecatalogs", "ImageCatalog", "Namespaced", None),
    ("poolers", "Pooler", "Namespaced", StatusAndScale),
    ("scheduledbackups", "ScheduledBackup", "Namespaced", Status),
];

impl Subresources {
    fn yaml(self) -> &'static str {
        match self {
            None => "{}",
            Status => "{ status: {} }",
            StatusAndScale => {
                "{ status: {}, scale: { specReplicasPath: .spec.instances, statusReplicasPath: .status.instances } }"
            }
        }
    }
}

/// The CRDs that the plugin reads and writes as YAML documents, without a schema and with the subresources of the operator's own.
#[must_use]
pub fn crds_minimal() -> String {
    let mut text = String::new();
    for (plural, kind, scope, subresources) in TYPES {
        let singular = kind.to_ascii_lowercase();
        let subresources = subresources.yaml();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: {plural}.postgresql.cnpg.io }}
spec:
  group: postgresql.cnpg.io
  scope: {scope}
  names: {{ plural: {plural}, singular: {singular}, kind: {kind}, listKind: {kind}List }}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {subresources}
      schema: {{ openAPIV3Schema: {{ type: object, x-kubernetes-preserve-unknown-fields: true }} }}
"
        );
    }
    text
}
