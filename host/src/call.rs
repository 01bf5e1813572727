//! One request, passed by reference to everything that answers it.
//!
//! A [`Call`] says which tool runs, until when, and what may still be spent. Every await that can hang runs under its
//! deadline and its cancellation.

mod noted;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

pub use self::noted::{Begun, Covered, Denial, Denials};
use crate::config::Impersonation;
use crate::failure::{Failure, Kind};

/// What a tool may do, as its manifest declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Looks only.
    Read,
    /// May propose changes.
    Change,
}

/// A question to the person at the client: whether a proposal may be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The proposal's id.
    pub proposal: String,
    /// The proposal's digest: what the answer is about.
    pub digest: String,
    /// What the person reads: the whole proposal, drawn by the host.
    pub message: String,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The person said yes.
    Approved,
    /// The person said no.
    Declined,
    /// The person put the question away.
    Cancelled,
    /// The client cannot ask: the reason, in a sentence.
    CannotAsk(String),
    /// The client will ask when this call has ended, and call again with the answer.
    Later,
}

/// Asks the person at the client, in the way of the client's protocol era.
pub trait Ask: Send + Sync {
    /// Asks. Bounded by the caller.
    fn ask(&self, question: Question) -> futures::future::BoxFuture<'_, Asked>;
}

/// Hears of progress; called from a guest's call, so it must not block.
pub type ProgressSink = Box<dyn Fn(Progress) + Send + Sync>;

/// How far a call is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Grows from call to call.
    pub done: f64,
    /// None where the plugin does not know.
    pub total: Option<f64>,
    /// For a person.
    pub message: String,
}

/// One request of a client: to a tool, for a resource, a prompt or a completion.
pub struct Call {
    /// Counts up in one process; stands in logs and denials.
    pub id: u64,
    /// The plugin's key in the configuration.
    pub plugin: String,
    /// The tool's own name, without the operator's prefix; else the MCP method, such as `resources/read`.
    pub tool: String,
    /// In a `Read` call the host refuses every change.
    pub effect: Effect,
    /// When the wall time is over.
    pub deadline: Deadline,
    /// Fires when the client gives the call up.
    pub cancelled: CancellationToken,
    /// What may still be spent.
    pub budget: Budget,
    /// None where the client did not ask for progress.
    pub progress: Option<ProgressSink>,
    /// None where nobody can be asked through the client.
    pub ask: Option<Arc<dyn Ask>>,
    /// Who asks, and in whose words.
    pub origin: Origin,
    /// In whose name the cluster is asked.
    pub actor: Actor,
    /// What the gate refused.
    pub denials: Denials,
    /// What let something pass.
    pub covered: Covered,
    /// Which changes it has begun to apply.
    pub begun: Begun,
}

/// In whose name the cluster is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// None is the kubeconfig's own user.
    pub impersonate: Option<Arc<Impersonation>>,
}

/// Where a call comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// `uid 1000` over stdio.
    pub caller: String,
    /// The client as it calls itself; shown, never trusted.
    pub client: Option<String>,
    /// SHA-256 of the canonical arguments, in hex.
    pub arguments_digest: String,
    /// The arguments, redacted.
    pub arguments: serde_json::Value,
}

impl Call {
    /// Returns what is left of the wall time.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.at().saturating_duration_since(Instant::now())
    }

    /// Does not count a wait for a person as the plugin's own time.
    pub fn extend(&self, waited: Duration) {
        self.deadline.extend(waited);
    }

    /// Runs `future` until the deadline or the cancellation, whichever comes first.
    ///
    /// # Errors
    /// `Limit` at the deadline, `Cancelled` when the client left, else what `future` fails with.
    pub async fn bound<T>(
        &self,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Err(Failure::new(Kind::Cancelled, "the client gave the call up")),
            result = future => result,
            () = self.deadline.over() => Err(self.out_of_time()),
        }
    }

    /// Returns the failure of a call whose wall time is over.
    #[must_use]
    pub fn out_of_time(&self) -> Failure {
        Failure::new(Kind::Limit, format!("`{}` ran out of its wall time", self.tool)).fix(format!(
            "ask for less at once (a namespace, a selector, a smaller limit), or let the operator raise `limits.wall` of plugin `{}`",
            self.plugin
        ))
    }
}

/// When a call's wall time is over. It moves while a person is waited for.
#[derive(Debug)]
pub struct Deadline {
    first: Instant,
    waited_milliseconds: AtomicU64,
}

impl Deadline {
    /// Ends so far from now.
    #[must_use]
    pub fn within(wall: Duration) -> Self {
        Self {
            first: Instant::now() + wall,
            waited_milliseconds: AtomicU64::new(0),
        }
    }

    fn at(&self) -> Instant {
        self.first + Duration::from_millis(self.waited_milliseconds.load(Ordering::Relaxed))
    }

    fn extend(&self, waited: Duration) {
        let milliseconds = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.waited_milliseconds
            .fetch_add(milliseconds, Ordering::Relaxed);
    }

    async fn over(&self) {
        loop {
            let at = self.at();
            tokio::time::sleep_until(at.into()).await;
            if at == self.at() {
                return;
            }
        }
    }
}

/// What one call may spend. Counts down; shared by every host call of the call.
#[derive(Debug)]
pub struct Budget {
    host_calls: AtomicU32,
    crossing: AtomicU64,
    log: AtomicU64,
    /// Objects read through a grant, by the grant's place in the configuration.
    objects: Mutex<BTreeMap<usize, u32>>,
}

/// What a plugin may write to the operator's log in one call.
const LOG_BYTES: u64 = 64 * 1024;

impl Budget {
    /// Makes a budget of so many host calls, and so many bytes that they hand to the guest.
    #[must_use]
    pub fn new(host_calls: u32, crossing_bytes: u64) -> Self {
        Self {
            host_calls: AtomicU32::new(host_calls),
            crossing: AtomicU64::new(crossing_bytes),
            log: AtomicU64::new(LOG_BYTES),
            objects: Mutex::new(BTreeMap::new()),
        }
    }

    /// Spends one host call.
    ///
    /// # Errors
    /// `Limit` when none is left.
    pub fn take_host_call(&self) -> Result<(), Failure> {
        self.host_calls
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .map(|_| ())
            .map_err(|_| spent("host calls", "limits.host_calls"))
    }

    /// Spends bytes on their way into the guest.
    ///
    /// # Errors
    /// `Limit` when fewer are left.
    pub fn take_crossing(&self, bytes: usize) -> Result<(), Failure> {
        take(&self.crossing, bytes)
            .map_err(|()| spent("bytes that cross into the plugin", "limits.crossing"))
    }

    /// Spends bytes of the operator's log; false when fewer are left.
    #[must_use]
    pub fn take_log(&self, bytes: usize) -> bool {
        take(&self.log, bytes).is_ok()
    }

    /// Spends objects of a grant that allows `most` in one call.
    ///
    /// # Errors
    /// `Limit` when fewer are left.
    pub fn take_objects(&self, grant: usize, objects: usize, most: u32) -> Result<(), Failure> {
        let mut spent = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let used = spent.entry(grant).or_default();
        *used = used.saturating_add(u32::try_from(objects).unwrap_or(u32::MAX));
        if *used > most {
            return Err(Failure::new(
                Kind::Limit,
                format!("the operator's grant allows {most} objects in one call, and this one reads more"),
            )
            .fix("narrow the query by namespace, name or label selector"));
        }
        Ok(())
    }
}

fn take(left: &AtomicU64, bytes: usize) -> Result<(), ()> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(bytes as u64)
    })
    .map(|_| ())
    .map_err(|_| ())
}

fn spent(what: &str, key: &str) -> Failure {
    Failure::new(Kind::Limit, format!("this call has used up its {what}")).fix(format!(
        "ask for less at once, or let the operator raise `{key}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_calls_end_when_the_budget_is_spent() {
        let budget = Budget::new(2, 10);
        assert!(budget.take_host_call().is_ok());
        assert!(budget.take_host_call().is_ok());
        assert_eq!(budget.take_host_call().unwrap_err().kind, Kind::Limit);
    }

    #[test]
    fn a_larger_piece_than_is_left_spends_nothing() {
        let budget = Budget::new(1, 10);
        assert!(budget.take_crossing(11).is_err());
        assert!(budget.take_crossing(10).is_ok());
        assert!(budget.take_crossing(1).is_err());
    }

    #[test]
    fn refusals_beyond_those_that_are_kept_are_counted() {
        let denials = Denials::default();
        for nth in 0..100 {
            denials.add(Denial {
                said: nth.to_string(),
                grant: None,
                object: None,
            });
        }
        assert_eq!(denials.take().len(), 64);
        assert_eq!(denials.take_more(), 36);
        assert_eq!(denials.take_more(), 0);
    }

    #[test]
    fn objects_are_counted_by_grant() {
        let budget = Budget::new(1, 1);
        assert!(budget.take_objects(0, 3, 3).is_ok());
        assert!(budget.take_objects(1, 3, 3).is_ok());
        assert!(budget.take_objects(0, 1, 3).is_err());
    }
}
