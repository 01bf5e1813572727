//! What a grant is: a part of the Kubernetes API, in the words of RBAC, that one plugin may use.
//!
//! Only what it says; how an operation is compared with it is the gate's. A grant adds and never takes away: there is
//! no rule that forbids, so the order of grants cannot matter.

use std::fmt;
use std::str::FromStr;

use super::glob::Glob;
use super::selector::LabelSelector;
use super::suggest::did_you_mean;

/// `[[plugins.KEY.grants]]`: one part of the Kubernetes API that the plugin may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Names of API groups; the core group is the empty text, `*` is every group. Never empty.
    pub api_groups: Vec<String>,
    /// Plurals, and subresources as `pods/log` or `*/status`. `*` is every resource but `secrets`, `configmaps` and any
    /// subresource. Never empty.
    pub resources: Vec<String>,
    /// Never empty.
    pub verbs: Vec<Verb>,
    /// Where the objects are.
    pub scope: GrantScope,
    /// Of the objects; empty means every name.
    pub names: Vec<Glob>,
    /// What the objects' labels must match; `None` means any labels.
    pub label_selector: Option<LabelSelector>,
    /// The most objects that one tool call may read by this grant; `None` is no bound of its own.
    pub max_objects: Option<u32>,
    /// Whether the values of Secrets are shown, and not only their keys and sizes.
    pub secret_values: bool,
}

/// Where the objects of a grant are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantScope {
    /// Objects that have no namespace: `scope = "cluster"`.
    Cluster,
    /// Objects in namespaces with these names. Never empty.
    Namespaces(Vec<Glob>),
}

/// What may be done with an object. This release reads only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Read one object by its name, or a container's log.
    Get,
    /// Read a collection.
    List,
    /// Follow an object as it changes.
    Watch,
}

/// Why a word is no verb of a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerbError {
    /// Kubernetes or kubectl has it, and it is not for reading.
    #[error("`{0}` does more than read, and this release grants reading only")]
    MoreThanReading(String),
    /// `*`, which would come to mean more with every release.
    #[error("`*` is not a verb: each verb is granted by its name")]
    Every,
    /// Kubernetes has no such verb.
    #[error("`{0}` is not a verb")]
    Unknown(String),
}

impl VerbError {
    /// Returns what to write in its place.
    pub fn fix(&self) -> String {
        let words = Verb::ALL.map(Verb::as_str);
        let hint = match self {
            Self::Unknown(word) => did_you_mean(word, words),
            Self::MoreThanReading(_) | Self::Every => String::new(),
        };
        format!("use one of {}{hint}", words.join(", "))
    }
}

/// What is not for reading, in RBAC's words and in kubectl's.
const MORE_THAN_READING: [&str; 14] = [
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "apply",
    "replace",
    "edit",
    "scale",
    "use",
    "bind",
    "escalate",
    "impersonate",
    "approve",
];

impl Verb {
    /// Every verb, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Get, Self::List, Self::Watch];

    /// Returns the verb as RBAC writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verb {
    type Err = VerbError;

    fn from_str(text: &str) -> Result<Self, VerbError> {
        match Self::ALL.into_iter().find(|verb| verb.as_str() == text) {
            Some(verb) => Ok(verb),
            None if text == "*" => Err(VerbError::Every),
            None if MORE_THAN_READING.contains(&text) => {
                Err(VerbError::MoreThanReading(text.to_owned()))
            }
            None => Err(VerbError::Unknown(text.to_owned())),
        }
    }
}
