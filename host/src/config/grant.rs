//! What a grant is: a part of the Kubernetes API, in the words of RBAC, that one plugin may use.
//!
//! Only what it says; how an operation is compared with it is the gate's. A grant adds and never takes away: there is
//! no rule that forbids, so the order of grants cannot matter.

use std::fmt;
use std::str::FromStr;

use super::field::FieldPattern;
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
    /// The paths that a create, an apply or a patch may set; empty means every field.
    pub fields: Vec<FieldPattern>,
    /// The most objects that one tool call may read and change by this grant; `None` is no bound of its own.
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

/// What may be done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Read one object by its name, or a container's log.
    Get,
    /// Read a collection.
    List,
    /// Follow an object as it changes.
    Watch,
    /// Propose a new object, or a pod's eviction.
    Create,
    /// Propose other values for some fields of an object, or another scale.
    Patch,
    /// Propose the end of an object.
    Delete,
    /// Propose objects that refer to it: a Secret that a container reads, a service account that a pod runs as. It shows nothing.
    Use,
}

/// Why a word is no verb of a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerbError {
    /// Kubernetes or kubectl has it, and another verb stands for it here.
    #[error("`{word}` is not granted: {reason}")]
    Other {
        /// As it was written.
        word: String,
        /// What Bulkhead does in its place.
        reason: &'static str,
        /// What to write in its place.
        fix: &'static str,
    },
    /// Kubernetes has it, and nothing in the contract needs it.
    #[error("`{0}` cannot be granted: nothing that a plugin can ask for needs it")]
    OutOfReach(String),
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
        let one_of = |hint: &str| format!("use one of {}{hint}", words.join(", "));
        match self {
            Self::Other { fix, .. } => (*fix).to_owned(),
            Self::Unknown(word) => one_of(&did_you_mean(word, words)),
            Self::OutOfReach(_) | Self::Every => one_of(""),
        }
    }

    /// Names what is wrong with a word that is no verb.
    fn of(text: &str) -> Self {
        const GRANT_PATCH: &str = "grant patch";
        let word = text.to_owned();
        let (reason, fix) = match text {
            "*" => return Self::Every,
            "update" | "replace" | "edit" => ("Bulkhead patches", GRANT_PATCH),
            "apply" => (
                "to apply is to patch, and to create what is not there",
                "grant patch, and create where new objects may be applied",
            ),
            "scale" => (
                "to scale is to patch the subresource `scale`",
                "grant patch on a resource such as deployments/scale",
            ),
            "evict" => (
                "to evict is to create the subresource `eviction`",
                "grant create on pods/eviction",
            ),
            "deletecollection" => (
                "Bulkhead deletes objects one by one, each by its name",
                "grant delete",
            ),
            "bind" | "escalate" | "impersonate" | "approve" | "sign" | "attest" | "proxy" => {
                return Self::OutOfReach(word);
            }
            _ => return Self::Unknown(word),
        };
        Self::Other { word, reason, fix }
    }
}

impl Verb {
    /// Every verb, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::List,
        Self::Watch,
        Self::Create,
        Self::Patch,
        Self::Delete,
        Self::Use,
    ];

    /// Whether it is for changing the cluster, which takes an approved proposal.
    pub const fn changes(self) -> bool {
        match self {
            Self::Create | Self::Patch | Self::Delete => true,
            Self::Get | Self::List | Self::Watch | Self::Use => false,
        }
    }

    /// Whether anything can be done by this verb with a resource, which may be a subresource: these take few.
    pub fn reaches(self, plural: &str) -> bool {
        match plural.split_once('/').map(|(_, subresource)| subresource) {
            None => true,
            Some("scale" | "status") => matches!(self, Self::Get | Self::Patch),
            Some("eviction") => self == Self::Create,
            Some(_) => self == Self::Get,
        }
    }

    /// Returns the verb as RBAC writes it; `use` is Bulkhead's own for most resources.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Use => "use",
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
        let known = Self::ALL.into_iter().find(|verb| verb.as_str() == text);
        known.ok_or_else(|| VerbError::of(text))
    }
}
