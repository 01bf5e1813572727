//! What a person decides on, in plain data: a plan after its dry run, bound to where it came from.
//!
//! Everything here is written into the store and hashed by [`Proposal::digest`]: a decision is about that digest, so nothing
//! of it can be exchanged afterwards. It holds what will be sent verbatim, and of what was observed only masked text.

mod decision;
mod effect;
mod moment;
mod plan;
mod way_back;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use decision::{Channel, Decision, Verdict};
pub(crate) use effect::{same_effect, unlike};
pub use plan::{Change, Expected, Generated, PatchKind, Plan, Propagation, Target};
pub(crate) use way_back::way_back;

use crate::diff::Line;
use crate::digest::digest_of;

/// A time: milliseconds since 1970 in UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Moment(pub u64);

/// How much is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing in the policy speaks against it.
    Low,
    /// Worth a look.
    Medium,
    /// Runs code, gives power or loses data: approved at the console alone.
    High,
    /// Cannot be approved.
    Blocked,
}

/// One reason for a risk, in a sentence for the person who decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// How grave.
    pub risk: Risk,
    /// Where in the object; none where it is about the object as a whole.
    pub path: Option<String>,
    /// A sentence without its full stop.
    pub say: String,
}

/// Where a change stands. The contract's `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has decided.
    Proposed,
    /// Approved, and not applied yet.
    Approved,
    /// A person said no.
    Declined,
    /// Too old, or replaced by another proposal of the same call.
    Expired,
    /// Claimed, and under way.
    Applying,
    /// All of it, as it was shown.
    Applied,
    /// All of it, but what came out is not what was shown.
    Differs,
    /// Some of it.
    Partial,
    /// None of it.
    Failed,
    /// The host ended or lost the server before it knew.
    Unknown,
    /// Applied, and taken back by a later change.
    RolledBack,
}

/// Which cluster: it must be the same one when the plan is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterIdentity {
    /// The kubeconfig's context, or `in-cluster`.
    pub context: String,
    /// The API server's address, without a password.
    pub server: String,
    /// The `kube-system` namespace's uid, which no two clusters share.
    pub uid: String,
    /// SHA-256 of the certificate authority in hex; empty where the system's are used.
    pub ca: String,
    /// As whom the host acts there, as the server itself says.
    pub user: String,
}

/// Which plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginIdentity {
    /// Its key in the configuration.
    pub key: String,
    /// As its manifest says.
    pub version: String,
    /// SHA-256 of the component in hex.
    pub digest: String,
}

/// What a proposal is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Where it is applied.
    pub cluster: ClusterIdentity,
    /// Who asked: `uid 1000` over stdio.
    pub caller: String,
    /// The client as it calls itself. Shown, never trusted, and no part of [`Binding::key`].
    pub client: Option<String>,
    /// Whose plan it is.
    pub plugin: PluginIdentity,
    /// Of which tool.
    pub tool: String,
    /// SHA-256 of the canonical arguments in hex.
    pub arguments_digest: String,
    /// The arguments, redacted: for showing.
    pub arguments: Value,
    /// Which prepare of the call this is, from 0.
    pub ordinal: u32,
    /// SHA-256 of the configuration in hex.
    pub config: String,
    /// SHA-256 of the policy in hex.
    pub policy: String,
}

/// One change with what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is sent, verbatim.
    pub change: Change,
    /// On which object.
    pub target: Target,
    /// `create`, `apply`, `patch`, `rotate`, `scale`, `delete` or `evict`.
    pub action: String,
    /// Of the observed object; none where there was none.
    pub uid: Option<String>,
    /// Of the observed object; none where there was none, or it is made by an earlier step.
    pub resource_version: Option<String>,
    /// What changes, sorted by path. Observed secrets are masked as length and keyed hash.
    pub diff: Vec<Line>,
    /// Why the risk is what it is, the gravest first.
    pub reasons: Vec<Reason>,
    /// The server's own, and the host's.
    pub warnings: Vec<String>,
    /// The earlier step (from 0) that the preview hangs on, where the server could not run it dry.
    pub after: Option<usize>,
    /// Which list items the changed paths lead through, sorted: `spec.containers[0] is web`. An index alone names no item.
    #[serde(default)]
    pub items: Vec<String>,
    /// What the collector deletes with the object, as `pods/web-0`.
    #[serde(default)]
    pub dependents: Vec<String>,
    /// The diff as a model may read it.
    #[serde(default)]
    pub for_model: String,
}

/// A plan after its dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// `c-` and ten letters and digits: names it to people and to the host's tools.
    pub id: String,
    /// Names it to the plugin. It approves nothing.
    pub token: String,
    /// What it is bound to.
    pub binding: Binding,
    /// When it was made.
    pub created: Moment,
    /// When it can no longer be decided on.
    pub expires: Moment,
    /// The plugin's claim, in a line.
    pub summary: String,
    /// The caller's claim.
    pub reason: Option<String>,
    /// In order; never empty.
    pub steps: Vec<Step>,
    /// About the plan as a whole.
    pub warnings: Vec<String>,
    /// The change that it takes back.
    pub rollback_of: Option<String>,
}

impl Moment {
    /// Returns the later time; saturates.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// Returns how much later this is than `earlier`; zero where it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Blocked => "blocked",
        })
    }
}

impl State {
    /// Returns the word that people and models read: `rolled-back`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Differs => "differs",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::RolledBack => "rolled-back",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Step {
    /// Returns the risk of this step.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.reasons
            .iter()
            .map(|reason| reason.risk)
            .max()
            .unwrap_or(Risk::Low)
    }
}

impl Binding {
    /// Returns what the same call finds its open proposal by, in hex: all that it is bound to but the client's own name.
    #[must_use]
    pub fn key(&self) -> String {
        let mut bound = self.clone();
        bound.client = None;
        digest_of(&bound)
    }
}

impl Proposal {
    /// Returns the risk of the whole plan.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.steps.iter().map(Step::risk).max().unwrap_or(Risk::Low)
    }

    /// Returns SHA-256 over everything in it, in hex: what a decision is about.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of(self)
    }

    /// Returns SHA-256 over the changes and what they are about, in hex: whether two proposals are about the same plan.
    #[must_use]
    pub fn plan_digest(&self) -> String {
        let steps = self.steps.iter();
        let changes: Vec<(&Target, &Change)> =
            steps.map(|step| (&step.target, &step.change)).collect();
        digest_of(&changes)
    }

    /// The same without what must still stand for them: whether two proposals would send the same.
    #[must_use]
    pub fn sent_digest(&self) -> String {
        let steps = self.steps.iter();
        let changes: Vec<(&Target, Change)> = steps
            .map(|step| (&step.target, step.change.unconditional()))
            .collect();
        digest_of(&changes)
    }
}
