//! The way of every change tool: propose and stop, or propose, ask, apply and report.

use super::answer::words_for;
use super::{ChangeAnswer, Plan, Proposal, Report, State, apply, prepare};
use crate::Failure;

/// Proposes the plan. Where `confirmed`, which states that the user asked for it, it is then applied, for which a person is still
/// asked; else that is all, and the answer says how the proposal can be approved.
///
/// # Errors
/// As [`prepare`] and [`apply`]; [`Failure::Upstream`] for a plan that was applied only in part, or not at all, or of which
/// that is not known.
pub fn run(plan: &Plan, confirmed: bool) -> Result<ChangeAnswer, Failure> {
    let proposal = prepare(plan)?;
    if !confirmed {
        return Ok(ChangeAnswer::proposed(&proposal));
    }
    let report = apply(&proposal.token)?;
    outcome(&proposal, &report)
}

pub(super) fn outcome(proposal: &Proposal, report: &Report) -> Result<ChangeAnswer, Failure> {
    let id = &report.change_id;
    let look = format!("change_status with id {id} says where it stands");
    match report.outcome {
        State::Applied | State::Differs => Ok(ChangeAnswer::applied(proposal, report)),
        State::Partial => Err(Failure::Upstream(format!(
            "change {id} was applied only in part: {}",
            undone(proposal, report)
        ))
        .next_step(&format!("look at the object that failed; {}", report.next))),
        State::Failed => Err(Failure::Upstream(format!(
            "change {id} failed, and nothing of it was done: {}",
            undone(proposal, report)
        ))
        .next_step("mend what the server says, and call this tool again")),
        State::Unknown => Err(Failure::Upstream(format!(
            "whether change {id} was applied is not known: {}",
            undone(proposal, report)
        ))
        .next_step(&look)),
        State::Declined => Err(Failure::Declined(format!("change {id} was declined"))),
        State::Expired => Err(Failure::Conflict(format!("change {id} has expired"))
            .next_step("call this tool again for a new proposal")),
        State::Proposed | State::Approved => Err(Failure::NeedsApproval(format!(
            "change {id}: {}",
            proposal.how_to_approve
        ))),
        State::Applying | State::RolledBack => {
            let state = report.outcome.as_str();
            Err(Failure::Conflict(format!("change {id} is {state}")).next_step(&look))
        }
    }
}

/// Says how far it came, and what stopped it.
fn undone(proposal: &Proposal, report: &Report) -> String {
    let all = proposal.previews.len();
    let done = report.steps.iter().filter(|step| step.done).count();
    let failed = report.steps.iter().find(|step| !step.done);
    let why = failed.map_or_else(String::new, |step| {
        let object = words_for(&step.target);
        format!("; {} {object}: {}", step.action, step.detail)
    });
    format!("{done} of {all} steps done{why}")
}
