//! The person at the client, as one call can reach them.
//!
//! Up to 2025-11-25 the client is asked while the call runs. In 2026-07-28 it is asked by the call's result: the first question
//! waits here until the call has ended, and the call that comes back brings the answer along.

use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rmcp::model::{ClientResult, ServerRequest};
use rmcp::service::{
    Peer, PeerRequestOptions, RequestContext, RequestHandle, RoleServer, ServiceError,
};

use super::{Answer, dialog};
use crate::call::{Ask, Asked, Question};
use crate::host_calls::cut;
use crate::mcp::era;
use crate::{escape, redact};

/// Most bytes of a client's words that a reason repeats.
const MAX_WORDS_BYTES: usize = 256;

/// Asks for one call.
pub(super) struct Person(Way);

enum Way {
    /// A request of ours, while the call runs.
    Request(Peer<RoleServer>),
    /// A part of the call's result.
    Result {
        /// What the client brought with this call.
        answer: Option<Answer>,
        /// The first question that came up.
        open: Mutex<Option<Question>>,
    },
    /// None, and why.
    Closed(&'static str),
}

impl Person {
    /// Finds the way of a call; `answer` is what it brought.
    pub(super) fn of(context: &RequestContext<RoleServer>, answer: Option<Answer>) -> Self {
        Self(if !era::shows_forms(context) {
            Way::Closed("the client cannot ask: it does not declare MCP's capability `elicitation`")
        } else if !era::is_modern(context) {
            Way::Request(context.peer.clone())
        } else {
            Way::Result {
                answer,
                open: Mutex::default(),
            }
        })
    }

    /// Returns the question that the call's result has to ask.
    pub(super) fn open(&self) -> Option<Question> {
        match &self.0 {
            Way::Result { open, .. } => open.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Way::Request(_) | Way::Closed(_) => None,
        }
    }
}

impl Ask for Person {
    fn ask(&self, question: Question) -> BoxFuture<'_, Asked> {
        Box::pin(async move {
            match &self.0 {
                Way::Request(peer) => show(peer, question.message).await,
                Way::Result { answer, open } => {
                    if let Some(answer) = answer
                        && answer.proposal == question.proposal
                        && answer.digest == question.digest
                    {
                        // Else a question that was put away would be asked for ever.
                        return answer.asked.clone();
                    }
                    open.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        // One at a time: a second one comes up again when the first is answered.
                        .get_or_insert(question);
                    Asked::Later
                }
                Way::Closed(why) => Asked::CannotAsk((*why).to_owned()),
            }
        })
    }
}

async fn show(peer: &Peer<RoleServer>, message: String) -> Asked {
    let request = ServerRequest::ElicitRequest(dialog::request(message));
    let sent = peer
        .send_request_with_option(request, PeerRequestOptions::no_options())
        .await;
    let answer = match sent {
        Ok(handle) => Shown(Some(handle)).answer().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(ClientResult::ElicitResult(answer)) => dialog::decision(&answer),
        Ok(_) | Err(ServiceError::UnexpectedResponse) => {
            cannot("what the client answered is no answer to a question")
        }
        Err(ServiceError::McpError(error)) => cannot(&format!(
            "the client answered with an error instead: {}",
            words(&error.message)
        )),
        Err(ServiceError::TransportClosed | ServiceError::TransportSend(_)) => {
            cannot("the client is gone")
        }
        Err(error) => cannot(&format!(
            "the client did not answer: {}",
            words(&error.to_string())
        )),
    }
}

fn cannot(why: &str) -> Asked {
    Asked::CannotAsk(why.to_owned())
}

/// A client's words as a reason repeats them.
fn words(text: &str) -> String {
    escape::line(&redact::text(cut(text, MAX_WORDS_BYTES)))
}

/// A dialog that the client shows. Where nobody waits for its answer any more, the client is told to put it away.
struct Shown(Option<RequestHandle<RoleServer>>);

impl Shown {
    async fn answer(mut self) -> Result<ClientResult, ServiceError> {
        let Some(handle) = &mut self.0 else {
            return Err(ServiceError::TransportClosed);
        };
        let answer = (&mut handle.rx).await;
        self.0 = None;
        answer.unwrap_or(Err(ServiceError::TransportClosed))
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            let notice = handle.cancel(Some("the question is no longer open".to_owned()));
            // The first poll hands the notice over; only its receipt would be awaited, and nothing can be done without it.
            drop(tokio::task::unconstrained(notice).now_or_never());
        }
    }
}
