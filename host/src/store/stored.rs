//! What the store gives and takes, in plain data.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Columns;
use crate::proposal::{Decision, Moment, Proposal, State, Target};

/// How much may be open at once, and how soon it may be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Open proposals of one caller and plugin.
    pub max_open: u32,
    /// How long a declined plan is refused.
    pub decline_pause: Duration,
    /// What is forgotten now and then.
    pub keep: Keep,
}

/// A proposal that is in the store now.
#[derive(Debug)]
pub enum Proposed {
    /// It was not there.
    New(Box<Stored>),
    /// The same call proposed the same before; this is that one, with its own id, token and expiry.
    Again(Box<Stored>),
}

/// A proposal and what became of it.
#[derive(Debug, Clone)]
pub struct Stored {
    /// As it was proposed: while it can be sent, its text has been compared with `digest`. Afterwards it has no secrets any more,
    /// and where it expired before anybody decided, no steps either.
    pub proposal: Proposal,
    /// SHA-256 in hex: what decisions are about.
    pub digest: String,
    /// `Expired` as soon as it is, whether or not anybody wrote that down.
    pub state: State,
    /// In the order in which they came. Not one of them has been believed yet.
    pub decisions: Vec<Decision>,
    /// When it was claimed; none where it was not.
    pub claimed: Option<Moment>,
    /// What was about to be sent, by step; of a change without an outcome, the last may or may not have been.
    pub intents: Vec<Intent>,
    /// When it came to its end: declined, replaced, or with an outcome.
    pub closed: Option<Moment>,
    /// What came of it, as its outcome was written; none before.
    pub report: Option<Value>,
}

/// A step that was about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// From 0.
    pub step: usize,
    /// The `Audit-ID` that the API server has it under.
    pub audit_id: String,
    /// When.
    pub at: Moment,
}

/// One object around a change, for the way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Of the proposal, from 0.
    pub step: usize,
    /// Which object.
    pub target: Target,
    /// As it was; none where there was none.
    pub before: Option<Value>,
    /// As it came out; none where it is gone. An object that has another resourceVersion since has moved on.
    pub after: Option<Value>,
    /// Paths that are in neither of them, since they hold secrets.
    pub left_out: Vec<String>,
}

/// How long things are kept after they came to their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Proposals with their decisions and reports.
    pub proposals: Duration,
    /// Snapshots.
    pub snapshots: Duration,
}

/// What [`super::Store::prune`] forgot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Proposals.
    pub proposals: usize,
    /// Snapshots, of proposals that stay too.
    pub snapshots: usize,
}

/// A claimed proposal: the proof that writes to the cluster ask for. Only a store makes one, and one for a proposal.
#[derive(Debug)]
pub struct Claimed {
    proposal: Proposal,
    digest: String,
    at: Moment,
}

impl Claimed {
    pub(super) fn new(proposal: Proposal, digest: String, at: Moment) -> Self {
        Self {
            proposal,
            digest,
            at,
        }
    }

    /// Returns what is to be applied, and nothing else.
    #[must_use]
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Returns the digest that was decided on.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns when it was claimed.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at
    }
}

/// An audit record with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From 1, without a gap.
    pub seq: u64,
    /// What the store finds it by. Nobody has compared it with `body`.
    pub columns: Columns,
    /// The record as canonical JSON, with its `seq`.
    pub body: String,
    /// Over the previous hash and `body`, in hex.
    pub hash: String,
}

/// Which audit records; none of a field is every one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Of the plugin with this key.
    pub plugin: Option<String>,
    /// Of this tool.
    pub tool: Option<String>,
    /// About this change.
    pub change: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Not older than this.
    pub since: Option<Moment>,
    /// At most so many.
    pub limit: u32,
}
