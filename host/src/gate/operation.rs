//! What a plugin asks to do, in plain data: every field that the decision needs, and nothing else.

use std::fmt;

use crate::config::Verb;
use crate::proposal::Target;

/// A type of the API as RBAC names it: without a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// The core group is the empty string.
    pub group: String,
    /// Plural, with a subresource after a slash: `pods/log`.
    pub plural: String,
}

impl Resource {
    /// Names a resource type.
    pub fn new(group: impl Into<String>, plural: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            plural: plural.into(),
        }
    }
}

impl fmt::Display for Resource {
    /// As `kubectl` writes it: `pods`, `deployments.apps`, `pods/log`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            f.write_str(&self.plural)
        } else {
            write!(f, "{}.{}", self.plural, self.group)
        }
    }
}

/// Where an operation looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// A type whose objects have no namespace.
    Cluster,
    /// Every namespace.
    AllNamespaces,
    /// One namespace.
    Namespace(String),
}

impl Reach {
    /// Returns where a target is.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        target
            .namespace
            .clone()
            .map_or(Self::Cluster, Self::Namespace)
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("in the cluster"),
            Self::AllNamespaces => f.write_str("in all namespaces"),
            Self::Namespace(name) => write!(f, "in namespace `{name}`"),
        }
    }
}

/// One thing that a host call would do. [`Operation::demand`] matches exhaustively: a new variant does not compile before it is
/// said what a grant must cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Reads one object.
    Get {
        /// Of which type.
        resource: Resource,
        /// Where.
        reach: Reach,
        /// Which.
        name: String,
    },
    /// Reads objects, or counts them.
    List {
        /// Of which type.
        resource: Resource,
        /// Where.
        reach: Reach,
        /// The one name that a field selector leaves, if any.
        name: Option<String>,
    },
    /// Waits for a state of one object.
    Watch {
        /// Of which type.
        resource: Resource,
        /// Where.
        reach: Reach,
        /// Which.
        name: String,
    },
    /// Reads the log of a pod's container.
    Logs {
        /// The pod's namespace.
        namespace: String,
        /// The pod's name.
        pod: String,
    },
    /// Changes one object, or names it in another: both only inside a plan.
    Change {
        /// `create`, `patch`, `delete` or `use`.
        verb: Verb,
        /// Of which type, with a subresource where that is what changes.
        resource: Resource,
        /// Where.
        reach: Reach,
        /// Which.
        name: String,
    },
    /// Reads what types the cluster serves, and their documentation.
    Discover,
    /// Asks the API server whether it would allow something.
    Review,
}

impl Operation {
    /// Returns what a grant must cover; none where any grant at all is enough, because the answer tells of no object.
    #[must_use]
    pub fn demand(&self) -> Option<Demand> {
        let demand = match self {
            Self::Get {
                resource,
                reach,
                name,
            } => Demand {
                verb: Verb::Get,
                resource: resource.clone(),
                reach: reach.clone(),
                name: Some(name.clone()),
            },
            Self::List {
                resource,
                reach,
                name,
            } => Demand {
                verb: Verb::List,
                resource: resource.clone(),
                reach: reach.clone(),
                name: name.clone(),
            },
            Self::Watch {
                resource,
                reach,
                name,
            } => Demand {
                verb: Verb::Watch,
                resource: resource.clone(),
                reach: reach.clone(),
                name: Some(name.clone()),
            },
            Self::Logs { namespace, pod } => Demand {
                verb: Verb::Get,
                resource: Resource::new("", "pods/log"),
                reach: Reach::Namespace(namespace.clone()),
                name: Some(pod.clone()),
            },
            Self::Change {
                verb,
                resource,
                reach,
                name,
            } => Demand {
                verb: *verb,
                resource: resource.clone(),
                reach: reach.clone(),
                name: Some(name.clone()),
            },
            Self::Discover | Self::Review => return None,
        };
        Some(demand)
    }
}

/// What a grant must cover for an operation to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// In RBAC's words.
    pub verb: Verb,
    /// Of which type.
    pub resource: Resource,
    /// Where.
    pub reach: Reach,
    /// None for all objects in reach.
    pub name: Option<String>,
}

impl fmt::Display for Demand {
    /// Fits behind "may not": ``get `pods` named `web-0` in namespace `shop` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(
                f,
                "{} `{}` named `{name}` {}",
                self.verb, self.resource, self.reach
            ),
            None => write!(f, "{} `{}` {}", self.verb, self.resource, self.reach),
        }
    }
}
