//! Changes that are being applied: they run to their end, whoever leaves, and the host waits for them a bounded time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::tasks::{Task, spawn};

/// The tasks that apply changes.
#[derive(Default)]
pub(super) struct Running {
    tasks: Mutex<Vec<Task<()>>>,
}

impl Running {
    /// Runs `work` to its end, whether or not its result is awaited.
    pub(super) fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::sync::oneshot::Receiver<T> {
        let (done, result) = tokio::sync::oneshot::channel();
        let task = spawn(async move {
            // The client may have left.
            done.send(work.await).ok();
        });
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
        result
    }

    /// Waits until all have ended, or for so long. Returns how many have not.
    pub(super) async fn drain(&self, longest: Duration) -> usize {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = tokio::time::Instant::now() + longest;
        let mut left = 0;
        for task in tasks {
            if tokio::time::timeout_at(deadline, task).await.is_err() {
                left += 1;
            }
        }
        left
    }
}
