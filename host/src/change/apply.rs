//! Applying a proposal: once, as it was shown, or not at all.
//!
//! The decision is judged, the claim is taken, everything is looked at again, and only then is anything sent. From the claim on
//! it runs to its end even if the client leaves. What cannot be known afterwards is said to be unknown, and is never sent again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::mask::Masks;
use super::preview::{Previewed, moved, preview};
use super::propose::{how, minutes};
use super::secret::{Values, generates, hide_values, with_values};
use super::{Changes, Party, chosen, records, rollback};
use crate::approval::draw::Drawing;
use crate::approval::{self, Route, Standing};
use crate::backend::cluster::{Sending, WriteFailure, Written};
use crate::call::{Asked, Call, Progress, Question};
use crate::diff::{self, Line};
use crate::failure::{Failure, Kind};
use crate::proposal::{Change, Channel, Decision, State, Target, Verdict};
use crate::store::{Claimed, Snapshot, Stored};

/// How often the store is asked for a decision that a call waits for.
const LOOK: Duration = Duration::from_millis(500);

/// A conflict before anything was sent means that the object churned between reading and writing: look again, so often.
const LOOKS: u32 = 3;

/// The longest text that the client's dialog shows whole.
const MAX_QUESTION_BYTES: usize = 16 * 1024;

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
    /// What came out, or why not.
    pub(crate) detail: String,
    /// What was sent under, for the API server's own audit; empty where nothing was sent.
    pub(crate) audit_id: String,
}

/// How one change went.
enum Went {
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
        let decision = self.decision(call, stored.proposal.id.clone()).await?;
        self.not_in_the_audit(&stored.proposal.id).await?;
        let claimed = self
            .store
            .claim(&stored.proposal.id, &decision.digest)
            .await?;
        let (changes, call, party) = (Arc::clone(self), Arc::clone(call), party.clone());
        let running = self
            .running
            .start(async move { changes.run(&call, &party, claimed, &decision).await });
        running
            .await
            .map_err(|_| Failure::new(Kind::Bug, "applying a change panicked"))?
    }

    /// Waits for what is being applied, for so long. Returns how many changes have not ended.
    pub(crate) async fn drain(&self, longest: Duration) -> usize {
        self.running.drain(longest).await
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
        let other = |what: &str| {
            Failure::new(
                Kind::Conflict,
                format!("change {id} was proposed for another {what}"),
            )
            .fix("propose it again")
        };
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

    /// Returns the decision that lets the proposal be applied: the one that is there, or the one that is made while we wait.
    async fn decision(&self, call: &Call, id: String) -> Result<Decision, Failure> {
        let began = Instant::now();
        let mut asked = false;
        let mut place = None;
        loop {
            let stored = self.stored(&id).await?;
            let now = self.store.now().await?;
            match stored.state {
                State::Proposed | State::Approved => {}
                State::Declined
                | State::Expired
                | State::Applying
                | State::Applied
                | State::Differs
                | State::Partial
                | State::Failed
                | State::Unknown
                | State::RolledBack => return Err(over(&stored)),
            }
            let standing =
                approval::standing(&self.approval, &self.bounds, &self.seal, &stored, now);
            let route = approval::route(&self.approval, &stored.proposal);
            match standing {
                Standing::Approved(decision) => return Ok(decision),
                Standing::Declined(_) => return Err(over(&stored)),
                Standing::TooOld | Standing::Undecided => {}
            }
            if place.is_none() && matches!(route, Route::Elicitation | Route::Console) {
                place = self.waiting.take(&call.plugin);
                if place.is_none() {
                    return Err(needs_approval(
                        &stored,
                        &route,
                        standing == Standing::TooOld,
                    ));
                }
            }
            match route {
                Route::Refused(reason) => {
                    return Err(Failure::new(
                        Kind::Denied,
                        format!("change {id} cannot be approved: {reason}"),
                    ));
                }
                Route::Auto => {
                    self.decide(
                        &stored,
                        (Channel::Auto, Verdict::Approved),
                        "a rule of the operator's".to_owned(),
                    )
                    .await?;
                    continue;
                }
                Route::Elicitation if !asked => {
                    asked = true;
                    if self.ask(call, &stored).await? {
                        continue;
                    }
                }
                Route::Elicitation | Route::Console => {}
            }
            let left = self.approval.wait.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(needs_approval(
                    &stored,
                    &route,
                    standing == Standing::TooOld,
                ));
            }
            report_waiting(call, &id, began.elapsed(), self.approval.wait);
            call.extend(LOOK);
            tokio::select! {
                () = tokio::time::sleep(LOOK.min(left)) => {}
                () = call.cancelled.cancelled() => {
                    return Err(Failure::new(Kind::Cancelled, "the client gave the call up"));
                }
            }
        }
    }

    /// Asks the person at the client. True where the store has something new to look at.
    async fn ask(&self, call: &Call, stored: &Stored) -> Result<bool, Failure> {
        let id = &stored.proposal.id;
        let Some(ask) = &call.ask else {
            return Ok(false);
        };
        let message = approval::draw::proposal(
            &stored.proposal,
            &Drawing {
                color: false,
                width: 100,
            },
        );
        let message = without_tags(&message);
        if message.len() > MAX_QUESTION_BYTES {
            // What is not seen whole is not approved.
            tracing::info!(
                "change {id} is too long for the client's dialog; it is approved at the console"
            );
            return Ok(false);
        }
        let question = Question {
            proposal: id.clone(),
            digest: stored.digest.clone(),
            message,
        };
        call.extend(self.approval.wait);
        let answer = tokio::select! {
            answer = tokio::time::timeout(self.approval.wait, ask.ask(question)) => answer,
            () = call.cancelled.cancelled() => {
                return Err(Failure::new(Kind::Cancelled, "the client gave the call up"));
            }
        };
        match answer {
            Err(_) => Err(needs_approval(stored, &Route::Elicitation, false)),
            Ok(Asked::Later) => Err(needs_approval(stored, &Route::Elicitation, false)),
            Ok(Asked::Cancelled) => Err(Failure::new(
                Kind::NeedsApproval,
                format!("the person put the question about change {id} away without an answer"),
            )
            .fix(how(&Route::Elicitation, id))),
            Ok(Asked::CannotAsk(reason)) => {
                tracing::info!("the client cannot ask about change {id}: {reason}");
                Ok(false)
            }
            Ok(answer @ (Asked::Approved | Asked::Declined)) => {
                self.answered(stored, &answer, call.origin.client.clone())
                    .await?;
                Ok(true)
            }
        }
    }

    /// Writes down what a person said at the client.
    ///
    /// # Errors
    /// Where the proposal is not decided there, or the store does not take it.
    pub(crate) async fn answered(
        &self,
        stored: &Stored,
        answer: &Asked,
        client: Option<String>,
    ) -> Result<(), Failure> {
        let verdict = match answer {
            Asked::Approved => Verdict::Approved,
            Asked::Declined => Verdict::Declined,
            Asked::Cancelled | Asked::CannotAsk(_) | Asked::Later => return Ok(()),
        };
        if approval::route(&self.approval, &stored.proposal) != Route::Elicitation {
            return Err(Failure::new(
                Kind::Denied,
                format!("change {} is not decided at the client", stored.proposal.id),
            )
            .fix(how(
                &approval::route(&self.approval, &stored.proposal),
                &stored.proposal.id,
            )));
        }
        // A person may have said the same at the console while the dialog was open.
        let now = self.store.now().await?;
        let standing = approval::standing(&self.approval, &self.bounds, &self.seal, stored, now);
        match (standing, verdict) {
            (Standing::Approved(_), Verdict::Approved)
            | (Standing::Declined(_), Verdict::Declined) => return Ok(()),
            (Standing::Approved(_) | Standing::Declined(_), _)
            | (Standing::Undecided | Standing::TooOld, _) => {}
        }
        let by = client.unwrap_or_else(|| "a client without a name".to_owned());
        self.decide(stored, (Channel::Elicitation, verdict), by)
            .await
    }

    async fn decide(
        &self,
        stored: &Stored,
        what: (Channel, Verdict),
        by: String,
    ) -> Result<(), Failure> {
        let now = self.store.now().await?;
        let decision = approval::sealed(&self.seal, stored, what, by, now);
        let record = self
            .audit
            .draft(records::decided(stored, &decision))
            .await?;
        self.store.decide(&decision, &record).await?;
        Ok(())
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
        decision: &Decision,
    ) -> Result<Report, Failure> {
        let began = Instant::now();
        crate::fault::point("after-claim");
        let mut report = Report {
            change: claimed.proposal().id.clone(),
            outcome: State::Failed,
            steps: Vec::new(),
        };
        let mut snapshots = Vec::new();
        let stale = match self.cluster.identity(&party.actor).await {
            // Credentials may have been read anew while a person was waited for.
            Ok(cluster) if cluster != claimed.proposal().binding.cluster => Err((
                0,
                Failure::new(
                    Kind::Conflict,
                    "the kubeconfig leads to another cluster, or user, by now",
                ),
            )),
            Ok(_) => self.as_shown(call, party, &claimed).await,
            Err(failure) => Err((0, failure)),
        };
        if let Err((number, failure)) = stale {
            let step = &claimed.proposal().steps[number];
            report.steps.push(Done {
                target: step.target.clone(),
                action: step.action.clone(),
                done: false,
                detail: format!("nothing was sent: {}", failure.text()),
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
        self.ended(claimed, decision, &report, &snapshots, began.elapsed())
            .await?;
        Ok(report)
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
        let (state, detail, after) = match went {
            Went::AsShown(written) => (State::Applied, came_out(&written), written.object),
            Went::Differs(written, how) => (State::Differs, how, written.object),
            Went::Refused(failure) => (State::Failed, failure.text(), None),
            Went::Unknown(failure) => (
                State::Unknown,
                format!(
                    "the server's answer did not come, so it may or may not have happened: {}",
                    failure.text()
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
            if generates(&step.change) {
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

    /// Compares what came out with what was shown.
    fn compare(
        &self,
        step: &crate::proposal::Step,
        before: Option<&serde_json::Value>,
        written: Written,
    ) -> Went {
        // Nothing is left behind by a deletion.
        if matches!(step.change, Change::Delete { .. } | Change::Evict) {
            return Went::AsShown(written);
        }
        let Ok(sent) = with_values(&step.change, Values::Placeholders) else {
            return Went::AsShown(written);
        };
        let masks = Masks::of(before, &self.key);
        let seen_before = before.map(|object| diff::normalised(&masks.observed(object)));
        let seen_after = written.object.as_ref().map(|object| {
            let mut object = object.clone();
            // What the host made is shown as it was: by its placeholder.
            hide_values(&step.change, &mut object);
            let seen = chosen::shown(&masks, &step.target, before, &object, &sent);
            diff::normalised(&seen)
        });
        let lines = diff::lines(seen_before.as_ref(), seen_after.as_ref());
        match unlike(&step.diff, &lines, step.after.is_some()) {
            None => Went::AsShown(written),
            Some(path) => {
                let how = format!(
                    "the server accepted it, but `{path}` came out otherwise than it was shown"
                );
                Went::Differs(written, how)
            }
        }
    }
}

/// Whether a change would still do what was shown.
fn same(shown: &crate::proposal::Step, again: &crate::proposal::Step) -> Result<(), Failure> {
    let moved_on = |what: String| {
        Err(Failure::new(Kind::Conflict, what)
            .fix("propose it again: a person has to see what it would do now"))
    };
    if shown.uid != again.uid {
        return moved_on(format!(
            "{} is another object than the one that was shown",
            shown.target
        ));
    }
    if let Some(path) = unlike(&shown.diff, &again.diff, shown.after.is_some()) {
        return moved_on(format!(
            "{} has changed since it was shown: at `{path}` the change would now do something else",
            shown.target
        ));
    }
    if shown.items != again.items && shown.after.is_none() {
        return moved_on(format!(
            "{} has other items where it would be changed than those that were shown",
            shown.target
        ));
    }
    if let Some(more) = more_goes(&shown.dependents, &again.dependents) {
        return moved_on(format!(
            "more would go with {} than was shown: {more}",
            shown.target
        ));
    }
    if again.risk() > shown.risk() {
        return moved_on(format!(
            "the risk of changing {} is higher than it was",
            shown.target
        ));
    }
    Ok(())
}

/// Returns an object of a type of which more would go than was shown. Pods come and go under other names.
fn more_goes<'a>(shown: &[String], now: &'a [String]) -> Option<&'a str> {
    let of_type = |names: &[String], kind: &str| {
        let mut kinds = names.iter().filter_map(|name| name.split_once('/'));
        kinds.by_ref().filter(|(other, _)| *other == kind).count()
    };
    now.iter().map(String::as_str).find(|name| {
        let kind = name.rsplit_once('/').map_or("", |(kind, _)| kind);
        of_type(now, kind) > of_type(shown, kind)
    })
}

/// Returns the first path at which two diffs differ. Where the first could not be run dry, the second may add what the server
/// fills in.
fn unlike(shown: &[Line], now: &[Line], may_add: bool) -> Option<String> {
    let (of_shown, of_now): (HashSet<&Line>, HashSet<&Line>) =
        (shown.iter().collect(), now.iter().collect());
    let missing = shown.iter().find(|line| !of_now.contains(line));
    let added = now.iter().find(|line| !may_add && !of_shown.contains(line));
    missing.or(added).map(|line| line.path.clone())
}

/// The state of the plan after one more step.
fn outcome(so_far: State, step: State, number: usize) -> State {
    match (so_far, step) {
        (_, State::Unknown) => State::Unknown,
        (_, State::Failed) if number > 0 => State::Partial,
        (State::Differs, State::Applied) => State::Differs,
        (_, step) => step,
    }
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

/// Why a proposal that is over cannot be applied.
fn over(stored: &Stored) -> Failure {
    let id = &stored.proposal.id;
    match stored.state {
        State::Declined => {
            let why = stored
                .decisions
                .iter()
                .rev()
                .find_map(|decision| decision.why.as_deref())
                .map_or_else(String::new, |why| {
                    format!(": {}", crate::failure::shown(why))
                });
            Failure::new(
                Kind::Declined,
                format!("a person declined change {id}{why}"),
            )
            .fix("do not propose the same again; ask the person what to do instead")
        }
        State::Expired => {
            Failure::new(Kind::Conflict, format!("change {id} has expired")).fix("propose it again")
        }
        State::Proposed
        | State::Approved
        | State::Applying
        | State::Applied
        | State::Differs
        | State::Partial
        | State::Failed
        | State::Unknown
        | State::RolledBack => Failure::new(
            Kind::Conflict,
            format!(
                "change {id} is {} already: a proposal is applied once",
                stored.state
            ),
        )
        .fix("look at it with `change_status`; propose a new one where more is to be done"),
    }
}

fn needs_approval(stored: &Stored, route: &Route, too_old: bool) -> Failure {
    let id = &stored.proposal.id;
    let words = if too_old {
        format!("the approval of change {id} is too old to be used")
    } else {
        format!("nobody has decided about change {id} yet")
    };
    let expires = stored.proposal.expires.since(stored.proposal.created);
    Failure::new(Kind::NeedsApproval, words).fix(format!(
        "{} A proposal lives {} from when it was made",
        how(route, id),
        minutes(expires)
    ))
}

/// A mask's tag tells whether two values are the same: the person's to know, and not the client's.
fn without_tags(message: &str) -> String {
    let mut parts = message.split(", #");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let tag = part.get(..8).unwrap_or_default();
        let is_tag = tag.len() == 8
            && tag.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.get(8..9) == Some(")");
        match part.get(8..).filter(|_| is_tag) {
            Some(rest) => text.push_str(rest),
            None => {
                text.push_str(", #");
                text.push_str(part);
            }
        }
    }
    text
}

fn report_waiting(call: &Call, id: &str, waited: Duration, longest: Duration) {
    if let Some(progress) = &call.progress {
        progress(Progress {
            done: waited.as_secs_f64(),
            total: Some(longest.as_secs_f64()),
            message: format!("waiting for a person: bulkhead approve {id}"),
        });
    }
}
