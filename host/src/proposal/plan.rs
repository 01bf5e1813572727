//! What a plugin asks to change: the contract's `plan`, as the host keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Verb;

/// One object, by what RBAC judges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The core group is the empty string.
    pub group: String,
    /// None is the version that the cluster prefers.
    pub version: Option<String>,
    /// Plural.
    pub plural: String,
    /// None for an object of the cluster.
    pub namespace: Option<String>,
    /// Its `metadata.name`.
    pub name: String,
}

/// How a patch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatchKind {
    /// RFC 7386.
    Merge,
    /// RFC 6902.
    JsonPatch,
    /// Kubernetes' own.
    Strategic,
}

/// What becomes of the objects that an object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Propagation {
    /// They go after it.
    Background,
    /// They go before it.
    Foreground,
    /// They stay.
    Orphan,
}

/// A value that the host makes when it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// In the Secret's `data`.
    pub key: String,
    /// 16 to 128.
    pub characters: u8,
}

/// A value that must stand in an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Its path; with `[*]` it must be among the values there.
    pub at: String,
    /// The value; `null` where nothing may stand there, of a path without `[*]`.
    pub value: Value,
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Change {
    /// Creates an object that carries its own name.
    Create {
        /// As it is sent.
        object: Value,
    },
    /// Creates a Secret with values that the host makes.
    CreateSecret {
        /// Without the generated keys.
        object: Value,
        /// At least one.
        generate: Vec<Generated>,
    },
    /// Makes new values for keys of a Secret.
    RotateSecret {
        /// At least one.
        generate: Vec<Generated>,
    },
    /// Server-side apply.
    Apply {
        /// As it is sent.
        object: Value,
    },
    /// A patch.
    Patch {
        /// How `body` is written.
        how: PatchKind,
        /// As it is sent.
        body: Value,
        /// What the plugin computed it from.
        expected_version: Option<String>,
    },
    /// A merge patch of the subresource `status`.
    PatchStatus {
        /// Of what stands under `status`, as it is sent.
        body: Value,
        /// What must stand in the object for it; none in proposals of an earlier release.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        expected: Vec<Expected>,
    },
    /// A number of replicas.
    Scale {
        /// How many.
        replicas: u32,
    },
    /// The end of the object.
    Delete {
        /// What becomes of what it owns.
        propagation: Propagation,
    },
    /// Evicts a pod.
    Evict,
}

/// An ordered list of changes, as the plugin asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plugin's claim, in a line.
    pub summary: String,
    /// The caller's claim.
    pub reason: Option<String>,
    /// In order.
    pub changes: Vec<(Target, Change)>,
}

impl Change {
    /// Returns the change as it is sent, without what has to hold for it to be sent at all.
    pub(super) fn unconditional(&self) -> Self {
        let mut change = self.clone();
        match &mut change {
            Self::Patch {
                expected_version, ..
            } => *expected_version = None,
            Self::PatchStatus { expected, .. } => expected.clear(),
            Self::Create { .. }
            | Self::CreateSecret { .. }
            | Self::RotateSecret { .. }
            | Self::Apply { .. }
            | Self::Scale { .. }
            | Self::Delete { .. }
            | Self::Evict => {}
        }
        change
    }

    /// Returns the verb that a grant and a rule name for a change of an object that is there, or is not, and the subresource with
    /// its stroke: empty where it is the object itself.
    pub(crate) fn verb(&self, exists: bool) -> (Verb, &'static str) {
        match self {
            Self::Create { .. } | Self::CreateSecret { .. } => (Verb::Create, ""),
            Self::Apply { .. } if !exists => (Verb::Create, ""),
            Self::Apply { .. } | Self::Patch { .. } | Self::RotateSecret { .. } => {
                (Verb::Patch, "")
            }
            Self::PatchStatus { .. } => (Verb::Patch, "/status"),
            Self::Scale { .. } => (Verb::Patch, "/scale"),
            Self::Delete { .. } => (Verb::Delete, ""),
            Self::Evict => (Verb::Create, "/eviction"),
        }
    }

    /// Whether it leaves no object behind.
    pub(crate) fn ends(&self) -> bool {
        match self {
            Self::Delete { .. } | Self::Evict => true,
            Self::Create { .. }
            | Self::CreateSecret { .. }
            | Self::RotateSecret { .. }
            | Self::Apply { .. }
            | Self::Patch { .. }
            | Self::PatchStatus { .. }
            | Self::Scale { .. } => false,
        }
    }

    /// Whether the host makes values for it.
    pub(crate) fn generates(&self) -> bool {
        match self {
            Self::CreateSecret { .. } | Self::RotateSecret { .. } => true,
            Self::Create { .. }
            | Self::Apply { .. }
            | Self::Patch { .. }
            | Self::PatchStatus { .. }
            | Self::Scale { .. }
            | Self::Delete { .. }
            | Self::Evict => false,
        }
    }
}

impl fmt::Display for Target {
    /// As `kubectl` writes it: `deployments.apps/web in namespace shop`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plural)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        write!(f, "/{}", self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, " in namespace {namespace}"),
            None => f.write_str(" of the cluster"),
        }
    }
}
