//! The Secret with a role's password: whose it is, and whether it has what the operator reads. Never what it holds.

use crate::cluster::Cluster;
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

    /// Says whose it is, for a role of a cluster. An owner counts more than labels: what it makes may carry any.
    pub(crate) fn owner(&self, cluster: &Cluster, role: &str) -> Owner {
        if let Some(owner) = self.row.texts(2).first() {
            return Owner::Other(format!("it is owned by `{owner}`"));
        }
        let mut roles = cluster.roles();
        let other = roles.find(|other| {
            other.text("/passwordSecret/name") == self.name && other.text("/name") != role
        });
        if let Some(other) = other {
            let other = other.text("/name");
            return Owner::Other(format!("role `{other}` has its password from it too"));
        }
        let mut is_own = true;
        for (label, own) in [(CLUSTER_LABEL, cluster.name()), (ROLE_LABEL, role)] {
            let said = self.label(label);
            if !said.is_empty() && said != own {
                return Owner::Other(format!("its label {label} is `{said}`"));
            }
            is_own &= said == own;
        }
        if is_own { Owner::Role } else { Owner::Nobody }
    }

    /// Returns the keys that the operator reads and that are not there. Where one is missing it manages no role of the cluster at all
    /// (`getPasswordSecretResourceVersion`, `internal/management/controller/roles/runnable.go`).
    pub(crate) fn missing_keys(&self) -> Vec<&'static str> {
        let keys = USERNAME_AND_PASSWORD.into_iter();
        keys.filter(|key| self.row.value(1).get(key).is_none())
            .collect()
    }

    /// Whether the operator looks at it as soon as it changes.
    pub(crate) fn is_watched(&self) -> bool {
        !self.label(RELOAD_LABEL).is_empty()
    }

    /// Has the host make a new password in it, for a role that names it or is to.
    ///
    /// # Errors
    /// `Conflict` where it is not the role's to change, or where the operator could not read what came out.
    pub(crate) fn rotate(
        &self,
        place: &Place,
        cluster: &Cluster,
        role: &str,
        is_named: bool,
    ) -> Result<Change, Failure> {
        let why = match self.owner(cluster, role) {
            Owner::Other(why) => format!("belongs to something else: {why}"),
            Owner::Nobody if !is_named => {
                "belongs to something else: it has none of the labels of a role's Secret".to_owned()
            }
            Owner::Role | Owner::Nobody if self.row.flag(3) == Some(true) => {
                "is immutable".to_owned()
            }
            // A missing password is what comes into it.
            Owner::Role | Owner::Nobody if self.missing_keys().contains(&"username") => {
                "has no key `username`, without which the operator manages no role of the cluster"
                    .to_owned()
            }
            Owner::Role | Owner::Nobody => {
                let target = target(place, &self.name);
                return Ok(Change::rotate_secret(target, generated()));
            }
        };
        Err(Failure::Conflict(format!(
            "no password is made: Secret `{}` {} {why}",
            self.name, place.words
        ))
        .next_step("have a person change that Secret where it comes from, or delete it where nothing uses it; then call again"))
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
