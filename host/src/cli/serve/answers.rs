//! Where an answer of the stateless era goes: into the store, once.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::change::ChangesOnDemand;
use crate::failure::{Failure, Kind};
use crate::mcp::{Answer, Answers};

/// What a nonce of a question is remembered as.
const KIND: &str = "question";

/// Writes answers down as decisions.
pub(super) struct ToChanges(pub(super) Arc<ChangesOnDemand>);

impl Answers for ToChanges {
    fn key(&self) -> BoxFuture<'_, Result<[u8; 32], Failure>> {
        Box::pin(async move { Ok(self.0.get().await?.questions) })
    }

    fn take<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let changes = self.0.get().await?;
            let store = &changes.store;
            if !store.take_once(KIND, &answer.nonce, answer.expires).await? {
                return Err(Failure::new(
                    Kind::Conflict,
                    "this question was answered before: an answer counts once",
                )
                .fix("call the tool again without an answer; the person is asked anew"));
            }
            let stored = changes.stored(&answer.proposal).await?;
            if stored.digest != answer.digest {
                return Err(Failure::new(
                    Kind::Conflict,
                    format!(
                        "change {} is not the one that was asked about",
                        answer.proposal
                    ),
                )
                .fix("call the tool again without an answer"));
            }
            changes
                .answered(&stored, &answer.asked, answer.client.clone())
                .await
        })
    }
}
