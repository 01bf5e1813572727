//! From a proposal to the decision about it: the one that is there, or the one that is made while a call waits.
//!
//! Everything here asks and waits; what counts is judged by [`crate::approval`] each time.

use std::time::{Duration, Instant};

use super::propose::{how, minutes};
use super::{Changes, records};
use crate::approval::draw::Drawing;
use crate::approval::{self, Route, Standing};
use crate::call::{Asked, Call, Progress, Question};
use crate::failure::{Failure, Kind};
use crate::proposal::{Channel, Decision, State, Verdict};
use crate::store::Stored;

/// How often the store is asked for a decision that a call waits for.
const LOOK: Duration = Duration::from_millis(500);

/// The longest text that the client's dialog shows whole.
const MAX_QUESTION_BYTES: usize = 16 * 1024;

/// The decision that lets a proposal be applied.
pub(super) struct Decided {
    pub(super) decision: Decision,
    /// Whether a person was waited for: time has passed since the call began.
    pub(super) waited: bool,
}

impl Changes {
    /// Returns the decision that lets the proposal be applied: the one that is there, or the one that is made while we wait.
    pub(super) async fn decision(&self, call: &Call, id: String) -> Result<Decided, Failure> {
        let began = Instant::now();
        let mut asked = false;
        let mut place = None;
        let mut waited = false;
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
                Standing::Approved(decision) => return Ok(Decided { decision, waited }),
                Standing::Declined(_) => return Err(over(&stored)),
                Standing::TooOld | Standing::Undecided => {}
            }
            if place.is_none() && matches!(route, Route::Elicitation | Route::Console) {
                waited = true;
                place = self.under_way.waiting.take(&call.plugin);
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
                Route::Auto if !asked => {
                    asked = true;
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
                Route::Auto | Route::Elicitation | Route::Console => {}
            }
            let left = self.approval.wait.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(needs_approval(
                    &stored,
                    &route,
                    standing == Standing::TooOld,
                ));
            }
            self.until_it_moves(call, &stored, began).await?;
        }
    }

    /// Waits until somebody has written something about a proposal, or as long as a call waits.
    async fn until_it_moves(
        &self,
        call: &Call,
        stored: &Stored,
        began: Instant,
    ) -> Result<(), Failure> {
        let id = &stored.proposal.id;
        loop {
            self.still_counts(id)?;
            report_waiting(call, id, began.elapsed(), self.approval.wait);
            call.extend(LOOK);
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = call.cancelled.cancelled() => {
                    return Err(Failure::new(Kind::Cancelled, "the client gave the call up"));
                }
            }
            let decisions = u32::try_from(stored.decisions.len()).unwrap_or(u32::MAX);
            let moved = self.store.state(id).await? != Some((stored.state, decisions));
            if moved || began.elapsed() >= self.approval.wait {
                return Ok(());
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
            Err(_) | Ok(Asked::Later) => Err(needs_approval(stored, &Route::Elicitation, false)),
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
        let id = &stored.proposal.id;
        let route = approval::route(&self.approval, &stored.proposal);
        if route != Route::Elicitation {
            return Err(Failure::new(
                Kind::Denied,
                format!("change {id} is not decided at the client"),
            )
            .fix(how(&route, id)));
        }
        // A person may have said the same at the console while the dialog was open.
        let now = self.store.now().await?;
        let standing = approval::standing(&self.approval, &self.bounds, &self.seal, stored, now);
        let said_already = match standing {
            Standing::Approved(_) => verdict == Verdict::Approved,
            Standing::Declined(_) => verdict == Verdict::Declined,
            Standing::Undecided | Standing::TooOld => false,
        };
        if said_already {
            return Ok(());
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
        // A "no" counts whatever the files say by now.
        if what.1 == Verdict::Approved {
            self.still_counts(&stored.proposal.id)?;
        }
        let now = self.store.now().await?;
        let decision = approval::sealed(&self.seal, stored, what, by, now);
        let record = self
            .audit
            .draft(records::decided(stored, &decision))
            .await?;
        self.store.decide(&decision, &record).await?;
        Ok(())
    }
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
