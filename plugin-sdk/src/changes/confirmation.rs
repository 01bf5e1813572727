//! The arguments by which a caller says that a change was asked for. They approve nothing: a person is always asked.

use super::{ChangeAnswer, Plan, run};
use crate::Failure;
use schemars::JsonSchema;
use serde::Deserialize;

/// What every change tool takes.
#[derive(Deserialize, JsonSchema)]
pub struct Confirmation {
    /// States that the user asked for this; a person is still asked. Left out: propose and stop.
    #[serde(default)]
    pub confirm: bool,
    /// Why, for the person who decides.
    pub reason: Option<String>,
}

impl Confirmation {
    /// Proposes the plan, and has it applied where the user asked for it.
    ///
    /// # Errors
    /// As [`run()`].
    pub fn run(&self, plan: Plan) -> Result<ChangeAnswer, Failure> {
        run(&plan.reason(self.reason.clone()), self.confirm)
    }

    /// As if it were confirmed, where another argument that says the same was given.
    #[must_use]
    pub fn or(mut self, approved: bool) -> Self {
        self.confirm |= approved;
        self
    }
}
