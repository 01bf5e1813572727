//! The Secret with a role's password: whose it is, and whether it has what the operator reads. Never what it holds.

use crate::kinds::{CLUSTER_LABEL, core};
use bulkhead_plugin_sdk::changes::{Change, Generated};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Place, Row};
use serde_json::{Value, json};

/// The label with the role's name, of the Secrets that the tools make.
const ROLE_LABEL: &str = "cnpg.io/role";

/// The label by which the operator looks at a Secret again when it changes (`WatchedLabelName`, `pkg/utils/labels_annotations.go`).
const RELOAD_LABEL: &str = "cnpg.io/reload";

/// The keys that the operator reads (`GetUserPasswordFromSecret`, `pkg/utils`). The user's name has to be that of the role.
const USERNAME_AND_PASSWORD: [&str; 2] = ["username", "password"];

/// The password's length. Letters and digits: 190 bits.
const CHARACTERS: u8 = 32;

const PATHS: [&str; 4] = [
    "metadata.labels",
    "data",
    "metadata.ownerReferences[*].name",
    "immutable",
];

/// A Secret as far as it may be known.
pub(crate) struct RoleSecret {
    name: String,
    row: Row,
}

/// Whose a Secret is, as far as it says so.
pub(crate) enum Owner {
    /// The role's: its labels say so.
    Role,
    /// It does not say: a person made it.
    Nobody,
    /// Something else's: what, in words.
    Other(String),
}

impl RoleSecret {
    /// Reads which keys and labels a Secret has; none where there is no such Secret.
    ///
    /// # Errors
    /// `Denied`, and as [`kubernetes::get`].
    pub(crate) fn read(place: &Place, name: &str) -> Result<Option<Self>, Failure> {
        let object = target(place, name);
        match kubernetes::get_fields::<Value>(&object, &PATHS) {
            Ok(values) => Ok(Some(Self {
                name: name.to_owned(),
                row: Row::of(values),
            })),
            Err(Failure::NotFound(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn label(&self, label: &str) -> &str {
        let labels = self.row.value(0);
        labels
            .get(label)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Says whose it is, for a role of a cluster.
    pub(crate) fn owner(&self, cluster: &str, role: &str) -> Owner {
        let (of_cluster, of_role) = (self.label(CLUSTER_LABEL), self.label(ROLE_LABEL));
        if of_cluster == cluster && of_role == role {
            return Owner::Role;
        }
        if let Some(owner) = self.row.texts(2).first() {
            return Owner::Other(format!("it is owned by `{owner}`"));
        }
        let labels = [
            (CLUSTER_LABEL, of_cluster, cluster),
            (ROLE_LABEL, of_role, role),
        ];
        let mut said = labels.iter();
        let other = said.find(|(_, value, own)| !value.is_empty() && value != own);
        other.map_or(Owner::Nobody, |(label, value, _)| {
            Owner::Other(format!("its label {label} is `{value}`"))
        })
    }

    /// Returns the keys that the operator reads and that are not there. Where one is missing it manages no role of the cluster at all
    /// (`getPasswordSecretResourceVersion`, `internal/management/controller/roles/runnable.go`).
    pub(crate) fn missing_keys(&self) -> Vec<&'static str> {
        let keys = USERNAME_AND_PASSWORD.into_iter();
        keys.filter(|key| self.row.value(1).get(key).is_none())
            .collect()
    }

    /// Whether its values cannot be changed.
    pub(crate) fn is_immutable(&self) -> bool {
        self.row.flag(3) == Some(true)
    }

    /// Whether the operator looks at it as soon as it changes.
    pub(crate) fn is_watched(&self) -> bool {
        !self.label(RELOAD_LABEL).is_empty()
    }

    /// Has the host make a new password.
    pub(crate) fn rotate(&self, place: &Place) -> Change {
        Change::rotate_secret(target(place, &self.name), generated())
    }
}

/// Names a Secret to the host.
pub(crate) fn target(place: &Place, name: &str) -> ObjectRef {
    ObjectRef::in_namespace(core("secrets"), &place.namespace, name)
}

/// Makes the Secret of a role, with a password that the host makes.
pub(crate) fn create(place: &Place, name: &str, cluster: &str, role: &str) -> Change {
    let object = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/basic-auth",
        "metadata": {
            "name": name, "namespace": place.namespace,
            "labels": { CLUSTER_LABEL: cluster, ROLE_LABEL: role, RELOAD_LABEL: "true" },
        },
        "stringData": { "username": role },
    });
    Change::create_secret(&object, generated())
}

fn generated() -> Vec<Generated> {
    vec![Generated {
        key: "password".to_owned(),
        characters: CHARACTERS,
    }]
}
