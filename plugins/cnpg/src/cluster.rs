//! One Cluster, read whole or field by field, and what every tool wants to know of it.
//!
//! What is asked of a cluster is asked here, once: what its annotations stop, which image it runs, what it is backed up by. Facts are
//! those of `api/v1/cluster_types.go` and `cluster_funcs.go`.

mod backups;
mod fields;
mod image;
mod role;
mod stopped;

pub(crate) use stopped::Hibernation;

use crate::kinds::clusters;
use crate::phase::Meaning;
use crate::{named, phase, row};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Place, Row};

use serde_json::Value;

/// A cluster as it was read.
pub(crate) struct Cluster {
    object: Value,
}

/// What a cluster says of one of its conditions.
pub(crate) struct Condition<'a> {
    /// `True`, `False` or `Unknown`.
    pub(crate) status: &'a str,
    /// One word.
    pub(crate) reason: &'a str,
    /// A sentence.
    pub(crate) message: &'a str,
    /// Since when, as it is written.
    pub(crate) since: &'a str,
}

impl Cluster {
    /// Of an object that stands in a test.
    #[cfg(test)]
    pub(crate) fn of(object: Value) -> Self {
        Self { object }
    }

    /// Reads a cluster by its name.
    ///
    /// # Errors
    /// As [`named::find`].
    pub(crate) fn find(place: &Place, name: &str) -> Result<Self, Failure> {
        let object = named::find(clusters(), place, name, "list_postgres_clusters")?;
        Ok(Self { object })
    }

    /// Reads every cluster there, and shows each to `visit`: with the fields that the methods here read, all but those of roles.
    ///
    /// # Errors
    /// As [`row::each`], and what `visit` fails with.
    pub(crate) fn each(
        place: &Place,
        visit: &mut dyn FnMut(Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let paths = fields::paths();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        row::each(&place.query(clusters()), &paths, &mut |row: Row| {
            visit(Self {
                object: fields::object(row),
            })
        })
    }

    /// The whole object.
    pub(crate) fn object(&self) -> Object<'_> {
        Object(&self.object)
    }

    /// Names it to the host.
    pub(crate) fn target(&self) -> ObjectRef {
        ObjectRef::in_namespace(clusters(), self.namespace(), self.name())
    }

    pub(crate) fn name(&self) -> &str {
        self.object().text("/metadata/name")
    }

    pub(crate) fn namespace(&self) -> &str {
        self.object().text("/metadata/namespace")
    }

    /// How many instances it should have.
    pub(crate) fn instances(&self) -> u64 {
        self.object().number("/spec/instances")
    }

    /// How many instances are ready.
    pub(crate) fn ready(&self) -> u64 {
        self.object().number("/status/readyInstances")
    }

    /// The primary's name; empty before the first one is up.
    pub(crate) fn primary(&self) -> &str {
        self.object().text("/status/currentPrimary")
    }

    /// Which instance is to be the primary; another one than [`Self::primary`] during a switchover or failover, and `pending` before
    /// the operator has chosen one (`PendingFailoverMarker`).
    pub(crate) fn target_primary(&self) -> &str {
        self.object().text("/status/targetPrimary")
    }

    /// Whether it is becoming another primary's cluster right now.
    pub(crate) fn is_moving(&self) -> bool {
        !self.target_primary().is_empty() && self.target_primary() != self.primary()
    }

    /// The phase as the operator wrote it; empty before it did.
    pub(crate) fn phase(&self) -> &str {
        self.object().text("/status/phase")
    }

    /// What the phase means.
    pub(crate) fn meaning(&self) -> Meaning {
        Meaning::of(self.phase())
    }

    /// The state in words that can be counted: being deleted, hibernated or wholly fenced, and otherwise the phase.
    pub(crate) fn state(&self) -> &str {
        if self.is_going() {
            return "Being deleted";
        }
        match self.hibernation() {
            Hibernation::Hibernated => return "Hibernated",
            Hibernation::Hibernating => return "Hibernating",
            Hibernation::Asked | Hibernation::Wrong | Hibernation::No => {}
        }
        if self.is_wholly_fenced() {
            return "Fenced";
        }
        phase::shown(self.phase())
    }

    /// Whether it follows another cluster and takes no writes (`IsReplica`).
    pub(crate) fn is_replica(&self) -> bool {
        let replica = self.object().part("/spec/replica");
        if replica.0.is_null() {
            return false;
        }
        let own = match replica.text("/self") {
            "" => self.name(),
            own => own,
        };
        replica
            .flag("/enabled")
            .unwrap_or_else(|| own != replica.text("/primary"))
    }

    /// The size of the data volume of each instance, as it is written; empty where a template of claims has it.
    pub(crate) fn storage_size(&self) -> &str {
        self.size_of("/spec/storage")
    }

    /// The size of the WAL volume of each instance; empty where the WAL is with the data.
    pub(crate) fn wal_size(&self) -> &str {
        self.size_of("/spec/walStorage")
    }

    /// As `GetSizeOrNil`: the size, else that of the template of claims.
    fn size_of(&self, place: &str) -> &str {
        let storage = self.object().part(place);
        match storage.text("/size") {
            "" => storage.text("/pvcTemplate/resources/requests/storage"),
            size => size,
        }
    }

    /// What it says of a condition; none where it says nothing.
    pub(crate) fn condition(&self, of: &str) -> Option<Condition<'_>> {
        let mut conditions = self.object().items("/status/conditions");
        let found = conditions.find(|condition| condition.text("/type") == of)?;
        Some(Condition {
            status: found.text("/status"),
            reason: found.text("/reason"),
            message: found.text("/message"),
            since: found.text("/lastTransitionTime"),
        })
    }
}

#[cfg(test)]
mod tests;
