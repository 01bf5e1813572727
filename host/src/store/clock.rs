//! The time that expiry is judged by.
//!
//! A proposal must not live longer because somebody sets the clock back. So time is the latest of three: the wall clock, the
//! latest time that any host has written into the store, and what has passed in this process since it last looked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::proposal::Moment;

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> Moment + Send + Sync>,
    steady: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// Returns the system's clock.
    #[must_use]
    pub fn system() -> Self {
        let start = Instant::now();
        let wall = || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            Moment(0).plus(since.unwrap_or_default())
        };
        Self::new(wall, move || start.elapsed())
    }

    /// Makes a clock of two: one that can be set, and one that only runs.
    pub fn new(
        wall: impl Fn() -> Moment + Send + Sync + 'static,
        steady: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self {
            wall: Arc::new(wall),
            steady: Arc::new(steady),
        }
    }

    /// Returns what the wall clock shows, right or wrong.
    #[must_use]
    pub fn wall(&self) -> Moment {
        (self.wall)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Time that never goes back.
#[derive(Debug)]
pub(super) struct Timeline {
    clock: Clock,
    /// The latest time given out, and what the steady clock showed then.
    last: Mutex<(Moment, Duration)>,
}

impl Timeline {
    pub(super) fn new(clock: Clock) -> Self {
        let last = (Moment::default(), (clock.steady)());
        Self {
            clock,
            last: Mutex::new(last),
        }
    }

    /// Returns the time, which is not before `seen`.
    pub(super) fn now(&self, seen: Moment) -> Moment {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let steady = (self.clock.steady)();
        let passed = last.0.plus(steady.saturating_sub(last.1));
        let now = passed.max(seen).max(self.clock.wall());
        *last = (now, steady);
        now
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn time_goes_on_while_the_clock_is_set_back() {
        let wall = Arc::new(AtomicU64::new(1_000));
        let steady = Arc::new(AtomicU64::new(0));
        let (w, s) = (wall.clone(), steady.clone());
        let timeline = Timeline::new(Clock::new(
            move || Moment(w.load(Ordering::Relaxed)),
            move || Duration::from_millis(s.load(Ordering::Relaxed)),
        ));
        assert_eq!(timeline.now(Moment(0)), Moment(1_000));
        wall.store(10, Ordering::Relaxed);
        steady.store(50, Ordering::Relaxed);
        assert_eq!(timeline.now(Moment(0)), Moment(1_050));
        assert_eq!(
            timeline.now(Moment(2_000)),
            Moment(2_000),
            "another host was later"
        );
        steady.store(60, Ordering::Relaxed);
        assert_eq!(timeline.now(Moment(0)), Moment(2_010));
        wall.store(9_000, Ordering::Relaxed);
        assert_eq!(timeline.now(Moment(0)), Moment(9_000));
    }
}
