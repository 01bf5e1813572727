//! What is under way with changes in this process, whichever configuration it began under: the configuration is read again while
//! calls wait and changes are applied, and neither the bound of those who wait nor the end of the host may forget them.

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
}

impl UnderWay {
    /// Waits for what is being applied, for so long. Returns how many changes have not ended.
    pub(crate) async fn drain(&self, longest: Duration) -> usize {
        self.running.drain(longest).await
    }
}
