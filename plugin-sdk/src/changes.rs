//! Changing the cluster: propose, have a person decide, apply exactly that.
//!
//! A [`Plan`] is a list of [`Change`]s. [`prepare`] has the host check it and the server run it dry: nothing changes, and a
//! person can look at the [`Proposal`]. [`apply`] asks for the decision and applies what was approved, once. Most tools need
//! neither: [`run()`] does both, and words the answer. Only a tool made by [`Tool::change`](crate::Tool::change) may call these.
//!
//! Make the same plan for the same arguments: a call that comes again finds its open proposal by that. So no time, no random
//! name and no `resourceVersion` belongs into a plan; what must still hold goes into a `test` of a JSON patch.
//!
//! ```no_run
//! use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
//! use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
//! use bulkhead_plugin_sdk::{Failure, Output, Tool};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Pause {
//!     namespace: String,
//!     name: String,
//!     /// States that the user asked for this; a person is still asked. Left out: propose and stop.
//!     #[serde(default)]
//!     confirm: bool,
//! }
//!
//! fn workload_pause(pause: Pause) -> Result<Output<ChangeAnswer>, Failure> {
//!     let of = ResourceType::new("apps", "deployments");
//!     let target = ObjectRef::in_namespace(of, pause.namespace, pause.name);
//!     let patch = serde_json::json!({ "spec": { "paused": true } });
//!     let plan = Plan::new(format!("pause {}", target.name)).change(Change::patch_merge(target, &patch));
//!     Ok(changes::run(&plan, pause.confirm)?.in_words())
//! }
//!
//! fn tool() -> Tool {
//!     Tool::change("workload_pause", "Proposes to pause a rollout. A person approves it.", workload_pause)
//! }
//! ```

mod answer;
mod confirmation;
mod plan;
mod run;
#[cfg(test)]
mod tests;
mod wait;

pub use crate::bindings::bulkhead::plugin::changes::{
    Change, Generated, PatchKind, Plan, Preview, Propagation, Proposal, Report, Risk, State, Step,
};
pub use answer::{ChangeAnswer, StepAnswer};
pub use confirmation::{Confirmation, Wait, carry_out};
pub use run::run;
pub use wait::{Waited, Waiting, until, watch};

use crate::{Failure, host};

/// Checks the plan, runs it dry on the server and stores it. Nothing changes.
///
/// # Errors
/// [`Failure::Denied`] where no grant covers a change or the policy blocks it, [`Failure::Invalid`] where the server would not
/// accept it, [`Failure::NotFound`], [`Failure::Conflict`], [`Failure::Limit`], [`Failure::Upstream`].
pub fn prepare(plan: &Plan) -> Result<Proposal, Failure> {
    host::current().prepare(plan)
}

/// Applies the stored plan of a proposal once, by its token. Asks for a decision where there is none yet.
///
/// # Errors
/// [`Failure::NeedsApproval`] where nobody has decided, [`Failure::Declined`], [`Failure::Conflict`] where an object has moved on
/// or the proposal is used up, and as [`prepare`].
pub fn apply(token: &str) -> Result<Report, Failure> {
    host::current().apply(token)
}

/// Says where a proposal of this plugin stands, by its token.
///
/// # Errors
/// [`Failure::NotFound`] where this plugin has no such proposal.
pub fn status(token: &str) -> Result<State, Failure> {
    host::current().status(token)
}

/// Proposes the way back of a change of this plugin, by its id.
///
/// # Errors
/// [`Failure::NotFound`] where there is no snapshot of it any more, and as [`prepare`].
pub fn prepare_rollback(change_id: &str) -> Result<Proposal, Failure> {
    host::current().prepare_rollback(change_id)
}

impl Risk {
    /// Returns the contract's word, such as `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Blocked => "blocked",
        }
    }
}

impl State {
    /// Returns the contract's word, such as `rolled-back`.
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
