//! Waiting for the effect of a change, within the call and with reports of progress.

use crate::kubernetes::{Condition, ObjectRef, wait_for};
use crate::{Failure, context};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Seconds of one look, unless the whole is so long that it would be too many: after it the client hears that the call still lives.
const SLICE: u64 = 5;

/// What is kept for the answer.
const FOR_THE_ANSWER: Duration = Duration::from_secs(2);

/// The most looks. Each is a report, a wait and mostly a read, and a call has 200 host calls.
const MOST_SLICES: u64 = 50;

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Waited {
    /// Whether it has come to pass.
    pub done: bool,
    /// What was seen last.
    pub detail: String,
}

/// The rest of a call, or a part of it, in slices.
#[derive(Debug)]
pub struct Waiting {
    whole: Duration,
    /// What is left of the call when the time to wait is over.
    spared: Duration,
    slices: u64,
}

impl Waiting {
    /// Begins to wait, for as long as this call may still take.
    pub fn for_the_rest_of_the_call() -> Self {
        Self::at_most(Duration::MAX)
    }

    /// Begins to wait, so long at most, and no longer than this call may still take.
    pub fn at_most(longest: Duration) -> Self {
        let left = left();
        let whole = left.min(longest);
        Self {
            whole,
            spared: left.saturating_sub(whole),
            slices: 0,
        }
    }

    /// Tells the client what is waited for and returns how long to wait for it now; none when the time is over.
    pub fn slice(&mut self, what: &str) -> Option<Duration> {
        let left = left().saturating_sub(self.spared);
        if left < Duration::from_secs(1) || self.slices == MOST_SLICES {
            return None;
        }
        self.slices += 1;
        let gone = self.whole.saturating_sub(left).as_secs_f64();
        context::progress(gone, Some(self.whole.as_secs_f64()), what);
        Some(left.min(slice_of(self.whole)))
    }
}

/// Waits for one object, saying `what` it waits for.
///
/// # Errors
/// As [`wait_for`], but a time that is over is no failure: it gives a [`Waited`] that is not done.
pub fn until(object: &ObjectRef, condition: &Condition, what: &str) -> Result<Waited, Failure> {
    let mut waiting = Waiting::for_the_rest_of_the_call();
    while let Some(slice) = waiting.slice(what) {
        match wait_for::<Value>(object, condition, slice) {
            Ok(_) => {
                return Ok(Waited {
                    done: true,
                    detail: what.to_owned(),
                });
            }
            Err(Failure::Limit(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(Waited {
        done: false,
        detail: format!("the time is over: {what}"),
    })
}

/// Looks at an object again and again until `look` says that it has come to its end, and tells the client each time what it saw. The
/// condition only wakes it early: what the end is, `look` says.
///
/// # Errors
/// As `look` and [`wait_for`], but a time that is over is no failure: it gives a [`Waited`] that is not done.
pub fn watch(
    mut waiting: Waiting,
    object: &ObjectRef,
    condition: &Condition,
    look: &mut dyn FnMut() -> Result<(bool, String), Failure>,
) -> Result<Waited, Failure> {
    loop {
        let (done, detail) = look()?;
        if done {
            return Ok(Waited { done, detail });
        }
        let Some(slice) = waiting.slice(&detail) else {
            let detail = format!("the time to wait is over, it goes on: {detail}");
            return Ok(Waited { done, detail });
        };
        match wait_for::<Value>(object, condition, slice) {
            Ok(_) | Err(Failure::Limit(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// How long one look may take, so that the most looks reach over the whole.
fn slice_of(whole: Duration) -> Duration {
    Duration::from_secs(whole.as_secs().div_ceil(MOST_SLICES).max(SLICE))
}

fn left() -> Duration {
    context::remaining().saturating_sub(FOR_THE_ANSWER)
}

#[cfg(test)]
mod tests {
    use super::{MOST_SLICES, SLICE, slice_of};
    use std::time::Duration;

    #[test]
    fn so_many_looks_reach_over_ten_minutes_and_a_short_wait_is_looked_at_often() {
        for seconds in [28, 251, 598, 600] {
            let slice = slice_of(Duration::from_secs(seconds)).as_secs();
            assert!(
                slice >= SLICE && slice * MOST_SLICES >= seconds,
                "{seconds}"
            );
        }
        assert_eq!(slice_of(Duration::from_secs(28)).as_secs(), SLICE);
        assert_eq!(slice_of(Duration::from_secs(598)).as_secs(), 12);
    }
}
