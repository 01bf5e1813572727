//! `[approval]`: who may decide on a change, and over which channel a person is asked.
//!
//! Only what it says; which rule counts is [`ApprovalConfig::rule`], and what no rule can lower is the host's policy, elsewhere.
//! An approver is a public key: nothing in this file, nor in a plugin's hands, can make a decision.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::glob::{Glob, GlobError};
use super::grant::Verb;

/// `[approval]`: who decides, and how they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalConfig {
    /// Whose decisions at the console count. Empty: the channel is off.
    pub approvers: Vec<Approver>,
    /// The first that matches says the channel; where none does, it is the console.
    pub rules: Vec<ApprovalRule>,
    /// How long a call waits for a decision before it ends with what to do.
    pub wait: Duration,
}

impl Default for ApprovalConfig {
    fn default() -> Self {
        Self {
            approvers: Vec::new(),
            rules: Vec::new(),
            wait: Duration::from_secs(45),
        }
    }
}

/// A person whose signature is a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// What they are called in the audit; not empty, and no other has it.
    pub name: String,
    /// Their Ed25519 public key.
    pub key: [u8; 32],
}

/// `[[approval.rules]]`: over which channel some changes are decided. Every list that is empty means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRule {
    /// Keys of plugins.
    pub plugins: Vec<Glob>,
    /// The plugin's own names of its tools, without a prefix.
    pub tools: Vec<Glob>,
    /// Of `create`, `patch` and `delete`.
    pub verbs: Vec<Verb>,
    /// What is changed.
    pub resources: Vec<ResourcePattern>,
    /// Where; a list that is not empty matches no object of the cluster.
    pub namespaces: Vec<Glob>,
    /// How much is at stake.
    pub risk: Vec<RiskLevel>,
    /// Over what a person decides.
    pub channel: Channel,
}

/// How much is at stake in a change that can be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// Nothing in the policy speaks against it.
    Low,
    /// Worth a look.
    Medium,
    /// Runs code, gives power or loses data.
    High,
}

/// Over what a change is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A person at a terminal, with the approver's key.
    Console,
    /// The person at the client, who is asked by it.
    Elicitation,
    /// Nobody is asked.
    Auto,
    /// It cannot be approved.
    Refuse,
}

/// What one change is, as far as a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeFacts<'a> {
    /// The plugin's key.
    pub plugin: &'a str,
    /// The tool's own name.
    pub tool: &'a str,
    /// As a grant names it: a scale is `patch`, an eviction `create`.
    pub verb: Verb,
    /// The API group; the core group is the empty text.
    pub group: &'a str,
    /// With its subresource: `deployments/scale`, `pods/eviction`.
    pub plural: &'a str,
    /// None for an object of the cluster.
    pub namespace: Option<&'a str>,
    /// As the policy judged it.
    pub risk: RiskLevel,
}

impl ApprovalConfig {
    /// Returns the first rule that matches; `None` means the console.
    pub fn rule(&self, change: &ChangeFacts<'_>) -> Option<&ApprovalRule> {
        self.rules.iter().find(|rule| rule.matches(change))
    }
}

impl ApprovalRule {
    /// Whether each of its lists has something that fits the change.
    pub fn matches(&self, change: &ChangeFacts<'_>) -> bool {
        let any = |globs: &[Glob], text: &str| {
            globs.is_empty() || globs.iter().any(|glob| glob.matches(text))
        };
        any(&self.plugins, change.plugin)
            && any(&self.tools, change.tool)
            && (self.verbs.is_empty() || self.verbs.contains(&change.verb))
            && (self.resources.is_empty()
                || self
                    .resources
                    .iter()
                    .any(|pattern| pattern.matches(change.group, change.plural)))
            && match change.namespace {
                Some(namespace) => any(&self.namespaces, namespace),
                None => self.namespaces.is_empty(),
            }
            && (self.risk.is_empty() || self.risk.contains(&change.risk))
    }
}

/// A pattern over resources: `pods`, `deployments.apps`, `*.example.com`, `deployments/scale`. One without a group matches the
/// plural in every group; one without a subresource matches none, but `*` alone, which is everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePattern {
    resource: Glob,
    subresource: Option<String>,
}

impl ResourcePattern {
    /// Whether it matches everything.
    pub fn is_all(&self) -> bool {
        self.resource.is_all() && self.subresource.is_none()
    }

    /// Whether it matches a plural, which may have a subresource, of a group.
    pub fn matches(&self, group: &str, plural: &str) -> bool {
        let (plural, subresource) = match plural.split_once('/') {
            Some((plural, subresource)) => (plural, Some(subresource)),
            None => (plural, None),
        };
        self.is_all()
            || (self.subresource.as_deref() == subresource
                && (self.resource.matches(plural)
                    || (!group.is_empty() && self.resource.matches(&format!("{plural}.{group}")))))
    }
}

impl fmt::Display for ResourcePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subresource {
            Some(subresource) => write!(f, "{}/{subresource}", self.resource),
            None => write!(f, "{}", self.resource),
        }
    }
}

impl FromStr for ResourcePattern {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        let (resource, subresource) = match text.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource)),
            None => (text, None),
        };
        if let Some(wrong) = subresource
            && (wrong.is_empty() || wrong.contains(|c: char| !c.is_ascii_lowercase()))
        {
            return Err(GlobError::Character(text.to_owned(), '/'));
        }
        Ok(Self {
            resource: resource.parse()?,
            subresource: subresource.map(str::to_owned),
        })
    }
}

impl RiskLevel {
    /// Every level, from the least.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Channel {
    /// Every channel, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Console, Self::Elicitation, Self::Auto, Self::Refuse];

    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Elicitation => "elicitation",
            Self::Auto => "auto",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for RiskLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{ApprovalConfig, ApprovalRule, ChangeFacts, Channel, ResourcePattern, RiskLevel};
    use crate::config::Verb;

    fn pattern(text: &str) -> ResourcePattern {
        text.parse().unwrap()
    }

    fn rule(channel: Channel) -> ApprovalRule {
        ApprovalRule {
            plugins: Vec::new(),
            tools: Vec::new(),
            verbs: Vec::new(),
            resources: Vec::new(),
            namespaces: Vec::new(),
            risk: Vec::new(),
            channel,
        }
    }

    const SCALE: ChangeFacts<'static> = ChangeFacts {
        plugin: "generic",
        tool: "k8s_scale",
        verb: Verb::Patch,
        group: "apps",
        plural: "deployments/scale",
        namespace: Some("shop"),
        risk: RiskLevel::Low,
    };

    #[test]
    fn a_resource_is_named_with_or_without_its_group_and_its_subresource_by_name() {
        assert!(pattern("deployments").matches("apps", "deployments"));
        assert!(pattern("deployments.apps").matches("apps", "deployments"));
        assert!(pattern("*.apps").matches("apps", "deployments"));
        assert!(!pattern("*.apps").matches("", "pods"));
        assert!(!pattern("deployments").matches("apps", "deployments/scale"));
        assert!(pattern("deployments/scale").matches("apps", "deployments/scale"));
        assert!(pattern("deployments.apps/scale").matches("apps", "deployments/scale"));
        assert!(!pattern("pods/eviction").matches("", "pods"));
        assert!(pattern("*").matches("", "pods/eviction"));
        assert!(!pattern("*/scale").matches("", "pods/eviction"));
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let narrow = ApprovalRule {
            namespaces: vec!["sh*".parse().unwrap()],
            resources: vec![pattern("*/scale")],
            verbs: vec![Verb::Patch],
            risk: vec![RiskLevel::Low],
            ..rule(Channel::Elicitation)
        };
        let config = ApprovalConfig {
            rules: vec![narrow, rule(Channel::Refuse)],
            ..ApprovalConfig::default()
        };
        let channel = |change: ChangeFacts<'_>| config.rule(&change).map(|rule| rule.channel);
        assert_eq!(channel(SCALE), Some(Channel::Elicitation));
        let others = [
            ChangeFacts {
                namespace: Some("bank"),
                ..SCALE
            },
            ChangeFacts {
                namespace: None,
                ..SCALE
            },
            ChangeFacts {
                risk: RiskLevel::High,
                ..SCALE
            },
            ChangeFacts {
                verb: Verb::Delete,
                ..SCALE
            },
            ChangeFacts {
                plural: "deployments",
                ..SCALE
            },
        ];
        for other in others {
            assert_eq!(channel(other), Some(Channel::Refuse), "{other:?}");
        }
        assert_eq!(ApprovalConfig::default().rule(&SCALE), None);
    }
}
