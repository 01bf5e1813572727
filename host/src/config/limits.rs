//! What one call of a plugin may use, and how far an operator can move this and every other number of the file.
//!
//! The upper bounds are what the host is built for: the pooling allocator has slots of a fixed size, and a limit above
//! the slot would be a promise that it cannot keep.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::units::ByteSize;

/// Below it a slow but healthy API server fails; above it a dead one is not noticed.
pub(super) const REQUEST_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(300);
/// Below it a slow but healthy Prometheus fails; above it a dead one is not noticed.
pub(super) const PROMETHEUS_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(300);
/// More would outlast any call.
pub(super) const RETRIES: RangeInclusive<u32> = 0..=10;
/// The largest interpreters take some ten seconds.
pub(super) const COMPILE_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(600);
/// A bound against mistakes: what a host can hold depends on its memory.
pub(super) const MAX_CALLS: RangeInclusive<u32> = 1..=1024;
/// Arguments are held several times over while they are checked and copied.
pub(super) const ARGUMENTS: RangeInclusive<ByteSize> =
    ByteSize::kibibytes(1)..=ByteSize::mebibytes(16);
/// Above stands what the contract counts at most.
pub(super) const MAX_OBJECTS: RangeInclusive<u32> = 1..=100_000;

/// Below a minute nobody has read a proposal; above a day nobody remembers what it was for.
pub(super) const PROPOSAL_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(86_400);
/// The longer, the more the cluster has moved on since a person looked.
pub(super) const APPROVAL_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_secs(3600);
/// None lets a model ask again at once.
pub(super) const DECLINE_PAUSE: RangeInclusive<Duration> =
    Duration::ZERO..=Duration::from_secs(86_400);
/// Above it no person reads a plan to its end.
pub(super) const MAX_CHANGES: RangeInclusive<u32> = 1..=500;
/// Above stands what an API server takes as one object, twice over.
pub(super) const MAX_PLAN: RangeInclusive<ByteSize> =
    ByteSize::kibibytes(1)..=ByteSize::mebibytes(4);
/// Above it the approver is flooded.
pub(super) const MAX_OPEN: RangeInclusive<u32> = 1..=1000;
/// An hour at least to notice a mistake, a year at most.
pub(super) const KEEP: RangeInclusive<Duration> =
    Duration::from_secs(3600)..=Duration::from_secs(8760 * 3600);
/// Above it clients give a call up.
pub(super) const WAIT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(300);

/// Below a page or two nothing starts; above stands the memory slot of the pooling allocator.
pub(super) const MEMORY: RangeInclusive<ByteSize> =
    ByteSize::mebibytes(1)..=ByteSize::mebibytes(256);
/// Above stands the table slot of the pooling allocator, made for interpreters.
pub(super) const TABLE_ELEMENTS: RangeInclusive<u32> = 1..=40_000;
/// Below it a tick of the epoch is too coarse; above it a call would hold a processor that others wait for.
pub(super) const CPU: RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_secs(60);
/// Above it a person has long given up, and the client too.
pub(super) const WALL: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(600);
/// Above it a call is a flood, also where the answers come from a cache.
pub(super) const HOST_CALLS: RangeInclusive<u32> = 1..=10_000;
/// One page of large objects below, what a host can hold for a few calls at once above.
pub(super) const CROSSING: RangeInclusive<ByteSize> =
    ByteSize::kibibytes(64)..=ByteSize::mebibytes(1024);
/// Below it no error fits; above it no model reads.
pub(super) const OUTPUT: RangeInclusive<ByteSize> = ByteSize::kibibytes(1)..=ByteSize::mebibytes(1);
/// Above it one plugin could have every slot of `max_calls`, as that is by default.
pub(super) const CONCURRENT: RangeInclusive<u32> = 1..=64;

/// `[plugins.KEY.limits]`: what one call may use. Going over one ends that call alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, in bytes.
    pub memory: u64,
    /// Elements of all tables.
    pub table_elements: u32,
    /// Time on a processor; waiting does not count. Never more than `wall`.
    pub cpu: Duration,
    /// Time on the clock, waiting for the cluster included, for a person not.
    pub wall: Duration,
    /// Calls of the interfaces `kubernetes`, `changes` and `history`, refused and cached ones too, expressions for Prometheus, and
    /// reports of progress.
    pub host_calls: u32,
    /// Bytes that all host calls of one call together hand to the guest; each may hand at most as many to the host.
    pub crossing: u64,
    /// Bytes of the answer to the client.
    pub output: u64,
    /// Calls of this plugin that run at once.
    pub concurrent: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: ByteSize::mebibytes(64).bytes(),
            table_elements: 40_000,
            cpu: Duration::from_secs(2),
            wall: Duration::from_secs(30),
            host_calls: 200,
            crossing: ByteSize::mebibytes(64).bytes(),
            output: ByteSize::kibibytes(32).bytes(),
            concurrent: 4,
        }
    }
}
