//! The pods of a node, and which of them a drain evicts: the rules of `kubectl drain` (`pkg/drain/filters.go`).

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::{Waited, Waiting};
use bulkhead_plugin_sdk::kubernetes::{self, Condition, ObjectRef, Query, ResourceType, Scope};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

const PATHS: [&str; 7] = [
    "metadata.namespace",
    "metadata.name",
    "metadata.ownerReferences",
    "metadata.annotations['kubernetes.io/config.mirror']",
    "metadata.deletionTimestamp",
    "status.phase",
    "spec.volumes[*].emptyDir",
];

/// One pod of the node: the values at [`PATHS`].
#[derive(Debug, Deserialize)]
pub(super) struct Pod(
    String,
    String,
    Option<Vec<Owner>>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Vec<Option<Value>>>,
);

#[derive(Debug, Deserialize)]
struct Owner {
    kind: String,
    #[serde(default)]
    controller: bool,
}

/// What the caller has agreed to lose.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    /// Pods that nothing makes again.
    pub(super) unowned: bool,
    /// What stands in emptyDir volumes.
    pub(super) empty_dir: bool,
}

/// What becomes of a pod.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Evict,
    /// It would come back at once, is not the API server's to evict, or goes already.
    Stay,
    /// Why it stands in the way.
    Refuse(&'static str),
}

impl Pod {
    /// Decides what becomes of the pod.
    pub(super) fn fate(&self, allowed: Allowed) -> Fate {
        let Self(_, _, owners, mirror, deleted, phase, empty_dirs) = self;
        if mirror.is_some() || deleted.is_some() {
            return Fate::Stay;
        }
        if matches!(phase.as_deref(), Some("Succeeded" | "Failed")) {
            return Fate::Evict;
        }
        let controller = owners.iter().flatten().find(|owner| owner.controller);
        match controller {
            Some(owner) if owner.kind == "DaemonSet" => return Fate::Stay,
            None if !allowed.unowned => {
                return Fate::Refuse("is made again by nothing (`force` evicts it)");
            }
            Some(_) | None => {}
        }
        if !allowed.empty_dir && empty_dirs.iter().flatten().any(Option::is_some) {
            return Fate::Refuse("would lose its emptyDir (`delete_emptydir_data` evicts it)");
        }
        Fate::Evict
    }

    /// Returns which pod it is.
    pub(super) fn reference(&self) -> ObjectRef {
        ObjectRef::in_namespace(pods(), &self.0, &self.1)
    }
}

impl fmt::Display for Pod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.1)
    }
}

fn pods() -> ResourceType {
    ResourceType::new("", "pods")
}

/// Reads the pods of a node, by namespace and name: the same pods always make the same plan.
///
/// # Errors
/// As [`kubernetes::list_fields`]; it needs a grant over every namespace.
pub(super) fn on(node: &str) -> Result<Vec<Pod>, Failure> {
    let query =
        Query::new(pods(), Scope::AllNamespaces).field_selector(format!("spec.nodeName={node}"));
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = kubernetes::list_fields::<Pod>(&query, &PATHS, 500, token.as_deref())?;
        found.extend(page.items);
        token = page.continue_token;
        if token.is_none() {
            break;
        }
    }
    found.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    Ok(found)
}

/// Waits until none of the evicted pods is on the node any more. A pod of a StatefulSet comes back under its name, but elsewhere.
///
/// # Errors
/// As [`on`].
pub(super) fn wait(node: &str, evicted: &[ObjectRef]) -> Result<Waited, Failure> {
    let mut waiting = Waiting::for_the_rest_of_the_call();
    loop {
        let left: Vec<_> = on(node)?
            .iter()
            .map(Pod::reference)
            .filter(|pod| evicted.contains(pod))
            .collect();
        let detail = format!(
            "{} of {} evicted pods are gone",
            evicted.len() - left.len(),
            evicted.len()
        );
        let Some(first) = left.first() else {
            return Ok(Waited { done: true, detail });
        };
        let Some(slice) = waiting.slice(&detail) else {
            return Ok(Waited {
                done: false,
                detail: format!("the time is over: {detail}"),
            });
        };
        match kubernetes::wait_for::<Value>(first, &Condition::Deleted, slice) {
            Ok(_) | Err(Failure::Limit(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowed, Fate, Pod};
    use serde_json::{Value, json};

    const NOTHING: Allowed = Allowed {
        unowned: false,
        empty_dir: false,
    };

    /// Owner's kind, mirror annotation, deletion timestamp, phase, whether a volume is an emptyDir.
    fn pod(
        owner: Option<&str>,
        mirror: Option<&str>,
        deleted: Option<&str>,
        phase: &str,
        empty_dir: bool,
    ) -> Pod {
        let owners = owner.map(|kind| json!([{ "kind": kind, "controller": true }]));
        let volumes = if empty_dir {
            json!([null, {}])
        } else {
            Value::Null
        };
        serde_json::from_value(json!([
            "shop", "a", owners, mirror, deleted, phase, volumes
        ]))
        .expect("that is a pod")
    }

    #[test]
    fn pods_that_something_makes_again_are_evicted() {
        assert_eq!(
            pod(Some("ReplicaSet"), None, None, "Running", false).fate(NOTHING),
            Fate::Evict
        );
    }

    #[test]
    fn pods_of_daemon_sets_and_mirrors_and_pods_that_go_stay() {
        assert_eq!(
            pod(Some("DaemonSet"), None, None, "Running", true).fate(NOTHING),
            Fate::Stay
        );
        assert_eq!(
            pod(Some("Node"), Some("hash"), None, "Running", false).fate(NOTHING),
            Fate::Stay
        );
        let gone = pod(
            Some("ReplicaSet"),
            None,
            Some("2026-01-01T00:00:00Z"),
            "Running",
            false,
        );
        assert_eq!(gone.fate(NOTHING), Fate::Stay);
    }

    #[test]
    fn what_would_be_lost_has_to_be_agreed_to() {
        let bare = pod(None, None, None, "Running", false);
        assert!(matches!(bare.fate(NOTHING), Fate::Refuse(why) if why.contains("`force`")));
        assert_eq!(
            bare.fate(Allowed {
                unowned: true,
                ..NOTHING
            }),
            Fate::Evict
        );
        let scratch = pod(Some("ReplicaSet"), None, None, "Running", true);
        assert!(
            matches!(scratch.fate(NOTHING), Fate::Refuse(why) if why.contains("`delete_emptydir_data`"))
        );
        assert_eq!(
            scratch.fate(Allowed {
                empty_dir: true,
                ..NOTHING
            }),
            Fate::Evict
        );
    }

    #[test]
    fn pods_that_have_ended_lose_nothing() {
        for phase in ["Succeeded", "Failed"] {
            assert_eq!(
                pod(None, None, None, phase, true).fate(NOTHING),
                Fate::Evict
            );
        }
    }
}
