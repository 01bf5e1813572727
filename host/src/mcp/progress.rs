//! Progress on its way to the client, in order, and never after the answer.

use rmcp::model::ProgressNotificationParam;
use rmcp::service::{RequestContext, RoleServer};
use tokio::sync::mpsc;

use crate::call::{Progress as Step, ProgressSink};
use crate::tasks::{Task, spawn};

/// Steps that wait for a slow client; more are dropped, since progress is only a hint.
const WAITING_STEPS: usize = 64;

/// Runs a call that may report its progress, where the client asked for it, and sends what it reported before the answer.
pub(super) async fn reported<A: Future>(
    context: &RequestContext<RoleServer>,
    call: impl FnOnce(Option<ProgressSink>) -> A,
) -> A::Output {
    let progress = Progress::begin(context);
    let answer = call(progress.as_ref().map(Progress::sink)).await;
    if let Some(progress) = progress {
        progress.end().await;
    }
    answer
}

/// The progress of one call.
struct Progress {
    steps: mpsc::Sender<Step>,
    sending: Task<()>,
}

impl Progress {
    /// Begins, where the client asked for progress.
    fn begin(context: &RequestContext<RoleServer>) -> Option<Self> {
        let token = context.meta.get_progress_token()?;
        let (steps, mut waiting) = mpsc::channel::<Step>(WAITING_STEPS);
        let peer = context.peer.clone();
        let sending = spawn(async move {
            while let Some(step) = waiting.recv().await {
                let mut notification = ProgressNotificationParam::new(token.clone(), step.done)
                    .with_message(step.message);
                notification.total = step.total;
                if peer.notify_progress(notification).await.is_err() {
                    return;
                }
            }
        });
        Some(Self { steps, sending })
    }

    /// Returns where a call reports its progress.
    fn sink(&self) -> ProgressSink {
        let steps = self.steps.clone();
        Box::new(move |step| drop(steps.try_send(step)))
    }

    /// Sends what still waits.
    async fn end(self) {
        drop(self.steps);
        // A task that was aborted has nothing more to send.
        drop(self.sending.await);
    }
}
