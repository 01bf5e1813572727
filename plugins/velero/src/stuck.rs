//! What has been under way for longer than it should be.
//!
//! The bounds are Velero's own where it has one. It does not enforce them all: a server that went away leaves its work as it was.

use crate::duration;
use crate::phase::{Meaning, shown};
use bulkhead_plugin_sdk::Time;

/// A running server takes up what is new at once, and looks again every minute (`pkg/controller` of 1.18).
const TAKEN_UP_SECONDS: i64 = 600;

/// How long operations on items may take unless a backup or restore says otherwise (`pkg/cmd/server/config/config.go` of 1.18). The
/// same holds for pod volume backups.
const ITEM_OPERATIONS_SECONDS: i64 = 4 * 3600;

/// Of a request to delete a backup, which waits for nobody.
pub(crate) const DELETED_SECONDS: i64 = 3600;

/// A backup or restore, as far as it is under way.
pub(crate) struct Work<'a> {
    /// As Velero wrote it; empty where nobody has taken it up.
    pub(crate) phase: &'a str,
    pub(crate) asked: Option<Time>,
    pub(crate) began: Option<Time>,
    /// `spec.itemOperationTimeout`, as written.
    pub(crate) timeout: &'a str,
}

impl Work<'_> {
    /// Returns for how long it has been under way, and why that is too long; none where it is not.
    pub(crate) fn stuck(&self, now: Time) -> Option<String> {
        let (since, bound, why) = match Meaning::of(self.phase) {
            Meaning::Waiting if shown(self.phase) == "New" => (
                self.asked,
                TAKEN_UP_SECONDS,
                "nobody has taken it up, a running server does so within a minute (before 1.18, once the one before it has ended)",
            ),
            Meaning::Waiting => (
                self.began.or(self.asked),
                ITEM_OPERATIONS_SECONDS,
                "it still waits for others to end",
            ),
            Meaning::Running | Meaning::RunningWithErrors => (
                self.began.or(self.asked),
                self.item_operations(),
                "longer than its operations on items may take",
            ),
            Meaning::Completed
            | Meaning::PartiallyFailed
            | Meaning::Failed
            | Meaning::Invalid
            | Meaning::Canceled
            | Meaning::Deleting
            | Meaning::Unknown => return None,
        };
        self.longer(since?, bound, why, now)
    }

    /// The same of a request to delete a backup.
    pub(crate) fn stuck_deletion(&self, now: Time) -> Option<String> {
        match Meaning::of(self.phase) {
            Meaning::Running => {
                let why = "deleting a backup's data takes minutes, not hours";
                self.longer(self.asked?, DELETED_SECONDS, why, now)
            }
            _ => self.stuck(now),
        }
    }

    fn longer(&self, since: Time, bound: i64, why: &str, now: Time) -> Option<String> {
        let late = now.seconds() - since.seconds() > bound;
        late.then(|| format!("{} for {}: {why}", shown(self.phase), now.age(since)))
    }

    fn item_operations(&self) -> i64 {
        let written = duration::nanoseconds(self.timeout).unwrap_or(0) / 1_000_000_000;
        match written {
            0 => ITEM_OPERATIONS_SECONDS,
            written => written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use bulkhead_plugin_sdk::Time;

    fn stuck(phase: &str, minutes: i64, timeout: &str) -> bool {
        let began = Time::from_seconds(1_000_000_000);
        let work = Work {
            phase,
            asked: Some(began),
            began: None,
            timeout,
        };
        let now = Time::from_seconds(began.seconds() + minutes * 60 + 1);
        work.stuck(now).is_some()
    }

    #[test]
    fn what_nobody_took_up_is_stuck_after_minutes() {
        for phase in ["", "New"] {
            assert!(!stuck(phase, 9, "") && stuck(phase, 10, ""), "{phase}");
        }
    }

    #[test]
    fn what_runs_is_stuck_after_the_time_that_its_operations_may_take() {
        for phase in ["InProgress", "WaitingForPluginOperations", "Finalizing"] {
            assert!(!stuck(phase, 239, "") && stuck(phase, 240, ""), "{phase}");
            assert!(!stuck(phase, 479, "8h0m0s") && stuck(phase, 480, "8h0m0s"));
            assert!(!stuck(phase, 239, "0s"), "zero is not set");
        }
    }

    #[test]
    fn what_has_ended_is_never_stuck() {
        for phase in ["Completed", "PartiallyFailed", "Failed", "FailedValidation"] {
            assert!(!stuck(phase, 100_000, ""), "{phase}");
        }
    }

    #[test]
    fn a_deletion_is_stuck_after_an_hour() {
        let asked = Time::from_seconds(1_000_000_000);
        let work = Work {
            phase: "InProgress",
            asked: Some(asked),
            began: None,
            timeout: "",
        };
        let after = |minutes: i64| {
            let now = Time::from_seconds(asked.seconds() + minutes * 60 + 1);
            work.stuck_deletion(now)
        };
        assert_eq!(after(59), None);
        assert_eq!(
            after(90).as_deref(),
            Some("InProgress for 90m: deleting a backup's data takes minutes, not hours")
        );
    }
}
