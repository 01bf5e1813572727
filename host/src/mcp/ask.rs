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
use person::Person;
pub(super) use state::Bound;
use state::Seal;

/// Hears of answers that a client brought with a call.
pub(crate) trait Answers: Send + Sync {
    /// Takes an answer down, before the call runs. The question's `message` is empty: it does not travel.
    ///
    /// # Errors
    /// Where the nonce was taken before, or the answer cannot be written down: then the call does not run.
    fn answered<'a>(
        &'a self,
        question: &'a Question,
        asked: Asked,
        nonce: &'a str,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// What the stateless era needs: a key that outlives the call, and somebody who counts.
pub(crate) struct Rounds {
    seal: Seal,
    answers: Arc<dyn Answers>,
}

/// What a call brings beside its arguments, as the client wrote it.
pub(super) struct Brought {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

impl Rounds {
    /// Makes them with a key that every host on the same state directory has.
    pub(crate) fn new(state_key: [u8; 32], answers: Arc<dyn Answers>) -> Self {
        Self {
            seal: Seal::new(state_key),
            answers,
        }
    }

    /// Returns the result that asks.
    fn required(&self, question: Question, bound: &Bound) -> Result<InputRequiredResult, Failure> {
        let state = self.seal.seal(&question, bound, state::now())?;
        let request = InputRequest::Elicitation(dialog::request(question.message));
        let requests = InputRequests::from([(question.proposal, request)]);
        Ok(InputRequiredResult::new(Some(requests), Some(state)))
    }

    /// Opens an answer and has it written down.
    async fn take(
        &self,
        responses: &InputResponses,
        state: &str,
        bound: &Bound,
    ) -> Result<(Question, Asked), Failure> {
        let state = self.seal.open(state, bound, state::now())?;
        let response = responses.get(&state.proposal).ok_or_else(|| {
            invalid(format!(
                "`inputResponses` has no answer for `{}`, which the `requestState` is about",
                state.proposal
            ))
        })?;
        let answer: ElicitResult = serde_json::from_value(response.clone()).map_err(|_| {
            invalid(format!(
                "`inputResponses.{}` is no result of `elicitation/create`",
                state.proposal
            ))
        })?;
        let question = Question {
            proposal: state.proposal,
            digest: state.digest,
            message: String::new(),
        };
        let asked = dialog::decision(&answer);
        self.answers
            .answered(&question, asked.clone(), &state.nonce)
            .await?;
        Ok((question, asked))
    }
}

/// Runs a call that may ask: first takes the answer that it brings, last asks what it left open.
pub(super) async fn run<R>(
    rounds: Option<&Rounds>,
    context: &RequestContext<RoleServer>,
    bound: &Bound,
    brought: Brought,
    call: impl FnOnce(Arc<dyn Ask>) -> R,
) -> CallToolResponse
where
    R: Future<Output = CallToolResult>,
{
    let brought = match answer(rounds, context, bound, brought).await {
        Ok(brought) => brought,
        Err(failure) => return result::of(Err(failure)).into(),
    };
    let person = Arc::new(Person::of(context, rounds.is_some(), brought));
    let result = call(Arc::clone(&person) as Arc<dyn Ask>).await;
    match person.open().zip(rounds) {
        None => result.into(),
        Some((question, rounds)) => match rounds.required(question, bound) {
            Ok(required) => required.into(),
            Err(failure) => result::of(Err(failure)).into(),
        },
    }
}

/// Takes the answer that a call brings; none where it brings none.
async fn answer(
    rounds: Option<&Rounds>,
    context: &RequestContext<RoleServer>,
    bound: &Bound,
    brought: Brought,
) -> Result<Option<(Question, Asked)>, Failure> {
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
    let rounds = rounds.ok_or_else(|| invalid("nobody was asked for this call"))?;
    rounds.take(&responses, &state, bound).await.map(Some)
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Invalid, message).fix(
        "call the tool again without `requestState` and `inputResponses`; the person is asked anew",
    )
}

#[cfg(test)]
mod tests;
