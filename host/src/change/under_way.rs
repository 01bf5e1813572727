//! What is under way with changes in this process, whichever configuration it began under: the configuration is read again while
//! calls wait and changes are applied, and neither the bound of those who wait nor the end of the host may forget them. Nor may a call
//! that waited apply what the configuration of before allowed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::running::Running;
use super::waiting::Waiting;

/// Calls that wait, and changes that are being applied; one per host.
#[derive(Default)]
pub(crate) struct UnderWay {
    /// Calls that wait for a decision.
    pub(super) waiting: Waiting,
    /// What is being applied; awaited when the host ends.
    pub(super) running: Running,
    /// What was read last, by the digests of both files; none while it is what the host began with.
    read_again: Mutex<Option<Texts>>,
}

/// The digests of the two texts that changes are judged by.
struct Texts {
    config: String,
    policy: String,
}

impl UnderWay {
    /// Notes what counts from now on, also for calls that began before.
    pub(crate) fn read_again(&self, config: String, policy: String) {
        let mut read_again = self
            .read_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *read_again = Some(Texts { config, policy });
    }

    /// Whether these are the texts that count.
    pub(super) fn counts(&self, config: &str, policy: &str) -> bool {
        let read_again = self
            .read_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let texts = read_again.as_ref();
        texts.is_none_or(|texts| texts.config == config && texts.policy == policy)
    }

    /// Waits for what is being applied, for so long. Returns how many changes have not ended.
    pub(crate) async fn drain(&self, longest: Duration) -> usize {
        self.running.drain(longest).await
    }
}
