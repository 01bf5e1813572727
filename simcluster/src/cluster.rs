//! The objects of a cluster, by type, in etcd's order.
//!
//! It promises what a client can observe: resource versions rise with each change, uids stay, and a list can be read
//! as it stood at an earlier resource version. It answers nothing by itself; `list`, `watch` and the others read it. Where
//! objects are kept is told in `places`.

mod places;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

pub(crate) use self::places::{Address, CRDS, object_key};
use crate::access::{Attempt, Denial};
use crate::deployments::Failures;
use crate::journal::Journal;
use crate::load::{LoadError, Problem};
use crate::logs::{ContainerRun, Log};
use crate::types::{ResourceType, TypeTable};
use crate::{defaults, events};

/// Objects of one type. Keys are `NAMESPACE/NAME`, or `NAME`, so that their order is etcd's.
pub(crate) type Collection = BTreeMap<String, Arc<Value>>;

/// Objects by resource type, with the logs of their containers.
#[derive(Debug, Clone)]
pub struct Cluster {
    types: TypeTable,
    collections: BTreeMap<String, Collection>,
    journal: Journal,
    logs: BTreeMap<ContainerRun, Log>,
    denials: Vec<Denial>,
    failures: Failures,
}

impl Default for Cluster {
    fn default() -> Self {
        Self::new()
    }
}

impl Cluster {
    /// A cluster with the namespaces that every cluster has, and nothing in them.
    pub fn new() -> Self {
        let mut cluster = Self {
            types: TypeTable::built_in(),
            collections: BTreeMap::new(),
            journal: Journal::new(),
            logs: BTreeMap::new(),
            denials: Vec::new(),
            failures: Failures::default(),
        };
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            cluster.ensure_namespace(namespace);
        }
        cluster
    }

    /// Adds an object, or replaces the one of its name. What the API server fills in is filled in: uid, creation time,
    /// resource version, uids of owners. The object's namespace is created if it is missing, and a CRD's types are
    /// served from then on.
    ///
    /// # Errors
    /// If the object has no type that is served, no name, or a namespace where its type has none.
    pub fn insert(&mut self, object: Value) -> Result<(), LoadError> {
        self.put(object).map_err(LoadError::object)
    }

    /// Deletes an object; false if there was none. `namespace` is empty for an object of the cluster.
    pub fn remove(&mut self, group: &str, plural: &str, namespace: &str, name: &str) -> bool {
        let Some(of) = self
            .types
            .all()
            .iter()
            .find(|of| of.group == group && of.plural == plural)
        else {
            return false;
        };
        let at = Address::new(of.stored_as(), namespace, name);
        self.take(&at).is_some()
    }

    /// Sets the log of a container, of its `previous` run or of the current one. Each line begins with an RFC 3339 time.
    ///
    /// # Errors
    /// If a line does not.
    pub fn set_log(
        &mut self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
        text: &str,
    ) -> Result<(), LoadError> {
        let log = Log::parse(text).map_err(LoadError::object)?;
        let run = ContainerRun {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            previous,
        };
        self.logs.insert(run, log);
        Ok(())
    }

    /// Lets a new pod have the logs of another one of its namespace.
    pub(crate) fn copy_logs(&mut self, namespace: &str, from: &str, to: &str) {
        let copies: Vec<(ContainerRun, Log)> = self
            .logs
            .iter()
            .filter(|(run, _)| run.namespace == namespace && run.pod == from)
            .map(|(run, log)| {
                let run = ContainerRun {
                    pod: to.to_owned(),
                    ..run.clone()
                };
                (run, log.clone())
            })
            .collect();
        self.logs.extend(copies);
    }

    /// Refuses from now on what `denial` covers, in access reviews and in reads.
    pub fn deny(&mut self, denial: Denial) {
        self.denials.push(denial);
    }

    /// Forgets the past, as etcd does after five minutes: continue tokens and watches from before are too old.
    pub fn compact(&mut self) {
        self.journal.advance();
        self.journal.compact();
    }

    pub(crate) fn put(&mut self, mut object: Value) -> Result<(), Problem> {
        let of = self.type_of(&object)?;
        let (namespace, name) = place(&mut object, &of)?;
        if !namespace.is_empty() {
            self.ensure_namespace(&namespace);
        }
        if of.group == "events.k8s.io" {
            object = events::to_core(object);
        }
        let (stored_as, key) = (of.stored_as(), object_key(&namespace, &name));
        let before = self
            .collections
            .get(&stored_as)
            .and_then(|objects| objects.get(&key))
            .cloned();
        defaults::fill_in(
            &mut object,
            &of,
            before.as_deref(),
            &self.types,
            Timestamp::now(),
        );
        self.keep(&Address { stored_as, key }, object);
        Ok(())
    }

    pub(crate) fn types(&self) -> &TypeTable {
        &self.types
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Every CRD, for its schemas.
    pub(crate) fn custom_resource_definitions(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.collections
            .get(CRDS)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// The objects of a type now.
    pub(crate) fn collection(&self, of: &ResourceType) -> Cow<'_, Collection> {
        match self.collections.get(&of.stored_as()) {
            Some(collection) => Cow::Borrowed(collection),
            None => Cow::Owned(Collection::new()),
        }
    }

    /// The objects of a type at an earlier resource version; none if that is forgotten.
    pub(crate) fn collection_at(
        &self,
        of: &ResourceType,
        resource_version: u64,
    ) -> Option<Cow<'_, Collection>> {
        let stored_as = of.stored_as();
        let mut collection = self.collection(of);
        for change in self
            .journal
            .since(resource_version)?
            .rev()
            .filter(|change| change.stored_as == stored_as)
        {
            match &change.before {
                Some(before) => collection
                    .to_mut()
                    .insert(change.key.clone(), Arc::clone(before)),
                None => collection.to_mut().remove(&change.key),
            };
        }
        Some(collection)
    }

    /// One object; `namespace` is none for an object of the cluster.
    pub(crate) fn object(
        &self,
        of: &ResourceType,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&Arc<Value>> {
        self.collections
            .get(&of.stored_as())?
            .get(&object_key(namespace.unwrap_or_default(), name))
    }

    pub(crate) fn log(&self, run: &ContainerRun) -> Option<&Log> {
        self.logs.get(run)
    }

    /// How pods failed that are gone.
    pub(crate) fn failures(&self) -> &Failures {
        &self.failures
    }

    pub(crate) fn failures_mut(&mut self) -> &mut Failures {
        &mut self.failures
    }

    pub(crate) fn denies(&self, attempt: &Attempt<'_>) -> bool {
        self.denials.iter().any(|denial| denial.covers(attempt))
    }

    fn type_of(&mut self, object: &Value) -> Result<ResourceType, Problem> {
        let member = |name: &'static str| object[name].as_str().ok_or(Problem::Missing(name));
        let (api_version, kind) = (member("apiVersion")?, member("kind")?);
        if api_version == "metrics.k8s.io/v1beta1" {
            self.types.add_metrics();
        }
        let of = self.types.of_object(api_version, kind);
        of.cloned().ok_or_else(|| Problem::UnknownType {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        })
    }

    fn ensure_namespace(&mut self, name: &str) {
        if self
            .collections
            .get("namespaces")
            .is_none_or(|namespaces| !namespaces.contains_key(name))
        {
            let namespace = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            self.put(namespace)
                .expect("a Namespace with a name has a type and a place");
        }
    }
}

/// An object as `of` shows it: every version of a type, and both groups of events, share one store.
pub(crate) fn shown_as(object: &Value, of: &ResourceType) -> Value {
    let mut object = if of.group == "events.k8s.io" {
        events::from_core(object.clone())
    } else {
        object.clone()
    };
    object["apiVersion"] = of.api_version().into();
    object
}

/// Checks the object's name and namespace, fills in `default`, and returns both.
fn place(object: &mut Value, of: &ResourceType) -> Result<(String, String), Problem> {
    let metadata = object["metadata"]
        .as_object_mut()
        .ok_or(Problem::Missing("metadata"))?;
    let name = metadata
        .get("name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    let name = name.ok_or(Problem::Missing("metadata.name"))?.to_owned();
    let namespace = metadata
        .get("namespace")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    match (of.namespaced, namespace.is_empty()) {
        (true, false) => Ok((namespace, name)),
        (true, true) => {
            metadata.insert("namespace".into(), "default".into());
            Ok(("default".into(), name))
        }
        (false, true) => Ok((namespace, name)),
        (false, false) => Err(Problem::NoNamespace {
            kind: of.kind.clone(),
            namespace,
        }),
    }
}
