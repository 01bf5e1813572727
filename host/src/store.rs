//! What outlives a call and a restart: proposals, decisions, claims, snapshots and the audit's records.
//!
//! [`Store`] is the one door to it, and [`SqliteStore`] what stands behind it; several hosts share one. It promises that each
//! change of a proposal's state happens once across all of them, and that what was finished is on the disk. It keeps
//! decisions and does not believe them: whoever reads a row judges its signature. It never says yes where it cannot look:
//! a store that fails refuses changes, and stops no read of the cluster.

mod chain;
mod clock;
mod error;
mod hosts;
mod kept;
mod sqlite;
mod stored;

use async_trait::async_trait;
use serde_json::{Map, Value};

pub use chain::{Columns, GENESIS, Head, link};
pub use clock::Clock;
pub use error::{ClaimError, DecideError, ProposeError, StoreError, Unfinished};
pub use sqlite::SqliteStore;
pub use stored::{
    Claimed, Entry, Filter, Intent, Keep, Limits, Proposed, Pruned, Snapshot, Stored,
};

use crate::proposal::{Decision, Moment, Proposal, State};

/// Where changes and the audit are kept.
///
/// Every method that writes has been made durable when it returns `Ok`. A future that is dropped may still take effect. Where a
/// method takes an audit record, made ready by the audit, both are written or neither is.
#[async_trait]
pub trait Store: Send + Sync {
    /// Returns the time that expiry is judged by. It never goes back: not when the clock is set back, nor in another host.
    async fn now(&self) -> Result<Moment, StoreError>;

    /// Stores a proposal, or finds the one that the same call has open for the same plan with the same effect. Another plan of the
    /// same call replaces the open one, which expires. `record` is appended where it is new. Now and then this forgets what is
    /// too old, as [`Store::prune`] does.
    ///
    /// # Errors
    /// `Declined` within the pause after a person said no to this plan, `TooMany` where the caller has `limits.max_open` open
    /// of this plugin.
    async fn propose(
        &self,
        proposal: &Proposal,
        limits: &Limits,
        record: &Map<String, Value>,
    ) -> Result<Proposed, ProposeError>;

    /// Returns a proposal by its id; none where there is none.
    ///
    /// # Errors
    /// `Corrupt` where the row is not what was stored.
    async fn proposal(&self, id: &str) -> Result<Option<Stored>, StoreError>;

    /// Returns a proposal by its token; none where there is none.
    ///
    /// # Errors
    /// As [`Store::proposal`].
    async fn by_token(&self, token: &str) -> Result<Option<Stored>, StoreError>;

    /// Returns where a proposal stands and how many decisions it has; none where there is no such proposal. Cheap, for whoever
    /// waits for a change of it: only [`Store::proposal`] looks at the document.
    ///
    /// # Errors
    /// As [`Store::proposal`].
    async fn state(&self, id: &str) -> Result<Option<(State, u32)>, StoreError>;

    /// Returns the proposals that can still be decided on or applied, the oldest first.
    ///
    /// # Errors
    /// As [`Store::proposal`].
    async fn open_proposals(&self) -> Result<Vec<Stored>, StoreError>;

    /// Returns proposals in any state, the newest first: of the plugin with this key, or of every one.
    ///
    /// # Errors
    /// As [`Store::proposal`].
    async fn recent(&self, limit: u32, plugin: Option<&str>) -> Result<Vec<Stored>, StoreError>;

    /// Adds a decision to an open proposal, whose state follows it. An approval can be repeated, since it ages, and taken back by
    /// declining; a proposal that was declined stays so. No signature is looked at. Appends `record`, and returns the chain's new
    /// head.
    ///
    /// # Errors
    /// `Unknown`, `Expired`, `Closed`, or `Digest` where the decision is about something else.
    async fn decide(
        &self,
        decision: &Decision,
        record: &Map<String, Value>,
    ) -> Result<Head, DecideError>;

    /// Claims an approved proposal for this host: once, whoever else tries. From here on it counts as under way until
    /// [`Store::finish`], or until this host is gone.
    ///
    /// # Errors
    /// `Unknown`, `Undecided`, `Expired`, `Taken`, or `Digest` where the proposal is not the one that was decided on.
    async fn claim(&self, id: &str, digest: &str) -> Result<Claimed, ClaimError>;

    /// Writes down that the step of `snapshot` is about to be sent, and under which `Audit-ID`, with the object as it is before.
    /// Appends `record`. Of a step that is sent again, since the server refused it, the last one is kept.
    ///
    /// # Errors
    /// Where it cannot be written; then nothing may be sent.
    async fn intent(
        &self,
        claimed: &Claimed,
        audit_id: &str,
        snapshot: &Snapshot,
        record: &Map<String, Value>,
    ) -> Result<(), StoreError>;

    /// Ends a claim: its outcome, report, snapshots and `record`, all or nothing. The snapshots take the place of those that
    /// were kept with the intents. A change that this one takes back is [`State::RolledBack`] from here on, if all of it was done.
    ///
    /// # Errors
    /// Gives the claim back, to try again.
    async fn finish(
        &self,
        claimed: Claimed,
        outcome: State,
        report: &Value,
        snapshots: &[Snapshot],
        record: &Map<String, Value>,
    ) -> Result<(), Unfinished>;

    /// Returns what is under way in hosts that are gone, the oldest first: to be looked up and closed, never applied again.
    ///
    /// # Errors
    /// As [`Store::proposal`].
    async fn interrupted(&self) -> Result<Vec<Stored>, StoreError>;

    /// Closes what [`Store::interrupted`] found, as [`Store::finish`] does. False where somebody else has closed it; then nothing
    /// is written, `record` neither.
    ///
    /// # Errors
    /// Where it cannot be written.
    async fn close_interrupted(
        &self,
        id: &str,
        outcome: State,
        report: &Value,
        snapshots: &[Snapshot],
        record: &Map<String, Value>,
    ) -> Result<bool, StoreError>;

    /// Returns the objects as they were before and after a change, by step; empty where none are kept any more. Of a change that
    /// is under way, `after` is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    async fn snapshots(&self, id: &str) -> Result<Vec<Snapshot>, StoreError>;

    /// Forgets what is older than it must be kept. Audit records stay.
    ///
    /// # Errors
    /// Where it cannot be written.
    async fn prune(&self, keep: &Keep) -> Result<Pruned, StoreError>;

    /// Returns true exactly once for a nonce of a kind, across all hosts; false from `expires` on.
    ///
    /// # Errors
    /// Where it cannot be written; then it counts as taken.
    async fn take_once(&self, kind: &str, nonce: &str, expires: Moment)
    -> Result<bool, StoreError>;

    /// Appends audit records to the chain, in order, and gives each its `seq`. Returns the new head.
    ///
    /// # Errors
    /// `Corrupt` where the chain's end is not the one that was kept.
    async fn append(&self, records: Vec<Map<String, Value>>) -> Result<Head, StoreError>;

    /// Returns the chain's head as it is kept beside the chain.
    ///
    /// # Errors
    /// Where it cannot be read.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Returns audit records behind `after`, in their order: what `verify` reads the chain by.
    ///
    /// # Errors
    /// Where they cannot be read.
    async fn entries(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StoreError>;

    /// Returns the audit records that match, the newest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    async fn find(&self, filter: &Filter) -> Result<Vec<Entry>, StoreError>;
}
