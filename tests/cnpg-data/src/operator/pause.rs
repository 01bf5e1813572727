//! Where the operator stops until a test lets it go on, so that what lies in between is seen for certain.

use std::sync::{Condvar, Mutex, PoisonError};

use serde_json::Value;

/// Until when the operator goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Until {
    /// Not at all, for now.
    #[default]
    Now,
    /// Until something is to be done about a cluster in this phase.
    Phase(&'static str),
    /// Without a pause.
    Never,
    /// It is over: nothing more is done.
    Ended,
}

/// What the operator's threads look at before each step.
#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Mutex<Until>,
    changed: Condvar,
}

impl Pause {
    pub(super) fn set(&self, until: Until) {
        let mut now = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that waits must not go on once the operator has ended.
        if *now != Until::Ended {
            *now = until;
        }
        drop(now);
        self.changed.notify_all();
    }

    /// Waits as long as the operator pauses before this object; whether it goes on then.
    pub(super) fn passes(&self, object: &Value) -> bool {
        let phase = object["status"]["phase"].as_str();
        let pauses = |until: &mut Until| match *until {
            Until::Now => true,
            Until::Phase(name) => phase == Some(name),
            Until::Never | Until::Ended => false,
        };
        let now = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.changed.wait_while(now, pauses);
        *now.unwrap_or_else(PoisonError::into_inner) != Until::Ended
    }
}
