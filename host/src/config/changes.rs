//! `[changes]`: how large plans may be, how long proposals and approvals live, and what is kept of them.
//!
//! Every value has a bound, so that no configuration makes an approval that never ends.

use std::time::Duration;

use super::units::ByteSize;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// `[changes]`: what bounds proposals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesConfig {
    /// How long a proposal can be decided on.
    pub proposal_lifetime: Duration,
    /// How soon after its approval a proposal must be applied.
    pub approval_lifetime: Duration,
    /// How long the same plan is refused after a person declined it.
    pub decline_pause: Duration,
    /// Changes of one plan.
    pub max_changes: u32,
    /// One plan, as JSON text.
    pub max_plan: ByteSize,
    /// Open proposals of one caller and plugin.
    pub max_open: u32,
    /// How long objects are kept as they were before a change: so long it can be taken back.
    pub keep_snapshots: Duration,
    /// How long proposals are kept after their end; never less than `keep_snapshots`.
    pub keep_proposals: Duration,
}

impl Default for ChangesConfig {
    fn default() -> Self {
        Self {
            proposal_lifetime: MINUTE * 30,
            approval_lifetime: MINUTE * 5,
            decline_pause: MINUTE * 10,
            max_changes: 50,
            max_plan: ByteSize::kibibytes(256),
            max_open: 10,
            keep_snapshots: HOUR * 168,
            keep_proposals: HOUR * 720,
        }
    }
}
