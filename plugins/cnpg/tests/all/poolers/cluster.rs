//! Clusters with poolers in every state, and what the operator of the host grants.

use bulkhead_cnpg_data::crds_minimal;
use bulkhead_plugin_sdk::test_kit::Kit;

const FIXED: &str = r#"
---
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: lab }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: db, namespace: shop }
spec: { instances: 3, postgresql: { parameters: { max_connections: "50" } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: single, namespace: shop, annotations: { cnpg.io/hibernation: "on" } }
spec: { instances: 1 }
status: { conditions: [{ type: cnpg.io/hibernation, status: "True", reason: Hibernated }] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: web, namespace: shop }
spec: { cluster: { name: db }, type: rw, instances: 2, pgbouncer: { poolMode: transaction, parameters: { default_pool_size: "20" } } }
status: { instances: 2 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: batch, namespace: shop }
spec: { cluster: { name: db }, pgbouncer: {} }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: halted, namespace: shop }
spec: { cluster: { name: db }, type: ro, instances: 1, pgbouncer: { poolMode: session, paused: true } }
status: { instances: 1 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: custom, namespace: shop }
spec:
  cluster: { name: db }
  instances: 1
  template: { spec: { containers: [{ name: pgbouncer, image: mine }] } }
  pgbouncer: { poolMode: session, authQuery: SELECT 1, authQuerySecret: { name: own }, pg_hba: [host all all all md5] }
status: { instances: 1 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: orphan, namespace: shop }
spec: { cluster: { name: legacy }, instances: 2, pgbouncer: { poolMode: session } }
status: { instances: 2 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: leaving, namespace: shop, deletionTimestamp: "2026-11-20T02:00:00Z", finalizers: [example.org/wait] }
spec: { cluster: { name: db }, instances: 1, pgbouncer: { poolMode: session } }
status: { instances: 1 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: { name: far, namespace: lab }
spec: { cluster: { name: db }, instances: 1, pgbouncer: { poolMode: session } }
status: { instances: 1 }
"#;

const CLUSTERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get", "list"], namespaces = ["*"]"#;

const POOLERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["poolers"], verbs = ["get", "list", "watch"], namespaces = ["*"]"#;

const WRITE: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["poolers"], verbs = ["create", "patch", "delete"], namespaces = ["shop"]"#;

/// A cluster in which nothing is granted.
pub(crate) fn bare() -> Kit {
    Kit::from_manifests(&(crds_minimal() + FIXED))
}

/// Poolers may be read and written, and no clusters read.
pub(crate) fn without_clusters() -> Kit {
    bare().grant(POOLERS).grant(WRITE)
}

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    bare().grant(POOLERS).grant(CLUSTERS)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}
