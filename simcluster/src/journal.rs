//! Every change in its order: what a watch tells, and what brings back an earlier state for the next page of a list.
//!
//! It promises that a resource version is given once. Changes are kept up to a cap, as etcd keeps them until it
//! compacts; whoever asks for more is told that it is too old, never given half.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

/// More than a test makes; each holds two references to objects.
const KEPT_CHANGES: usize = 100_000;

/// One change of one object.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) resource_version: u64,
    /// `ResourceType::stored_as`.
    pub(crate) stored_as: String,
    /// The object's key in its collection.
    pub(crate) key: String,
    /// None if it was created.
    pub(crate) before: Option<Arc<Value>>,
    /// None if it was deleted.
    pub(crate) after: Option<Arc<Value>>,
}

/// The changes since the last compaction.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    resource_version: u64,
    /// Changes up to this one are forgotten.
    compacted: u64,
    changes: VecDeque<Change>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            resource_version: 1,
            compacted: 0,
            changes: VecDeque::new(),
        }
    }

    /// The resource version of the newest change.
    pub(crate) fn resource_version(&self) -> u64 {
        self.resource_version
    }

    /// Gives out the resource version of the change that follows.
    pub(crate) fn advance(&mut self) -> u64 {
        self.resource_version += 1;
        self.resource_version
    }

    pub(crate) fn record(&mut self, change: Change) {
        self.changes.push_back(change);
        if self.changes.len() > KEPT_CHANGES
            && let Some(oldest) = self.changes.pop_front()
        {
            self.compacted = oldest.resource_version;
        }
    }

    /// Forgets every change.
    pub(crate) fn compact(&mut self) {
        self.changes.clear();
        self.compacted = self.resource_version;
    }

    /// The changes after `resource_version`, oldest first; none if some of them are forgotten.
    pub(crate) fn since(
        &self,
        resource_version: u64,
    ) -> Option<impl DoubleEndedIterator<Item = &Change>> {
        let first = self
            .changes
            .partition_point(|change| change.resource_version <= resource_version);
        (resource_version >= self.compacted).then(|| self.changes.range(first..))
    }
}
