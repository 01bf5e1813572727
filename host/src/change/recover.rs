//! After a host ended in the middle: what was under way is looked up and closed. It is never applied again.

use serde_json::Value;

use super::apply::{Done, Report};
use super::mask::Masks;
use super::{Changes, Party, checked, chosen, records};
use crate::audit;
use crate::call::Call;
use crate::diff;
use crate::failure::{Failure, Kind};
use crate::proposal::{Change, State, Step};
use crate::store::{Filter, Keep, Stored};

impl Changes {
    /// Closes what hosts that are gone left under way, and forgets what is too old. `party` gives the plugin that a change
    /// belongs to, where it is still loaded.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) async fn recover(
        &self,
        call: &Call,
        party: impl Fn(&str) -> Option<Party>,
    ) -> Result<usize, Failure> {
        let mut closed = 0;
        for stored in self.store.interrupted().await? {
            let party = party(&stored.proposal.binding.plugin.key);
            let report = self.looked_up(call, party.as_ref(), &stored).await;
            let text = serde_json::to_value(&report).unwrap_or_default();
            let id = &stored.proposal.id;
            let outcome = (report.outcome, &text);
            let record = records::outcome(&stored.proposal, &stored.digest, None, outcome, None);
            self.audit.record(record).await?;
            if self
                .store
                .close_interrupted(id, report.outcome, &text)
                .await?
            {
                tracing::warn!(
                    "change {id} was under way when its host ended: {}",
                    report.outcome
                );
                if let Some(original) = &stored.proposal.rollback_of
                    && report.outcome == State::Applied
                {
                    self.store.mark_rolled_back(original).await?;
                }
                closed += 1;
            }
        }
        self.forget().await?;
        Ok(closed)
    }

    /// Refuses a change of which the audit knows that it was begun, whatever its row says: who writes to the store to have an
    /// approval used twice must also break the chain.
    ///
    /// # Errors
    /// `Conflict` where there is an intent, and where the store cannot be read.
    pub(super) async fn not_in_the_audit(&self, id: &str) -> Result<(), Failure> {
        let begun = Filter {
            kind: Some(audit::Kind::Intent.as_str().to_owned()),
            change: Some(id.to_owned()),
            limit: 1,
            ..Filter::default()
        };
        if self.store.find(&begun).await?.is_empty() {
            return Ok(());
        }
        // What is claimed before its intent is refused by its state.
        if !matches!(
            self.stored(id).await?.state,
            State::Proposed | State::Approved
        ) {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Conflict,
            format!("change {id} was begun already, as the audit has it: a proposal is applied once"),
        )
        .fix("the operator should look at `bulkhead audit verify`: somebody may have written to the store"))
    }

    /// Forgets what is older than it is kept.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        let keep = Keep {
            proposals: self.bounds.keep_proposals,
            snapshots: self.bounds.keep_snapshots,
        };
        self.store.prune(&keep).await?;
        Ok(())
    }

    async fn looked_up(&self, call: &Call, party: Option<&Party>, stored: &Stored) -> Report {
        let mut report = Report {
            change: stored.proposal.id.clone(),
            outcome: State::Failed,
            steps: Vec::new(),
        };
        let last = stored.intents.last().map(|intent| intent.step);
        for intent in &stored.intents {
            let Some(step) = stored.proposal.steps.get(intent.step) else {
                continue;
            };
            // Only the last one has no answer: the others were answered before the next was begun.
            let (done, detail) = if Some(intent.step) == last {
                let state = match party {
                    Some(party) => self.came_out(call, party, step).await,
                    None => None,
                };
                if state.is_none() {
                    report.outcome = State::Unknown;
                }
                let seen = match state {
                    Some(true) => "the object is as the change would have it",
                    Some(false) => "the object is as it was before",
                    None => "nobody can say whether it happened: look at the object",
                };
                let detail = format!("the host ended before the answer came; {seen}");
                (state == Some(true), detail)
            } else {
                (
                    true,
                    "the server accepted it before the host ended".to_owned(),
                )
            };
            report.steps.push(Done {
                target: step.target.clone(),
                action: step.action.clone(),
                done,
                detail,
                audit_id: intent.audit_id.clone(),
            });
        }
        if report.outcome != State::Unknown {
            let done = report.steps.iter().filter(|step| step.done).count();
            report.outcome = match done {
                0 => State::Failed,
                done if done == stored.proposal.steps.len() => State::Applied,
                _ => State::Partial,
            };
        }
        report
    }

    /// Looks whether a step happened; none where it cannot be said.
    async fn came_out(&self, call: &Call, party: &Party, step: &Step) -> Option<bool> {
        let operation = checked::operations(&step.target, &step.change, step.uid.is_some())
            .into_iter()
            .next()?;
        let permit = party.gate.check(call, operation).ok()?;
        let seen = self.cluster.observe(&permit, &party.actor, &step.target);
        let seen = seen.await.ok()?;
        match (&step.change, &seen) {
            (Change::Delete { .. } | Change::Evict, None) => Some(true),
            (Change::Delete { .. } | Change::Evict, Some(object)) => {
                let same = object.uid() == step.uid.as_deref();
                let going = object.0["metadata"]["deletionTimestamp"].is_string();
                Some(!same || going)
            }
            (_, None) => Some(false),
            // What the host made is not known any more.
            (Change::CreateSecret { .. }, Some(_)) => Some(true),
            (Change::RotateSecret { .. }, Some(object)) => {
                (object.version() == step.resource_version.as_deref()).then_some(false)
            }
            (_, Some(object)) => self.stands(step, &object.0),
        }
    }

    /// Whether every changed value stands in the object as it would have come out, or as it was.
    fn stands(&self, step: &Step, object: &Value) -> Option<bool> {
        let masks = Masks::of(Some(object), &self.key);
        // What was there before cannot be asked any more; of a new object it was nothing.
        let before = step.uid.is_some().then_some(object);
        let seen = chosen::shown(&masks, &step.target, before, object, &step.change);
        let leaves = diff::lines(None, Some(&diff::normalised(&seen)));
        let value_at = |path: &str| {
            let leaf = leaves.iter().find(|leaf| leaf.path == path);
            leaf.and_then(|leaf| leaf.after.as_deref())
        };
        let all = |of: fn(&diff::Line) -> Option<&str>| {
            step.diff
                .iter()
                .all(|line| value_at(&line.path) == of(line))
        };
        match (
            all(|line| line.after.as_deref()),
            all(|line| line.before.as_deref()),
        ) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}
