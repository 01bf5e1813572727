//! `[approval]` and `[changes]` as they are written.

use schemars::JsonSchema;

use super::super::limits;
use super::super::problem::{At, Place};
use super::super::units::duration_text;
use super::super::{ApprovalConfig, ChangesConfig};
use super::{DURATION, SIZE};

/// Who decides on changes, and how they are asked.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in super::super) struct Approval {
    /// Whose decisions at the console count. Without any: the console is off.
    #[schemars(with = "Option<Vec<Approver>>")]
    pub(in super::super) approvers: Vec<Approver>,
    /// Over which channel a change is decided: the first rule that matches. Where none does: the console.
    #[schemars(with = "Option<Vec<ApprovalRule>>")]
    pub(in super::super) rules: Vec<ApprovalRule>,
    /// How long a call waits for a decision; 0s to 5m.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ApprovalConfig::default().wait)))]
    pub(in super::super) wait: Option<At<String>>,
}

/// A person whose signature is a decision.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in super::super) struct Approver {
    /// Where the table stands.
    #[schemars(skip)]
    pub(in super::super) place: Place,
    /// What they are called in the audit.
    #[schemars(required, length(min = 1))]
    pub(in super::super) name: Option<At<String>>,
    /// The public key that `bulkhead approver init` printed.
    #[schemars(required, regex(pattern = "^ed25519:[A-Za-z0-9+/]{43}=$"))]
    pub(in super::super) key: Option<At<String>>,
}

/// Over which channel some changes are decided. A key that is left out means all. `auto` needs plugins, verbs, resources and
/// namespaces; neither it nor `elicitation` is ever for risk `high`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in super::super) struct ApprovalRule {
    /// Where the table stands.
    #[schemars(skip)]
    pub(in super::super) place: Place,
    /// Keys of plugins, `*` for any run of characters.
    #[schemars(length(min = 1))]
    pub(in super::super) plugins: Option<At<Vec<At<String>>>>,
    /// The plugin's own names of its tools, without a prefix; `*` for any run of characters.
    #[schemars(length(min = 1))]
    pub(in super::super) tools: Option<At<Vec<At<String>>>>,
    /// `create`, `patch`, `delete`, as a grant names them.
    #[schemars(length(min = 1), inner(pattern("^(create|patch|delete)$")))]
    pub(in super::super) verbs: Option<At<Vec<At<String>>>>,
    /// `pods`, `deployments.apps`, `*.example.com`, `deployments/scale`. `*` alone is everything.
    #[schemars(length(min = 1))]
    pub(in super::super) resources: Option<At<Vec<At<String>>>>,
    /// Names, `*` for any run of characters. With it, no object of the cluster matches.
    #[schemars(length(min = 1))]
    pub(in super::super) namespaces: Option<At<Vec<At<String>>>>,
    /// `low`, `medium`, `high`, as the policy judges it.
    #[schemars(length(min = 1), inner(pattern("^(low|medium|high)$")))]
    pub(in super::super) risk: Option<At<Vec<At<String>>>>,
    /// `console`: a person at a terminal. `elicitation`: the person at the client. `auto`: nobody. `refuse`: it cannot be approved.
    #[schemars(required, regex(pattern = "^(console|elicitation|auto|refuse)$"))]
    pub(in super::super) channel: Option<At<String>>,
}

/// What bounds proposals.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in super::super) struct Changes {
    /// How long a proposal can be decided on; 1m to 24h.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ChangesConfig::default().proposal_lifetime)))]
    pub(in super::super) proposal_lifetime: Option<At<String>>,
    /// How soon after its approval a proposal must be applied; 10s to 1h.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ChangesConfig::default().approval_lifetime)))]
    pub(in super::super) approval_lifetime: Option<At<String>>,
    /// How long the same plan is refused after a person declined it; 0s to 24h.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ChangesConfig::default().decline_pause)))]
    pub(in super::super) decline_pause: Option<At<String>>,
    /// Changes of one plan.
    #[schemars(range(min = *limits::MAX_CHANGES.start(), max = *limits::MAX_CHANGES.end()), extend("default" = ChangesConfig::default().max_changes))]
    pub(in super::super) max_changes: Option<At<i64>>,
    /// One plan, as JSON text; 1KiB to 4MiB.
    #[schemars(regex(pattern = SIZE), extend("default" = ChangesConfig::default().max_plan.to_string()))]
    pub(in super::super) max_plan: Option<At<String>>,
    /// Open proposals of one caller and plugin.
    #[schemars(range(min = *limits::MAX_OPEN.start(), max = *limits::MAX_OPEN.end()), extend("default" = ChangesConfig::default().max_open))]
    pub(in super::super) max_open: Option<At<i64>>,
    /// How long objects are kept as they were before a change, to take it back; 1h to 8760h.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ChangesConfig::default().keep_snapshots)))]
    pub(in super::super) keep_snapshots: Option<At<String>>,
    /// How long proposals are kept after their end, never less than `keep_snapshots`; 1h to 8760h.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ChangesConfig::default().keep_proposals)))]
    pub(in super::super) keep_proposals: Option<At<String>>,
}
