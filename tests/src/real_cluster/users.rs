//! Who may use the real API server, and for what. Tokens are plain words: the server listens on loopback and lives for a test run.

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
    /// The controller manager, so that its requests are not taken for a test's.
    ControllerManager,
}

impl User {
    pub(super) const ALL: [Self; 4] = [
        Self::Admin,
        Self::Reader,
        Self::Nobody,
        Self::ControllerManager,
    ];

    /// As it stands in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
            Self::Nobody => "nobody",
            Self::ControllerManager => "controller-manager",
        }
    }

    /// The bearer token.
    #[must_use]
    pub fn token(self) -> String {
        format!("{}-token", self.name())
    }

    fn group(self) -> &'static str {
        match self {
            Self::Admin | Self::ControllerManager => "system:masters",
            Self::Reader | Self::Nobody => "people",
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
        "clusters": [{"name": "real", "cluster": {"server": url, "certificate-authority-data": base64(ca_pem.as_bytes())}}],
        "users": [{"name": user.name(), "user": {"token": user.token()}}],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": user.name(), "namespace": "default"}}],
        "current-context": "real",
    })
    .to_string()
}

/// Kubeconfigs hold certificates in base64; a crate for this one use would cost more than it says.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = [0, 1, 2].map(|index| u32::from(chunk.get(index).copied().unwrap_or(0)));
        let bits = group[0] << 16 | group[1] << 8 | group[2];
        for position in 0..4_usize {
            let digit = (bits >> (18 - 6 * position)) & 63;
            let padding = position > chunk.len();
            text.push(if padding {
                '='
            } else {
                char::from(DIGITS[digit as usize])
            });
        }
    }
    text
}

/// The reader's rights, and the namespace that they are over.
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
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_the_standard_says() {
        let encoded = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
