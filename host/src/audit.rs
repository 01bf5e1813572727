//! What happened, so that it cannot be unsaid: one record per tool call, denial, proposal, decision, intent and outcome.
//!
//! Records form a chain ([`crate::store::link`]) that [`verify()`] walks. What a change depends on is on the disk before the
//! change goes on; calls and denials are written behind it in batches, and while they cannot be, changes are refused and
//! reading goes on. No secret may get into a record: arguments and foreign words are redacted, and cut, before they are kept.

mod batch;
mod clean;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::proposal::{Channel, Moment, PluginIdentity};

pub use verify::{Fault, Verified, verify};
pub use writer::Audit;
pub(crate) use writer::draft;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A tool ran.
    Call,
    /// The gate refused an operation.
    Denial,
    /// A change was proposed.
    Proposal,
    /// Somebody decided on one.
    Decision,
    /// A step is about to be sent.
    Intent,
    /// What became of a change.
    Outcome,
    /// Records that could not be written; `count` says how many.
    Lost,
}

/// One record. What does not apply is none, and not written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What it is about.
    pub kind: Kind,
    /// When; the writer sets it.
    #[serde(default)]
    pub time: Moment,
    /// Who asked: `uid 1000` over stdio.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caller: String,
    /// The client as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Which plugin; none for the host's own tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginIdentity>,
    /// Which tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Its arguments; the writer redacts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// The grant or approval rule that let it pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which object, as `deployments.apps/web in namespace shop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The proposal's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The proposal's digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<Approver>,
    /// What the API server's own audit has the request under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_id: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// In a word: `ok`, `denied`, `approved`, `applied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// In a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of a denial: the grant that is missing, to paste into config.toml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_grant: Option<String>,
    /// How many alike it stands for; none is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Who decided, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    /// By which way the decision came.
    pub channel: Channel,
    /// The fingerprint of the key at the console; elsewhere the client's or the rule's words.
    pub by: String,
}

impl Record {
    /// Makes a record that says nothing yet but its kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            time: Moment::default(),
            caller: String::new(),
            client: None,
            plugin: None,
            tool: None,
            arguments: None,
            rule: None,
            object: None,
            change: None,
            digest: None,
            approver: None,
            audit_id: None,
            duration_ms: None,
            outcome: None,
            detail: None,
            missing_grant: None,
            count: None,
        }
    }
}

impl Kind {
    /// Returns the word that a record holds: `denial`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Denial => "denial",
            Self::Proposal => "proposal",
            Self::Decision => "decision",
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Lost => "lost",
        }
    }
}
