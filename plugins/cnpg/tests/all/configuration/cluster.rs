//! A cluster of three instances of PostgreSQL 16 as the operator's webhook leaves it, one of a single instance, and what is granted.

use bulkhead_plugin_sdk::test_kit::Kit;

const OBJECTS: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: clusters.postgresql.cnpg.io }
spec:
  group: postgresql.cnpg.io
  scope: Namespaced
  names: { plural: clusters, singular: cluster, kind: Cluster, listKind: ClusterList }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: main-db, namespace: shop, uid: 8c7e1c9e-1111-4c0e-9d1a-3f6d2b7e8a11 }
spec:
  instances: 3
  imageName: ghcr.io/cloudnative-pg/postgresql:16.4
  primaryUpdateStrategy: unsupervised
  primaryUpdateMethod: switchover
  resources: { requests: { memory: 2Gi } }
  storage: { size: 10Gi }
  postgresql:
    pg_hba: ["host all all 10.0.0.0/8 scram-sha-256"]
    parameters:
      archive_mode: "on"
      archive_timeout: 5min
      log_destination: csvlog
      max_connections: "200"
      max_parallel_workers: "32"
      max_worker_processes: "32"
      shared_preload_libraries: ""
      wal_level: logical
      wal_log_hints: "on"
      work_mem: 8MB
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: small, namespace: shop }
spec: { instances: 1, imageName: "postgresql:18.1-minimal-trixie", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: careful, namespace: shop }
spec: { instances: 2, imageName: "postgresql:17.2", primaryUpdateStrategy: supervised, storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: digest, namespace: shop }
spec: { instances: 1, imageName: "postgresql@sha256:0a1b", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: future, namespace: shop }
spec: { instances: 1, imageCatalogRef: { apiGroup: postgresql.cnpg.io, kind: ClusterImageCatalog, name: all, major: 19 }, storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: asleep, namespace: shop, annotations: { "cnpg.io/hibernation": "on" } }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state, conditions: [{ type: cnpg.io/hibernation, status: "True" }] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: fenced, namespace: shop, annotations: { "cnpg.io/fencedInstances": '["*"]' } }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: full, namespace: shop }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Not enough disk space }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: alone, namespace: shop, annotations: { "cnpg.io/reconciliationLoop": disabled } }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: moving, namespace: shop }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Upgrading cluster }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: going, namespace: shop, deletionTimestamp: "2026-11-20T10:00:00Z", finalizers: [example.com/held] }
spec: { instances: 2, imageName: "postgresql:17.2", storage: { size: 1Gi } }
status: { phase: Cluster in healthy state }
"#;

const READ: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get", "list"], namespaces = ["shop"]"#;

const WRITE: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["patch"], namespaces = ["shop"]"#;

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    Kit::from_manifests(OBJECTS).grant(READ)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}
