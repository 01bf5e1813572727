//! What became of a plan, and what can be done about it.

use serde::{Deserialize, Serialize};

use crate::failure::{Kind, NEXT};
use crate::proposal::{State, Step, Target, way_back};

/// What became of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The proposal's id.
    pub(crate) change: String,
    /// Of the whole plan.
    pub(crate) outcome: State,
    /// One per change that was tried, in order.
    pub(crate) steps: Vec<Done>,
}

/// What became of one change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    /// Which object.
    pub(crate) target: Target,
    /// As in the proposal.
    pub(crate) action: String,
    /// Whether the server accepted it.
    pub(crate) done: bool,
    /// What came out, or why not with the next step.
    pub(crate) detail: String,
    /// Of the failure, where it was not done or that is not known; none where it was done, and where a later host looked what
    /// became of it.
    #[serde(default)]
    pub(crate) kind: Option<Kind>,
    /// What was sent under, for the API server's own audit; empty where nothing was sent.
    pub(crate) audit_id: String,
}

impl Report {
    /// Says what can be done about what was applied, for a model to pass on. `steps` are those of the proposal.
    pub(crate) fn next(&self, steps: &[Step]) -> String {
        let id = &self.change;
        let mut tried = steps.iter().zip(&self.steps);
        if self.outcome == State::Unknown {
            format!("change_status with id {id} says where it stands")
        } else if tried.any(|(step, done)| done.done && way_back(step).is_ok()) {
            format!("change_rollback with id {id} proposes the way back, where the grants allow it")
        } else if self.steps.iter().any(|step| step.done) {
            "tell the user what came of it; it cannot be taken back".to_owned()
        } else {
            "nothing was done: tell the user why".to_owned()
        }
    }

    /// Returns the step that ended a plan which was not applied whole; none where a later host looked what became of it.
    pub(crate) fn stopped(&self) -> Option<&Done> {
        self.steps.iter().find(|step| !step.done)
    }
}

impl Done {
    /// Returns why it was not done, and the next step that this failure names: the last one, since the API server's own words may
    /// hold another.
    pub(crate) fn parted(&self) -> (&str, Option<&str>) {
        match self.detail.rsplit_once(NEXT) {
            Some((why, next)) => (why, Some(next)),
            None => (&self.detail, None),
        }
    }
}

/// The state of the plan after one more step.
pub(super) fn outcome(so_far: State, step: State, number: usize) -> State {
    match (so_far, step) {
        (_, State::Unknown) => State::Unknown,
        (_, State::Failed) if number > 0 => State::Partial,
        (State::Differs, State::Applied) => State::Differs,
        (_, step) => step,
    }
}
