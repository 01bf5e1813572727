//! Clusters with databases in every state, and what the operator of the host grants.

use bulkhead_cnpg_data::crds_minimal;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::Value;

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
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: db, namespace: shop }
spec:
  instances: 3
  bootstrap: { initdb: { database: web, owner: webmaster } }
  managed:
    roles:
      - { name: app_user, ensure: present, login: true }
      - { name: gone, ensure: absent }
status:
  managedRolesStatus: { byStatus: { reconciled: [app_user, gone], not-managed: [webmaster, legacy], reserved: [postgres] } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: follower, namespace: shop }
spec: { instances: 1, replica: { enabled: true, source: db }, bootstrap: { recovery: { source: db, database: web, owner: webmaster } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: db-x, namespace: shop }
spec: { instances: 1, bootstrap: { initdb: { database: app } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-audit, namespace: shop, generation: 1 }
spec:
  name: audit
  owner: app_user
  cluster: { name: db }
  databaseReclaimPolicy: retain
  extensions: [{ name: pg_stat_statements, ensure: present }]
  schemas: [{ name: history, owner: app_user, ensure: present }]
status: { applied: true, observedGeneration: 1, extensions: [{ name: pg_stat_statements, applied: true }], schemas: [{ name: history, applied: true }] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-scratch, namespace: shop }
spec: { name: scratch, owner: app_user, cluster: { name: db }, databaseReclaimPolicy: delete }
status: { applied: true, observedGeneration: 1 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-broken, namespace: shop }
spec: { name: broken, owner: analyst, cluster: { name: db }, extensions: [{ name: vektor }] }
status: { applied: false, message: 'role "analyst" does not exist', extensions: [{ name: vektor, applied: false, message: not available }] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-new, namespace: shop }
spec: { name: new, owner: app_user, cluster: { name: db } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: twin-1, namespace: shop }
spec: { name: twin, owner: app_user, cluster: { name: db }, databaseReclaimPolicy: delete }
status: { applied: true }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: twin-2, namespace: shop }
spec: { name: twin, owner: app_user, cluster: { name: db } }
status: { applied: false, message: 'twin is already managed by object "twin-1"' }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-leaving, namespace: shop, deletionTimestamp: "2026-11-20T02:00:00Z", finalizers: [cnpg.io/deleteDatabase] }
spec: { name: leaving, owner: app_user, cluster: { name: db }, databaseReclaimPolicy: delete }
status: { applied: true }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: lost-orders, namespace: shop }
spec: { name: orders, owner: app, cluster: { name: lost }, databaseReclaimPolicy: delete }
status: { applied: false, message: cluster resource has been deleted, skipping reconciliation }
"#;

const CLUSTERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get", "list"], namespaces = ["shop"]"#;

const DATABASES: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["databases"], verbs = ["get", "list", "watch"], namespaces = ["shop"]"#;

const WRITE: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["databases"], verbs = ["create", "delete"], namespaces = ["shop"]"#;

/// A cluster in which nothing is granted.
pub(crate) fn bare() -> Kit {
    Kit::from_manifests(&(crds_minimal() + FIXED))
}

/// A Database as it was in 1.25, with neither extensions nor schemas; everything is granted.
pub(crate) fn old() -> Kit {
    const ANY: &str = "type: object, x-kubernetes-preserve-unknown-fields: true";
    const FIELDS: &str = "type: object, properties: { \
        spec: { type: object, properties: { \
            cluster: { type: object, properties: { name: { type: string } } }, \
            name: { type: string }, owner: { type: string }, ensure: { type: string }, databaseReclaimPolicy: { type: string } } }, \
        status: { type: object, x-kubernetes-preserve-unknown-fields: true } }";
    let crds = crds_minimal();
    let (before, databases) = crds
        .split_once("name: databases.")
        .expect("it is one of the types");
    let databases = databases.replacen(ANY, FIELDS, 1);
    let manifests = format!("{before}name: databases.{databases}{FIXED}");
    Kit::from_manifests(&manifests)
        .grant(CLUSTERS)
        .grant(DATABASES)
        .grant(WRITE)
}

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    bare().grant(CLUSTERS).grant(DATABASES)
}

/// The same, with an object of the test's own.
pub(crate) fn with_object(object: &Value) -> Kit {
    Kit::from_manifests(&format!("{}{FIXED}---\n{object}\n", crds_minimal()))
        .grant(CLUSTERS)
        .grant(DATABASES)
}

/// Databases may be read, and no clusters.
pub(crate) fn without_clusters() -> Kit {
    bare().grant(DATABASES)
}

/// Databases may be read and written, and no clusters read.
pub(crate) fn databases_alone() -> Kit {
    without_clusters().grant(WRITE)
}

/// Clusters may be read and databases written, and no databases read.
pub(crate) fn blind() -> Kit {
    bare().grant(CLUSTERS).grant(WRITE)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}
