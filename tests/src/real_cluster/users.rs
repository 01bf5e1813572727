//! Who may use the real API server, and for what. Tokens are plain words: the server listens on loopback and lives for a test run.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

/// A user of the real API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// May do everything.
    Admin,
    /// May get, list and watch workloads, services, events and logs in namespace `shop`, and nothing else.
    Reader,
    /// Is known and may do nothing but discover.
    Nobody,
    /// `rbac-user` in the group `bulkhead-test`. It may do nothing but discover until a test binds rights to either: on a
    /// cluster of its own, since the user is one for all tests.
    Rbac,
    /// May act as every user, group and service account, and may do nothing under its own name.
    Impersonator,
    /// kube-controller-manager. The cluster's programs have users, so that their requests are not taken for a test's.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
    /// kwok.
    Kwok,
}

impl User {
    pub(super) const ALL: [Self; 8] = [
        Self::Admin,
        Self::Reader,
        Self::Nobody,
        Self::Rbac,
        Self::Impersonator,
        Self::ControllerManager,
        Self::Scheduler,
        Self::Kwok,
    ];

    /// As it stands in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
            Self::Nobody => "nobody",
            Self::Rbac => "rbac-user",
            Self::Impersonator => "impersonator",
            Self::ControllerManager => "controller-manager",
            Self::Scheduler => "scheduler",
            Self::Kwok => "kwok",
        }
    }

    /// The bearer token.
    #[must_use]
    pub fn token(self) -> String {
        format!("{}-token", self.name())
    }

    fn group(self) -> &'static str {
        match self {
            Self::Admin | Self::ControllerManager | Self::Scheduler | Self::Kwok => {
                "system:masters"
            }
            Self::Reader | Self::Nobody | Self::Impersonator => "people",
            Self::Rbac => "bulkhead-test",
        }
    }
}

/// For `--token-auth-file`: token, name, uid, groups.
pub(super) fn token_file() -> String {
    User::ALL
        .map(|user| {
            format!(
                "{},{name},{name},\"{}\"\n",
                user.token(),
                user.group(),
                name = user.name()
            )
        })
        .concat()
}

/// A kubeconfig, as JSON, which is YAML too.
pub(super) fn kubeconfig(user: User, url: &str, ca_pem: &str) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "real", "cluster": {"server": url, "certificate-authority-data": STANDARD.encode(ca_pem)}}],
        "users": [{"name": user.name(), "user": {"token": user.token()}}],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": user.name(), "namespace": "default"}}],
        "current-context": "real",
    })
    .to_string()
}

/// The reader's rights with the namespace that they are over, and the impersonator's.
pub(super) const RIGHTS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
  - apiGroups: ['', apps, batch]
    resources: [pods, pods/log, services, events, deployments, replicasets, statefulsets, daemonsets, jobs, cronjobs]
    verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: impersonator}
rules:
  - apiGroups: ['']
    resources: [users, groups, serviceaccounts]
    verbs: [impersonate]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: impersonator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: impersonator}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: impersonator}]
";
