//! The arguments by which a caller says that a change was asked for. They approve nothing: a person is always asked.

use super::{ChangeAnswer, Plan, Waited, run};
use crate::arguments::Values;
use crate::{Failure, Output};
use schemars::JsonSchema;
use serde::Deserialize;

/// Waits for what becomes of a change that was applied.
pub type Wait<'a> = &'a mut dyn FnMut() -> Result<Waited, Failure>;

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
    /// Of the arguments `confirm`, `reason` and `dry_run`, as far as a tool takes them: what is only looked at is not confirmed.
    pub fn of(values: &Values) -> Self {
        Self {
            confirm: values.is_on("confirm") && !values.is_on("dry_run"),
            reason: values.text("reason").map(str::to_owned),
        }
    }

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

    /// As [`carry_out`], for a tool that has another argument of its own by which it is confirmed.
    ///
    /// # Errors
    /// As [`Confirmation::run`].
    pub fn carry_out(
        &self,
        values: &Values,
        plan: Plan,
        notes: Vec<String>,
        wait: Option<Wait<'_>>,
    ) -> Result<Output<ChangeAnswer>, Failure> {
        let mut answer = self.run(plan)?;
        if let Some(wait) = wait.filter(|_| values.is_on("wait") && answer.is_applied()) {
            answer = answer.waited(wait());
        }
        let mut notes = notes;
        if values.is_on("dry_run") {
            notes.insert(
                0,
                "dry run: the server was only asked what would come out".to_owned(),
            );
        }
        Ok(answer.notes(notes).in_words())
    }
}

/// Proposes the plan, has it applied where the caller says that the user asked for it, waits where the argument `wait` asks for that,
/// and adds what else to know: the way of a tool with tables of arguments.
///
/// # Errors
/// As [`Confirmation::run`].
pub fn carry_out(
    values: &Values,
    plan: Plan,
    notes: Vec<String>,
    wait: Option<Wait<'_>>,
) -> Result<Output<ChangeAnswer>, Failure> {
    Confirmation::of(values).carry_out(values, plan, notes, wait)
}
