//! From a plan to a proposal: every change checked, run dry, judged, and the whole bound to where it came from.

use std::sync::Arc;
use std::time::Duration;

use super::preview::{Previewed, preview};
use super::{Changes, Party, checked, records};
use crate::approval::{self, Route};
use crate::call::Call;
use crate::failure::{Failure, Kind};
use crate::proposal::{Binding, Plan, Proposal, Reason, Risk, Step};
use crate::random;
use crate::store::{Limits, Proposed, Stored};

/// Crockford's letters, in small: none of them looks like another.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a plan takes back.
#[derive(Debug)]
pub(super) struct Rollback {
    /// The change's id.
    pub(super) of: String,
    /// What of it does not come back.
    pub(super) notes: Vec<String>,
}

/// A proposal that was stored, as the guest that asked for it may see it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) stored: Stored,
    /// Until it can no longer be decided on.
    pub(crate) left: Duration,
    /// Who can decide, and how.
    pub(crate) how_to_approve: String,
}

impl Changes {
    /// Checks a plan, runs it dry and stores it. `ordinal` counts the prepares of this call.
    ///
    /// # Errors
    /// `Invalid`, `Denied`, `Limit`, `Conflict`, `NotFound`, `Declined`, or what the server refuses a change with.
    pub(crate) async fn prepare(
        &self,
        call: &Arc<Call>,
        party: &Party,
        plan: Plan,
        ordinal: u32,
    ) -> Result<Prepared, Failure> {
        self.propose(call, party, plan, ordinal, None).await
    }

    /// The same, of a plan that may take a change back.
    pub(super) async fn propose(
        &self,
        call: &Arc<Call>,
        party: &Party,
        plan: Plan,
        ordinal: u32,
        rollback: Option<Rollback>,
    ) -> Result<Prepared, Failure> {
        self.audit.changes_allowed()?;
        checked::plan(&plan, &self.bounds)?;
        let steps = call.bound(self.previews(call, party, &plan)).await?;
        let cluster = call.bound(self.cluster.identity(&party.actor)).await?;
        let now = self.store.now().await?;
        let proposal = Proposal {
            id: format!("c-{}", letters::<10>()?),
            token: letters::<26>()?,
            binding: Binding {
                cluster,
                caller: call.origin.caller.clone(),
                client: call.origin.client.clone(),
                plugin: party.plugin.clone(),
                tool: call.tool.clone(),
                arguments_digest: call.origin.arguments_digest.clone(),
                arguments: call.origin.arguments.clone(),
                ordinal,
                config: self.config_digest.clone(),
                policy: self.policy.digest().to_owned(),
            },
            created: now,
            expires: now.plus(self.bounds.proposal_lifetime),
            summary: plan.summary,
            reason: plan.reason,
            warnings: about_the_whole(&steps, rollback.as_ref()),
            steps,
            rollback_of: rollback.map(|rollback| rollback.of),
        };
        let how_to_approve = match approval::route(&self.approval, &proposal) {
            Route::Refused(reason) => return Err(self.refused(call, &proposal, &reason)),
            route => how(&route, &proposal.id),
        };
        let limits = Limits {
            max_open: self.bounds.max_open,
            decline_pause: self.bounds.decline_pause,
            keep: self.keep(),
        };
        let record = self.audit.draft(records::proposed(call, &proposal)).await?;
        let (Proposed::New(stored) | Proposed::Again(stored)) =
            self.store.propose(&proposal, &limits, &record).await?;
        let stored = *stored;
        Ok(Prepared {
            left: stored.proposal.expires.since(now),
            how_to_approve: how_to_approve.replace(&proposal.id, &stored.proposal.id),
            stored,
        })
    }

    async fn previews(
        &self,
        call: &Call,
        party: &Party,
        plan: &Plan,
    ) -> Result<Vec<Step>, Failure> {
        let mut steps: Vec<Step> = Vec::new();
        let mut changes_something = false;
        for (target, change) in &plan.changes {
            let Previewed {
                step, has_secrets, ..
            } = preview(self, call, party, (target, change), &steps).await?;
            // Of an object with secrets, "nothing changes" would tell a guess from a miss.
            changes_something |= !step.diff.is_empty() || has_secrets || change.ends();
            steps.push(step);
        }
        if !changes_something {
            return Err(Failure::new(
                Kind::Invalid,
                "nothing would change: the cluster is already as the plan wants it",
            )
            .fix("tell the person so"));
        }
        Ok(steps)
    }

    /// The refusal of what cannot be approved, which is recorded like any denial.
    fn refused(&self, call: &Call, proposal: &Proposal, reason: &str) -> Failure {
        let blocked = reasons(proposal, Risk::Blocked);
        let words = if blocked.is_empty() {
            reason.to_owned()
        } else {
            blocked.join("; ")
        };
        let denied = format!("the plan cannot be approved: {words}");
        self.audit.note(records::refused(call, proposal, &denied));
        Failure::new(Kind::Denied, denied).fix(
            "do not try other ways; tell the person what you wanted to change and why it was refused",
        )
    }
}

/// Returns the sentences of the reasons of one risk, in the order of the steps.
pub(super) fn reasons(proposal: &Proposal, risk: Risk) -> Vec<String> {
    let steps = proposal.steps.iter();
    let mut said: Vec<String> = Vec::new();
    for (step, reason) in
        steps.flat_map(|step| step.reasons.iter().map(move |reason| (step, reason)))
    {
        let Reason { risk: of, say, .. } = reason;
        let sentence = format!("{}: {say}", step.target);
        if *of == risk && !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    said
}

/// Who can decide, and how, in a sentence for the model to pass on.
pub(super) fn how(route: &Route, id: &str) -> String {
    match route {
        Route::Console => format!(
            "A person must look at it and approve it in a terminal: `bulkhead approve {id}` (or `bulkhead decline {id}`). No tool can do this. Then call `change_apply` with this id."
        ),
        Route::Elicitation => format!(
            "When it is applied, the client asks the person. `change_apply` with id {id} asks; a person can also run `bulkhead approve {id}` in a terminal."
        ),
        Route::Auto => format!(
            "The operator's rules allow it without asking: `change_apply` with id {id} applies it."
        ),
        Route::Refused(reason) => format!("It cannot be approved: {reason}."),
    }
}

fn about_the_whole(steps: &[Step], rollback: Option<&Rollback>) -> Vec<String> {
    let mut warnings: Vec<String> = rollback
        .map(|rollback| rollback.notes.clone())
        .unwrap_or_default();
    if steps.len() > 1 {
        warnings.push(format!(
            "{} changes, applied in this order; the first that fails stops the rest, and what was applied stays",
            steps.len()
        ));
    }
    if let Some(step) = steps.iter().find(|step| step.action == "delete") {
        warnings.push(format!(
            "{} is deleted: a rollback creates it anew from its snapshot, with another uid; data of volumes does not come back",
            step.target
        ));
    }
    warnings
}

/// Random letters and digits, 5 bits each.
fn letters<const COUNT: usize>() -> Result<String, Failure> {
    let mut bytes = [0_u8; COUNT];
    random::fill(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

/// A time in words for a model: `29 min`.
pub(super) fn minutes(left: Duration) -> String {
    match left.as_secs() {
        0..60 => format!("{} s", left.as_secs()),
        seconds => format!("{} min", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_have_no_letters_that_look_alike() {
        let (first, second) = (letters::<26>().unwrap(), letters::<26>().unwrap());
        assert_ne!(first, second);
        assert_eq!(first.len(), 26);
        assert!(!first.contains(['i', 'l', 'o', 'u']), "{first}");
        assert_eq!(minutes(Duration::from_secs(1795)), "29 min");
    }
}
