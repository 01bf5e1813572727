//! Counts the CPU time of a future.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The budget is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

/// Runs a future until it has used up its CPU time. Waiting costs nothing: only polls are counted. The guest yields at each
/// tick of the epoch, so the count is never further off than one tick.
pub(super) struct Metered<F> {
    inner: Pin<Box<F>>,
    left: Duration,
}

impl<F: Future> Metered<F> {
    pub(super) fn new(inner: F, budget: Duration) -> Self {
        Self {
            inner: Box::pin(inner),
            left: budget,
        }
    }
}

impl<F: Future> Future for Metered<F> {
    type Output = Result<F::Output, Spent>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let before = thread_time();
        let polled = this.inner.as_mut().poll(context);
        let used = thread_time().saturating_sub(before);
        if let Poll::Ready(output) = polled {
            return Poll::Ready(Ok(output));
        }
        match this.left.checked_sub(used) {
            Some(left) => {
                this.left = left;
                Poll::Pending
            }
            None => Poll::Ready(Err(Spent)),
        }
    }
}

/// The CPU time of this thread: a machine that is busy with other things costs the guest nothing.
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_future_that_burns_is_ended_and_one_that_waits_is_not() {
        let burning = async {
            loop {
                let from = thread_time();
                while thread_time() - from < Duration::from_millis(1) {}
                tokio::task::yield_now().await;
            }
        };
        let ended: Result<(), Spent> = Metered::new(burning, Duration::from_millis(20)).await;
        assert_eq!(ended, Err(Spent));
        let (tell, told) = tokio::sync::oneshot::channel();
        let waiting = crate::tasks::spawn(Metered::new(told, Duration::from_nanos(1_000_000)));
        tell.send(7).unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), Ok(7));
    }
}
