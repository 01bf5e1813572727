//! What the judging tools share: they set Velero's objects against what stands in the cluster.
//!
//! Only the backup's content would tell everything, and a plugin does not see it. What cannot be known is said; it is never
//! guessed.

pub(crate) mod answer;
mod claims;
pub(crate) mod cluster;
pub(crate) mod coverage;
pub(crate) mod meeting;
pub(crate) mod objectives;
pub(crate) mod points;
pub(crate) mod since;
pub(crate) mod source;
pub(crate) mod stores;
pub(crate) mod verdict;
pub(crate) mod volumes;
