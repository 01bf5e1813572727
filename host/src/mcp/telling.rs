//! Telling clients that a list is not what it was.
//!
//! Up to 2025-11-25 a notification is simply sent. In 2026-07-28 a client opens `subscriptions/listen` and says what it wants to
//! hear. Bulkhead offers no notice of a single resource's contents.

use rmcp::model::SubscriptionFilter;
use rmcp::service::{Peer, RoleServer, SubscriptionContext};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Server;
use crate::registry::Lists;
use crate::tasks::{Task, spawn};

/// What a client may listen to.
pub(super) fn accepted() -> SubscriptionFilter {
    SubscriptionFilter::builder()
        .tools_list_changed()
        .resources_list_changed()
        .prompts_list_changed()
        .build()
}

/// Tells a client of the eras with a handshake, until the result is dropped.
pub(crate) fn tell(mut news: Receiver<Lists>, peer: Peer<RoleServer>) -> Task<()> {
    spawn(async move {
        while let Some(lists) = next(&mut news).await {
            // Only a handshake leaves a peer's word of itself. A client of the stateless era listens, if it wants to.
            if peer.peer_info().is_some() && send(&peer, lists).await.is_err() {
                return;
            }
        }
    })
}

async fn send(peer: &Peer<RoleServer>, lists: Lists) -> Result<(), rmcp::ServiceError> {
    if lists.tools {
        peer.notify_tool_list_changed().await?;
    }
    if lists.resources {
        peer.notify_resource_list_changed().await?;
    }
    if lists.prompts {
        peer.notify_prompt_list_changed().await?;
    }
    Ok(())
}

/// Runs one subscription until the client ends it, or leaves.
pub(super) async fn listen(server: &Server, subscription: &SubscriptionContext) {
    let mut news = server.news();
    loop {
        let lists = tokio::select! {
            () = subscription.cancelled() => return,
            () = server.ended().cancelled() => return,
            lists = next(&mut news) => lists,
        };
        let Some(lists) = lists else { return };
        let (sink, wanted) = (subscription.sink(), subscription.accepted());
        // The sink refuses what was not asked for.
        let tools = lists.tools && wanted.tools_list_changed == Some(true);
        let resources = lists.resources && wanted.resources_list_changed == Some(true);
        let prompts = lists.prompts && wanted.prompts_list_changed == Some(true);
        let sent = async {
            if tools {
                sink.notify_tool_list_changed().await?;
            }
            if resources {
                sink.notify_resource_list_changed().await?;
            }
            if prompts {
                sink.notify_prompt_list_changed().await?;
            }
            Ok::<_, rmcp::service::SubscriptionSendError>(())
        };
        // Once the input has ended nobody tells that something was sent, though it was.
        let sent = tokio::select! {
            () = server.ended().cancelled() => return,
            sent = sent => sent,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Returns the next news; none when there will be no more.
async fn next(news: &mut Receiver<Lists>) -> Option<Lists> {
    match news.recv().await {
        Ok(lists) => Some(lists),
        Err(RecvError::Lagged(_)) => Some(Lists::ALL),
        Err(RecvError::Closed) => None,
    }
}
