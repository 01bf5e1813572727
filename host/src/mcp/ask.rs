//! Asking the person through the client, in the way of the call's protocol era.
//!
//! Up to 2025-11-25 the client gets an `elicitation/create` while the call runs. In 2026-07-28 the call ends with
//! `input_required` and a sealed state, and the client calls again with both. An answer is the client's word and proves no
//! human; what it may approve is not decided here. Nothing that a client sends unasked is an answer.

mod dialog;
mod person;
mod state;

use std::sync::Arc;

use futures::future::BoxFuture;
use rmcp::model::{
    CallToolResponse, CallToolResult, ElicitResult, InputRequest, InputRequests,
    InputRequiredResult, InputResponses,
};
use rmcp::service::{RequestContext, RoleServer};

use super::{era, result};
use crate::call::{Ask, Asked, Question};
use crate::failure::{Failure, Kind};
use crate::proposal::Moment;
use person::Person;
pub(super) use state::Bound;
use state::Seal;

/// What outlives a call, so that the next one can bring the answer: a key, and somebody who counts.
pub(crate) trait Answers: Send + Sync {
    /// Returns the key that seals questions. Every host on the same state directory has it, and uses it for nothing else.
    ///
    /// # Errors
    /// Where the state directory cannot be used.
    fn key(&self) -> BoxFuture<'_, Result<[u8; 32], Failure>>;

    /// Writes an answer down, before the call that brought it runs.
    ///
    /// # Errors
    /// Where its nonce was taken before, it is not about the proposal as it stands, or it cannot be written down: then the call
    /// does not run.
    fn take<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), Failure>>;
}

/// An answer that a client brought with a call. It is about a question of ours, and its nonce may have been used before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The proposal's id.
    pub(crate) proposal: String,
    /// The proposal's digest: what the person looked at.
    pub(crate) digest: String,
    /// What they said: approved, declined or cancelled.
    pub(crate) asked: Asked,
    /// To be taken once.
    pub(crate) nonce: String,
    /// When it is too late to take it.
    pub(crate) expires: Moment,
    /// The client as it calls itself.
    pub(crate) client: Option<String>,
}

/// What a call brings beside its arguments, as the client wrote it.
pub(super) struct Brought {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

/// Runs a call that may ask: first takes the answer that it brings, last asks what it left open.
pub(super) async fn run<R>(
    answers: &dyn Answers,
    context: &RequestContext<RoleServer>,
    bound: &Bound,
    brought: Brought,
    call: impl FnOnce(Arc<dyn Ask>) -> R,
) -> CallToolResponse
where
    R: Future<Output = CallToolResult>,
{
    let answer = match take(answers, context, bound, brought).await {
        Ok(answer) => answer,
        Err(failure) => return result::of(Err(failure)).into(),
    };
    let person = Arc::new(Person::of(context, answer));
    let result = call(Arc::clone(&person) as Arc<dyn Ask>).await;
    match person.open() {
        None => result.into(),
        Some(question) => match required(answers, question, bound).await {
            Ok(required) => required.into(),
            Err(failure) => result::of(Err(failure)).into(),
        },
    }
}

/// Has the answer that a call brings written down; none where it brings none.
async fn take(
    answers: &dyn Answers,
    context: &RequestContext<RoleServer>,
    bound: &Bound,
    brought: Brought,
) -> Result<Option<Answer>, Failure> {
    let (responses, state) = match (brought.responses, brought.state) {
        (None, None) => return Ok(None),
        _ if !era::is_modern(context) => {
            return Err(invalid(
                "`inputResponses` and `requestState` belong to protocol 2026-07-28, which this call is not of",
            ));
        }
        _ if !era::shows_forms(context) => {
            return Err(invalid(
                "a client that does not declare the capability `elicitation` has asked nobody",
            ));
        }
        (Some(_), None) => {
            return Err(invalid(
                "`inputResponses` came without the `requestState` that belongs to them",
            ));
        }
        (None, Some(_)) => {
            return Err(invalid("`requestState` came without `inputResponses`"));
        }
        (Some(responses), Some(state)) => (responses, state),
    };
    let state = Seal::new(answers.key().await?).open(&state, bound, state::now())?;
    let response = responses.get(&state.proposal).ok_or_else(|| {
        invalid(format!(
            "`inputResponses` has no answer for `{}`, which the `requestState` is about",
            state.proposal
        ))
    })?;
    let response: ElicitResult = serde_json::from_value(response.clone()).map_err(|_| {
        invalid(format!(
            "`inputResponses.{}` is no result of `elicitation/create`",
            state.proposal
        ))
    })?;
    let answer = Answer {
        proposal: state.proposal,
        digest: state.digest,
        asked: dialog::decision(&response),
        nonce: state.nonce,
        expires: state.expires,
        client: era::client(context),
    };
    answers.take(&answer).await?;
    Ok(Some(answer))
}

/// Returns the result that asks.
async fn required(
    answers: &dyn Answers,
    question: Question,
    bound: &Bound,
) -> Result<InputRequiredResult, Failure> {
    let state = Seal::new(answers.key().await?).seal(&question, bound, state::now())?;
    let request = InputRequest::Elicitation(dialog::request(question.message));
    let requests = InputRequests::from([(question.proposal, request)]);
    Ok(InputRequiredResult::new(Some(requests), Some(state)))
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Invalid, message).fix(
        "call the tool again without `requestState` and `inputResponses`; the person is asked anew",
    )
}

#[cfg(test)]
mod tests;
