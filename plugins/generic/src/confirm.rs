//! The arguments by which a caller says that a change was asked for. They approve nothing: a person is always asked.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::{self, ChangeAnswer, Plan};
use schemars::JsonSchema;
use serde::Deserialize;

/// What every change tool takes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Confirmation {
    /// States that the user asked for this; a person is still asked. Left out: propose and stop.
    #[serde(default)]
    pub(crate) confirm: bool,
    /// Why, for the person who decides.
    pub(crate) reason: Option<String>,
}

impl Confirmation {
    /// Proposes the plan, and has it applied where the user asked for it.
    ///
    /// # Errors
    /// As [`changes::run`].
    pub(crate) fn run(&self, plan: Plan) -> Result<ChangeAnswer, Failure> {
        changes::run(&plan.reason(self.reason.clone()), self.confirm)
    }

    /// As if it were confirmed, where another argument that says the same was given.
    pub(crate) fn or(mut self, approved: bool) -> Self {
        self.confirm |= approved;
        self
    }
}
