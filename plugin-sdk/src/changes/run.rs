//! The way of every change tool: propose and stop, or propose, ask, apply and report.

use super::answer::words_for;
use super::{ChangeAnswer, Plan, Proposal, Report, State, apply, prepare};
use crate::Failure;

/// Proposes the plan. Where `confirmed`, which states that the user asked for it, it is then applied, for which a person is still
/// asked; else that is all, and the answer says how the proposal can be approved.
///
/// # Errors
/// As [`prepare`] and [`apply`]; a plan that was applied only in part, or not at all, or of which that is not known, is a failure of
/// the kind that its step is.
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
        State::Partial => {
            let back = format!("; or {}", report.next);
            let how = "was applied only in part";
            let mend = "look at the object that failed";
            Err(stopped(proposal, report, how, mend, &back))
        }
        State::Failed => {
            let how = "failed, and nothing of it was done";
            let mend = "mend what is said, and call this tool again";
            Err(stopped(proposal, report, how, mend, ""))
        }
        State::Unknown => {
            let how = "may or may not have been applied";
            Err(stopped(proposal, report, how, &look, ""))
        }
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

/// Says how far it came and what stopped it, as a failure of the same kind. Its next step is the one that this failure names, else `mend`,
/// and `after`.
fn stopped(proposal: &Proposal, report: &Report, how: &str, mend: &str, after: &str) -> Failure {
    let all = proposal.previews.len();
    let done = report.steps.iter().filter(|step| step.done.is_ok()).count();
    let mut text = format!(
        "change {} {how}: {done} of {all} steps done",
        report.change_id
    );
    let failed = report
        .steps
        .iter()
        .find_map(|step| Some((step, step.done.as_ref().err()?)));
    let unnamed = Failure::Upstream(String::new());
    let (failure, own) = match failed {
        None => (&unnamed, None),
        Some((step, failure)) => {
            let (why, own) = failure.parted();
            let object = words_for(&step.target);
            for part in ["; ", &step.action, " ", &object, ": ", why] {
                text.push_str(part);
            }
            (failure, own)
        }
    };
    let next = [own.unwrap_or(mend), after].concat();
    failure.with_next(text, &next)
}
