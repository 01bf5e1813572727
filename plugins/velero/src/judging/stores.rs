//! Where backups are kept, and whether they can be had from there.

use crate::location::{self, Location};
use bulkhead_plugin_sdk::Failure;

/// Where a server puts backups that name no location, unless it was told otherwise (`pkg/cmd/server/config` of 1.18).
const DEFAULT: &str = "default";

/// The backup storage locations of a namespace of Velero.
pub(crate) struct Stores(Vec<Location>);

impl Stores {
    /// Reads them.
    ///
    /// # Errors
    /// As [`location::all`].
    pub(crate) fn read(namespace: &str) -> Result<Self, Failure> {
        location::all(namespace).map(Self)
    }

    /// Returns why backups in a location cannot be had; none where they can. Read-only is no reason: a restore only reads, and
    /// is refused for the phase alone (`pkg/controller/restore_controller.go` of 1.18).
    pub(crate) fn unreadable(&self, name: &str) -> Option<String> {
        let name = self.resolve(name);
        match self.find(name) {
            None => Some(format!("location `{name}` does not exist")),
            Some(location) if location.is_available() => None,
            Some(_) => Some(format!("location `{name}` is unavailable")),
        }
    }

    /// Returns why nothing can be backed up to a location; none where it can (`pkg/controller/backup_controller.go` of 1.18).
    pub(crate) fn unwritable(&self, name: &str) -> Option<String> {
        let read_only = || {
            let name = self.resolve(name);
            let found = self.find(name).filter(|location| location.read_only);
            found.map(|_| format!("location `{name}` is read-only"))
        };
        self.unreadable(name).or_else(read_only)
    }

    /// A spec without a location means the default one.
    fn resolve<'a>(&'a self, name: &'a str) -> &'a str {
        if !name.is_empty() {
            return name;
        }
        let default = self.0.iter().find(|location| location.default);
        default.map_or(DEFAULT, |location| &location.name)
    }

    fn find(&self, name: &str) -> Option<&Location> {
        self.0.iter().find(|location| location.name == name)
    }
}
