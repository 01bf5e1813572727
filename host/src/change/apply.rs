//! Applying a proposal: once, as it was shown, or not at all.
//!
//! The decision is judged, the claim is taken, everything is looked at again, and only then is anything sent. From the claim on
//! it runs to its end even if the client leaves. What cannot be known afterwards is said to be unknown, and is never sent again.

use std::sync::Arc;
use std::time::Instant;

use super::deciding::Decided;
use super::mask::Masks;
use super::preview::{Previewed, moved, preview};
use super::report::{Done, Report, outcome};
use super::same::same;
use super::secret::{Values, with_values};
use super::{Changes, Party, records, rollback};
use crate::backend::cluster::{Sending, WriteFailure, Written};
use crate::call::Call;
use crate::failure::{Failure, Kind, chain};
use crate::proposal::State;
use crate::store::{Claimed, Snapshot, Stored};

/// A conflict before anything was sent means that the object churned between reading and writing: look again, so often.
const LOOKS: u32 = 3;

/// How one change went.
pub(super) enum Went {
    /// As it was shown.
    AsShown(Written),
    /// Accepted, but what came out is something else.
    Differs(Written, String),
    /// Nothing was changed.
    Refused(Failure),
    /// Nobody knows.
    Unknown(Failure),
}

impl Changes {
    /// Applies a proposal, asking for a decision where there is none.
    ///
    /// # Errors
    /// `NeedsApproval`, `Declined`, `Denied`, `Conflict`, `Cancelled`. What happened behind the claim is in the report.
    pub(crate) async fn apply(
        self: &Arc<Self>,
        call: &Arc<Call>,
        party: &Party,
        stored: Stored,
    ) -> Result<Report, Failure> {
        self.audit.changes_allowed()?;
        self.bound_as_before(call, party, &stored).await?;
        let decided = self.decision(call, stored.proposal.id.clone()).await?;
        self.still_counts(&stored.proposal.id)?;
        self.not_in_the_audit(&stored.proposal.id).await?;
        call.begun.add(&stored.proposal.id);
        let (changes, call, party) = (Arc::clone(self), Arc::clone(call), party.clone());
        // From the claim on it runs to its end, whatever becomes of the call: a claim that nobody carries out would use the approval up.
        let running = self.under_way.running.start(async move {
            let (id, digest) = (&stored.proposal.id, &decided.decision.digest);
            let claimed = changes.store.claim(id, digest).await?;
            changes.run(&call, &party, claimed, &decided).await
        });
        running
            .await
            .map_err(|_| Failure::new(Kind::Bug, "applying a change panicked"))?
    }

    /// Checks that everything that the proposal is bound to is still the same.
    async fn bound_as_before(
        &self,
        call: &Call,
        party: &Party,
        stored: &Stored,
    ) -> Result<(), Failure> {
        let binding = &stored.proposal.binding;
        let id = &stored.proposal.id;
        let other = |what| bound_to_another(id, what);
        if binding.plugin != party.plugin {
            return Err(other("plugin, or another version of it"));
        }
        if binding.caller != call.origin.caller {
            return Err(other("caller"));
        }
        if binding.config != self.config_digest {
            return Err(other("configuration, which has changed since"));
        }
        if binding.policy != self.policy.digest() {
            return Err(other("policy, which has changed since"));
        }
        let cluster = call.bound(self.cluster.identity(&party.actor)).await?;
        if binding.cluster != cluster {
            return Err(other("cluster, or as another user"));
        }
        Ok(())
    }

    /// Checks that the files were not read again with other texts while a person was waited for: who may approve, and what, is what
    /// they say by now.
    pub(super) fn still_counts(&self, id: &str) -> Result<(), Failure> {
        if self
            .under_way
            .counts(&self.config_digest, self.policy.digest())
        {
            return Ok(());
        }
        Err(bound_to_another(
            id,
            "configuration or policy, which has changed since",
        ))
    }

    /// Returns a proposal by its id.
    pub(crate) async fn stored(&self, id: &str) -> Result<Stored, Failure> {
        self.store.proposal(id).await?.ok_or_else(|| {
            Failure::new(
                Kind::NotFound,
                format!("there is no change `{}`", crate::failure::shown(id)),
            )
            .fix("use an id from a proposal, or look into `change_history`")
        })
    }

    /// Looks at everything again, sends it, and writes down what became of it.
    async fn run(
        &self,
        call: &Arc<Call>,
        party: &Party,
        claimed: Claimed,
        decided: &Decided,
    ) -> Result<Report, Failure> {
        let began = Instant::now();
        crate::fault::point("after-claim");
        let mut report = Report {
            change: claimed.proposal().id.clone(),
            outcome: State::Failed,
            steps: Vec::new(),
        };
        let mut snapshots = Vec::new();
        // Files and credentials may have been read anew while a person was waited for, or the store.
        let here = match self.still_counts(&claimed.proposal().id) {
            Ok(()) if decided.waited => self.same_cluster_as(party, &claimed).await,
            counts => counts,
        };
        let stands = match here {
            Ok(()) => self.as_shown(call, party, &claimed).await,
            Err(failure) => Err((0, failure)),
        };
        if let Err((number, failure)) = stands {
            let step = &claimed.proposal().steps[number];
            report.steps.push(Done {
                target: step.target.clone(),
                action: step.action.clone(),
                done: false,
                detail: format!("nothing was sent: {}", failure.text()),
                kind: Some(failure.kind),
                audit_id: String::new(),
            });
        } else {
            for number in 0..claimed.proposal().steps.len() {
                let (done, snapshot, state) = self.step(call, party, &claimed, number).await;
                report.steps.push(done);
                snapshots.extend(snapshot);
                report.outcome = outcome(report.outcome, state, number);
                if matches!(state, State::Failed | State::Unknown) {
                    break;
                }
            }
        }
        crate::fault::point("before-outcome");
        let decision = &decided.decision;
        self.ended(claimed, decision, &report, &snapshots, began.elapsed())
            .await?;
        Ok(report)
    }

    /// Checks that the kubeconfig still leads to the cluster that the proposal is bound to, and as the same user.
    async fn same_cluster_as(&self, party: &Party, claimed: &Claimed) -> Result<(), Failure> {
        if self.cluster.identity(&party.actor).await? == claimed.proposal().binding.cluster {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Conflict,
            "the kubeconfig leads to another cluster, or user, by now",
        ))
    }

    /// Checks before the first request that every change would still do what was shown.
    async fn as_shown(
        &self,
        call: &Arc<Call>,
        party: &Party,
        claimed: &Claimed,
    ) -> Result<(), (usize, Failure)> {
        let steps = &claimed.proposal().steps;
        for (number, step) in steps.iter().enumerate() {
            let again = preview(
                self,
                call,
                party,
                (&step.target, &step.change),
                &steps[..number],
            )
            .await
            .map_err(|failure| (number, failure))?;
            same(step, &again.step).map_err(|failure| (number, failure))?;
        }
        Ok(())
    }

    /// Applies one change.
    async fn step(
        &self,
        call: &Arc<Call>,
        party: &Party,
        claimed: &Claimed,
        number: usize,
    ) -> (Done, Option<Snapshot>, State) {
        let step = &claimed.proposal().steps[number];
        let audit_id = format!("{}-{number}", claimed.proposal().id);
        let (went, before) = self.send(call, party, claimed, number, &audit_id).await;
        let (state, kind, detail, after) = match went {
            Went::AsShown(written) => (State::Applied, None, came_out(&written), written.object),
            Went::Differs(written, how) => (State::Differs, None, how, written.object),
            Went::Refused(failure) => (State::Failed, Some(failure.kind), failure.text(), None),
            Went::Unknown(failure) => (
                State::Unknown,
                Some(Kind::Upstream),
                format!(
                    "the server's answer did not come, so it may or may not have happened: {}",
                    // Not its next step, which is to try again.
                    chain(&failure)
                ),
                None,
            ),
        };
        let done = matches!(state, State::Applied | State::Differs);
        let snapshot = (done || state == State::Unknown)
            .then(|| rollback::snapshot(number, &step.target, before, after));
        let done = Done {
            target: step.target.clone(),
            action: step.action.clone(),
            done,
            detail,
            kind,
            audit_id,
        };
        (done, snapshot, state)
    }

    /// Looks once more, writes down the intent, and sends the change.
    async fn send(
        &self,
        call: &Arc<Call>,
        party: &Party,
        claimed: &Claimed,
        number: usize,
        audit_id: &str,
    ) -> (Went, Option<serde_json::Value>) {
        let steps = &claimed.proposal().steps;
        let step = &steps[number];
        let mut looks = 0;
        loop {
            // What it hung on is there by now, so the server can run it dry.
            let fresh = preview(self, call, party, (&step.target, &step.change), &[]).await;
            let Previewed {
                step: again,
                observed,
                permit,
                ..
            } = match fresh {
                Ok(fresh) => fresh,
                Err(failure) => return (Went::Refused(failure), None),
            };
            if let Err(failure) = same(step, &again) {
                return (Went::Refused(failure), None);
            }
            let before = observed.as_ref().map(|observed| observed.0.clone());
            let sent = match with_values(&step.change, Values::Made) {
                Ok(sent) => sent,
                Err(failure) => return (Went::Refused(failure), before),
            };
            let mut masks = Masks::of(before.as_ref(), &self.key);
            if step.change.generates() {
                masks.hide_texts_of(&sent);
            }
            let intent = async {
                let record =
                    records::intent(claimed.proposal(), claimed.digest(), number, audit_id);
                let record = self.audit.draft(record).await?;
                // A host that looks what became of it needs what was there.
                let kept = rollback::snapshot(number, &step.target, before.clone(), None);
                self.store.intent(claimed, audit_id, &kept, &record).await?;
                Ok::<_, Failure>(())
            };
            if let Err(failure) = intent.await {
                return (Went::Refused(failure), before);
            }
            crate::fault::point("after-intent");
            let sending = Sending {
                permit: &permit,
                actor: &party.actor,
                target: &step.target,
                change: &sent,
                observed: observed.as_ref(),
            };
            let written = self.cluster.execute(claimed, sending, audit_id).await;
            crate::fault::point("after-execute");
            match written {
                Ok(mut written) => {
                    let warnings = written.warnings.iter().map(|text| masks.scrub(text));
                    written.warnings = warnings.collect();
                    return (self.compare(step, before.as_ref(), written), before);
                }
                Err(WriteFailure::Refused(failure) | WriteFailure::OwnFields(failure)) => {
                    // Its status moved between the two: nothing was changed, and what was shown may still be true.
                    let may_have_moved = looks < LOOKS && observed.is_some();
                    if !may_have_moved || !moved(self, party, sending).await.unwrap_or(false) {
                        return (Went::Refused(masks.scrubbed(&failure)), before);
                    }
                    looks += 1;
                }
                // The server may quote the object in its words.
                Err(WriteFailure::Unknown(failure)) => {
                    return (Went::Unknown(masks.scrubbed(&failure)), before);
                }
            }
        }
    }
}

fn bound_to_another(id: &str, what: &str) -> Failure {
    Failure::new(
        Kind::Conflict,
        format!("change {id} was proposed for another {what}"),
    )
    .fix("propose it again")
}

fn came_out(written: &Written) -> String {
    let version = written
        .object
        .as_ref()
        .and_then(|object| object["metadata"]["resourceVersion"].as_str());
    let mut text = match version {
        Some(version) => format!("as shown, now at resourceVersion {version}"),
        None => "accepted".to_owned(),
    };
    for warning in &written.warnings {
        text.push_str("; warning: ");
        text.push_str(warning);
    }
    text
}
