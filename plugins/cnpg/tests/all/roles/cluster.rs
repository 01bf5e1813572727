//! Clusters with a role in every state, and what the operator of the host grants.

use bulkhead_cnpg_data::crds_minimal;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::Value;

/// The password of every Secret here: no answer may hold it, in any spelling.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// The same in base64.
pub(crate) const ENCODED: &str = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";

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
  bootstrap: { initdb: { database: web, owner: web } }
  managed:
    roles:
      - { name: app_user, ensure: present, login: true, inherit: true, connectionLimit: -1, passwordSecret: { name: cnpg-db-user-app-user } }
      - { name: dante, ensure: present, login: true, createdb: true, inherit: false, inRoles: [app_user], passwordSecret: { name: dante } }
      - { name: virgil, ensure: present, login: true, passwordSecret: { name: lost } }
      - { name: nobody, ensure: present, disablePassword: true }
      - { name: late, ensure: present, login: true, validUntil: "2020-01-01T00:00:00Z", passwordSecret: { name: synced } }
      - { name: broken, ensure: present, login: true, passwordSecret: { name: broken } }
      - { name: gone, ensure: absent, passwordSecret: { name: cnpg-db-user-gone } }
      - { name: stuck, ensure: absent }
      - { name: leaving, ensure: absent }
      - { name: importer, ensure: present, login: true }
status:
  readyInstances: 3
  currentPrimary: db-1
  targetPrimary: db-1
  managedRolesStatus:
    byStatus:
      reconciled: [app_user, dante, virgil, nobody, late, broken, gone, importer]
      pending-reconciliation: [stuck, leaving]
      not-managed: [web, legacy]
      reserved: [postgres, streaming_replica]
    cannotReconcile:
      stuck: ['could not perform DELETE on role stuck: owner of database inferno']
    passwordStatus:
      app_user: { transactionID: 745, resourceVersion: "930" }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: plain, namespace: shop }
spec: { instances: 1, bootstrap: { initdb: { database: app, owner: app } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: services, namespace: shop }
spec: { instances: 1, managed: { services: { disabledDefaultServices: [r] } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: asleep, namespace: shop, annotations: { cnpg.io/hibernation: "on" } }
spec: { instances: 1 }
status: { conditions: [{ type: cnpg.io/hibernation, status: "True", reason: Hibernated }] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: odd, namespace: shop }
spec:
  instances: 1
  managed:
    roles:
      - { name: first, ensure: present, login: true, passwordSecret: { name: both } }
      - { name: second, ensure: present, login: true, passwordSecret: { name: both } }
      - { name: "it's ['odd']", ensure: present }
      - { name: parted, ensure: absent, passwordSecret: { name: both } }
status: { readyInstances: 1, currentPrimary: odd-1, targetPrimary: odd-1, managedRolesStatus: { byStatus: { reconciled: [first, second, parted, "it's ['odd']"] } } }
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: { name: db-inferno, namespace: shop }
spec: { name: inferno, owner: dante, cluster: { name: db } }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-app-user, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: app_user, cnpg.io/reload: "true" } }
type: kubernetes.io/basic-auth
data: { username: YXBwX3VzZXI=, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-gone, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: gone } }
type: kubernetes.io/basic-auth
data: { username: Z29uZQ==, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: both, namespace: shop }
type: kubernetes.io/basic-auth
data: { username: Zmlyc3Q=, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-fixed, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: fixed } }
type: kubernetes.io/basic-auth
immutable: true
data: { username: Zml4ZWQ=, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-nameless, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: nameless } }
data: { password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-wordless, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: wordless } }
data: { username: d29yZGxlc3M= }
---
apiVersion: v1
kind: Secret
metadata:
  name: cnpg-db-user-synced
  namespace: shop
  labels: { cnpg.io/cluster: db, cnpg.io/role: synced }
  ownerReferences: [{ apiVersion: external-secrets.io/v1, kind: ExternalSecret, name: vault-synced, uid: 3b9d0f3c-7c6e-4d7e-8d53-0d3c1f2f4a55 }]
data: { username: c3luY2Vk, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: dante, namespace: shop }
type: kubernetes.io/basic-auth
data: { username: ZGFudGU=, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: synced, namespace: shop, ownerReferences: [{ apiVersion: external-secrets.io/v1, kind: ExternalSecret, name: vault-late, uid: 0b9d0f3c-7c6e-4d7e-8d53-0d3c1f2f4a55 }] }
type: kubernetes.io/basic-auth
data: { username: bGF0ZQ==, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: broken, namespace: shop }
type: Opaque
data: { password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-taken, namespace: shop, labels: { app: importer } }
type: Opaque
data: { password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
---
apiVersion: v1
kind: Secret
metadata: { name: cnpg-db-user-a-b, namespace: shop, labels: { cnpg.io/cluster: db, cnpg.io/role: a_b } }
type: kubernetes.io/basic-auth
data: { username: YV9i, password: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 }
"#;

const CLUSTERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters", "databases"], verbs = ["get", "list", "watch"], namespaces = ["shop"]"#;

const SECRETS: &str =
    r#"api_groups = [""], resources = ["secrets"], verbs = ["get"], namespaces = ["shop"]"#;

const WRITE_CLUSTERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["patch"], namespaces = ["shop"]"#;

const WRITE_SECRETS: &str = r#"api_groups = [""], resources = ["secrets"], verbs = ["create", "patch", "delete", "use"], namespaces = ["shop"]"#;

/// A cluster in which nothing is granted.
pub(crate) fn bare() -> Kit {
    Kit::from_manifests(&(crds_minimal() + FIXED))
}

/// Clusters and databases may be read, and no Secrets.
pub(crate) fn without_secrets() -> Kit {
    bare().grant(CLUSTERS)
}

/// Everything is granted that is read.
pub(crate) fn reading() -> Kit {
    without_secrets().grant(SECRETS)
}

/// The same, with an object of the test's own.
pub(crate) fn reading_with(object: &Value) -> Kit {
    let manifests = format!("{}{FIXED}---\n{object}\n", crds_minimal());
    Kit::from_manifests(&manifests)
        .grant(CLUSTERS)
        .grant(SECRETS)
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted() -> Kit {
    reading().grant(WRITE_CLUSTERS).grant(WRITE_SECRETS)
}

/// The same, with somebody who approves.
pub(crate) fn people() -> Kit {
    granted().approving()
}

/// Everything but reading Secrets.
pub(crate) fn blind() -> Kit {
    without_secrets().grant(WRITE_CLUSTERS).grant(WRITE_SECRETS)
}
