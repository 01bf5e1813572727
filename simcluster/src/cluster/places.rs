//! Where objects are kept, and the two ways in which what is kept changes.
//!
//! Every change of an object goes through [`Cluster::keep`] or [`Cluster::take`], so that the journal has no holes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Cluster;
use crate::journal::Change;

/// Under which name CRDs are kept.
pub(crate) const CRDS: &str = "customresourcedefinitions.apiextensions.k8s.io";

/// Where an object is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `ResourceType::stored_as`.
    pub(crate) stored_as: String,
    /// Its key in the collection.
    pub(crate) key: String,
}

impl Address {
    /// `namespace` is empty for an object of the cluster.
    pub(crate) fn new(stored_as: impl Into<String>, namespace: &str, name: &str) -> Self {
        Self {
            stored_as: stored_as.into(),
            key: object_key(namespace, name),
        }
    }
}

impl Cluster {
    /// Puts an object in its place, in its stored form, with the next resource version; watches will tell.
    pub(crate) fn keep(&mut self, at: &Address, mut object: Value) -> Arc<Value> {
        let resource_version = self.journal.advance();
        object["metadata"]["resourceVersion"] = resource_version.to_string().into();
        if at.stored_as == CRDS {
            self.types.define(&object);
        }
        let after = Arc::new(object);
        let before = self
            .collections
            .entry(at.stored_as.clone())
            .or_default()
            .insert(at.key.clone(), Arc::clone(&after));
        self.journal.record(Change {
            resource_version,
            stored_as: at.stored_as.clone(),
            key: at.key.clone(),
            before,
            after: Some(Arc::clone(&after)),
        });
        after
    }

    /// Removes the object at a place; none if there was none.
    pub(crate) fn take(&mut self, at: &Address) -> Option<Arc<Value>> {
        let before = self.collections.get_mut(&at.stored_as)?.remove(&at.key)?;
        if at.stored_as == CRDS {
            self.types.forget(&before);
        }
        let resource_version = self.journal.advance();
        self.journal.record(Change {
            resource_version,
            stored_as: at.stored_as.clone(),
            key: at.key.clone(),
            before: Some(Arc::clone(&before)),
            after: None,
        });
        Some(before)
    }

    /// The object at a place.
    pub(crate) fn at(&self, at: &Address) -> Option<&Arc<Value>> {
        self.collections.get(&at.stored_as)?.get(&at.key)
    }

    /// The places of the objects that are meant: by [`Address::stored_as`], [`Address::key`] and the object.
    pub(crate) fn places_of(&self, is_meant: impl Fn(&str, &str, &Value) -> bool) -> Vec<Address> {
        let mut places = Vec::new();
        for (stored_as, objects) in &self.collections {
            let meant = objects
                .iter()
                .filter(|(key, object)| is_meant(stored_as, key, object));
            places.extend(meant.map(|(key, _)| Address {
                stored_as: stored_as.clone(),
                key: key.clone(),
            }));
        }
        places
    }

    /// The names of the objects of a type of the cluster.
    pub(crate) fn names_of(&self, stored_as: &str) -> Vec<&String> {
        let objects = self.collections.get(stored_as).into_iter();
        objects.flat_map(BTreeMap::keys).collect()
    }

    /// The objects of one type in one namespace; `stored_as` as in [`Address`].
    pub(crate) fn in_namespace(
        &self,
        stored_as: &str,
        namespace: &str,
    ) -> impl Iterator<Item = &Arc<Value>> {
        let prefix = format!("{namespace}/");
        self.collections
            .get(stored_as)
            .into_iter()
            .flat_map(BTreeMap::iter)
            .filter(move |(key, _)| key.starts_with(&prefix))
            .map(|(_, object)| object)
    }
}

/// The key of an object in its collection; `namespace` is empty for an object of the cluster.
pub(crate) fn object_key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}
