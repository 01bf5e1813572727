//! One Cluster read whole, and what every tool wants to know of it.

use crate::kinds::clusters;
use crate::named;
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Place};
use serde_json::Value;

/// A cluster as it was read.
pub(crate) struct Cluster {
    object: Value,
}

impl Cluster {
    /// Reads a cluster by its name.
    ///
    /// # Errors
    /// As [`named::find`].
    pub(crate) fn find(place: &Place, name: &str) -> Result<Self, Failure> {
        let object = named::find(clusters(), place, name, "list_postgres_clusters")?;
        Ok(Self { object })
    }

    /// The whole object.
    pub(crate) fn object(&self) -> Object<'_> {
        Object(&self.object)
    }

    /// Names it to the host.
    pub(crate) fn target(&self) -> ObjectRef {
        let object = self.object();
        ObjectRef::in_namespace(
            clusters(),
            object.text("/metadata/namespace"),
            object.text("/metadata/name"),
        )
    }
}
