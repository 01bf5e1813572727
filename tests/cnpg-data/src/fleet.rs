//! The whole fleet, and the forms in which it is given out.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::{clock::Clock, crds_minimal, installation, logs, logs::Log, states};

/// Gives the uid of an object that is there: by kind, namespace (empty for one of the cluster) and name.
pub type Uids<'a> = &'a dyn Fn(&str, &str, &str) -> Option<String>;

/// The objects of a Kubernetes cluster with CloudNativePG in it; which clusters there are is told at the constants, such as
/// [`crate::ORDERS`].
#[derive(Clone, Debug)]
pub struct Fleet {
    objects: Vec<Value>,
    logs: Vec<Log>,
}

impl Fleet {
    /// Makes the fleet as it stands at `now`.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        let clock = Clock::at(now);
        let mut objects = installation::all(&clock);
        objects.extend(states::all(&clock));
        // Owners first: the rest names their uids.
        let rank = |object: &Value| match object["kind"].as_str().unwrap_or_default() {
            "Namespace" | "StorageClass" => 0,
            "ConfigMap" | "ImageCatalog" | "ClusterImageCatalog" => 1,
            "Cluster" | "Pooler" | "ScheduledBackup" => 2,
            _ => 3,
        };
        objects.sort_by_key(rank);
        Self {
            objects,
            logs: logs::all(&clock),
        }
    }

    /// The objects, each after what owns it. Their types are those of [`crds_minimal`] and Kubernetes' own.
    #[must_use]
    pub fn objects(&self) -> &[Value] {
        &self.objects
    }

    /// One of them; none if there is none. `namespace` is empty for an object of the cluster.
    #[must_use]
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        let is_it = |object: &&Value| {
            let metadata = &object["metadata"];
            object["kind"] == kind
                && metadata["name"] == name
                && metadata["namespace"].as_str().unwrap_or_default() == namespace
        };
        self.objects.iter().find(is_it)
    }

    /// What containers have said, the lines with the kubelet's time in front.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The objects as documents behind [`crds_minimal`]: what a simcluster or the plugins' test kit is made of.
    #[must_use]
    pub fn manifests(&self) -> String {
        let mut text = crds_minimal();
        text.push_str(&documents(&self.objects));
        text
    }

    /// What to create at a server that keeps status apart: the objects without one. An owner whose uid `uids` does not know is left
    /// out, so create first those that are not [`Fleet::owned`], and then, with the uids that these have got, the others.
    #[must_use]
    pub fn creations(&self, uids: Uids<'_>) -> Vec<Value> {
        let objects = self.objects.iter().cloned();
        objects
            .map(|mut object| {
                if let Some(object) = object.as_object_mut() {
                    object.remove("status");
                }
                with_owners(object, uids)
            })
            .collect()
    }

    /// What to write by the status subresource then: the objects that have a status, whole.
    #[must_use]
    pub fn statuses(&self, uids: Uids<'_>) -> Vec<Value> {
        let objects = self.objects.iter().cloned();
        objects
            .filter(|object| !object["status"].is_null() && object["kind"] != "Namespace")
            .map(|object| with_owners(object, uids))
            .collect()
    }

    /// Whether an object has an owner, which has to be created first.
    #[must_use]
    pub fn owned(object: &Value) -> bool {
        !object["metadata"]["ownerReferences"].is_null()
    }
}

/// Objects as YAML documents, each behind a separator.
pub(crate) fn documents(objects: &[Value]) -> String {
    let mut text = String::new();
    for object in objects {
        text.push_str("---\n");
        text.push_str(&object.to_string());
        text.push('\n');
    }
    text
}

fn with_owners(mut object: Value, uids: Uids<'_>) -> Value {
    let metadata = &mut object["metadata"];
    let namespace = metadata["namespace"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let Some(owners) = metadata["ownerReferences"].as_array_mut() else {
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.remove("ownerReferences");
        }
        return object;
    };
    owners.retain_mut(|owner| {
        let text = |member: &str| owner[member].as_str().unwrap_or_default();
        let uid = uids(text("kind"), &namespace, text("name"));
        let known = uid.is_some();
        owner["uid"] = json!(uid);
        known
    });
    object
}
