//! Rollouts: how far one is, as `kubectl rollout status` says it, and waiting for its end.

pub(crate) mod revision;
#[cfg(test)]
mod tests;

use crate::condition::{self, Condition};
use crate::kind::Resolved;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::{Waited, Waiting};
use bulkhead_plugin_sdk::kubernetes::{self, Comparison, Condition as Until, ObjectRef};
use serde_json::{Value, json};

/// Of each object that is looked at.
const PATHS: [&str; 4] = [
    "metadata.generation",
    "spec.replicas",
    "spec.updateStrategy",
    "status",
];

/// A kind whose pods are replaced by rollouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    Deployment,
    StatefulSet,
    DaemonSet,
}

/// How far a rollout is.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// At its end.
    Complete(String),
    /// Not there, and it will not come there by itself.
    Stuck(String),
    /// Not there yet, for what is missing: a value at a path.
    Going(String, &'static str, Value),
}

impl Workload {
    /// Returns what the type is.
    ///
    /// # Errors
    /// `Invalid` for a type that has no rollouts.
    pub(crate) fn of(resolved: &Resolved) -> Result<Self, Failure> {
        match (resolved.of.group.as_str(), resolved.of.plural.as_str()) {
            ("apps", "deployments") => Ok(Self::Deployment),
            ("apps", "statefulsets") => Ok(Self::StatefulSet),
            ("apps", "daemonsets") => Ok(Self::DaemonSet),
            _ => Err(
                Failure::invalid(format!("a {} has no rollouts", resolved.kind))
                    .next_step("Deployments, StatefulSets and DaemonSets have"),
            ),
        }
    }

    /// Says how far the rollout of an object is.
    ///
    /// # Errors
    /// As [`kubernetes::get`].
    pub(crate) fn progress(self, object: &ObjectRef) -> Result<Progress, Failure> {
        let row: Vec<Value> = kubernetes::get_fields(object, &PATHS)?;
        Ok(self.judge(&row))
    }

    /// Waits for the end of the rollout, as long as the call may take.
    ///
    /// # Errors
    /// As [`kubernetes::get`].
    pub(crate) fn wait(self, object: &ObjectRef) -> Result<Waited, Failure> {
        let mut waiting = Waiting::for_the_rest_of_the_call();
        loop {
            let (detail, at, value) = match self.progress(object)? {
                Progress::Complete(detail) => return Ok(Waited { done: true, detail }),
                Progress::Stuck(detail) => {
                    return Ok(Waited {
                        done: false,
                        detail,
                    });
                }
                Progress::Going(detail, at, value) => (detail, at, value),
            };
            let Some(slice) = waiting.slice(&detail) else {
                return Ok(Waited {
                    done: false,
                    detail: format!("the time is over: {detail}"),
                });
            };
            let until = Until::Equals(Comparison {
                at: at.to_owned(),
                value: value.to_string(),
            });
            match kubernetes::wait_for::<Value>(object, &until, slice) {
                // Another look says what is missing next.
                Ok(_) | Err(Failure::Limit(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The questions of kubectl (`pkg/polymorphichelpers/rollout_status.go`), in their order.
    fn judge(self, row: &[Value]) -> Progress {
        let [generation, replicas, strategy, status] = row else {
            return Progress::Stuck("the object has no status".to_owned());
        };
        let observed = number(status, "observedGeneration");
        if generation
            .as_u64()
            .is_some_and(|generation| observed < generation)
        {
            let words = "the controller has not seen the change yet".to_owned();
            return Progress::Going(words, "status.observedGeneration", generation.clone());
        }
        let wanted = replicas.as_u64().unwrap_or(1);
        match self {
            Self::Deployment => deployment(wanted, status),
            _ if strategy.get("type").and_then(Value::as_str) == Some("OnDelete") => {
                Progress::Stuck(
                    "its strategy is OnDelete: each pod is replaced when somebody deletes it"
                        .to_owned(),
                )
            }
            Self::StatefulSet => stateful_set(wanted, strategy, status),
            Self::DaemonSet => daemon_set(status),
        }
    }
}

fn deployment(wanted: u64, status: &Value) -> Progress {
    let conditions = Condition::of(&json!({ "status": status }));
    let progressing = condition::find(&conditions, "Progressing");
    if let Some(late) = progressing.filter(|it| it.reason == "ProgressDeadlineExceeded") {
        return Progress::Stuck(late.words());
    }
    let (all, updated) = (
        number(status, "replicas"),
        number(status, "updatedReplicas"),
    );
    let available = number(status, "availableReplicas");
    if updated < wanted {
        let words = format!("{updated} of {wanted} new pods are made");
        Progress::Going(words, "status.updatedReplicas", json!(wanted))
    } else if all > updated {
        let words = format!("{} old pods are still there", all - updated);
        Progress::Going(words, "status.replicas", json!(updated))
    } else if available < updated {
        let words = format!("{available} of {updated} new pods are available");
        Progress::Going(words, "status.availableReplicas", json!(updated))
    } else {
        Progress::Complete(format!("all {updated} pods are new and available"))
    }
}

fn stateful_set(wanted: u64, strategy: &Value, status: &Value) -> Progress {
    let (ready, updated) = (
        number(status, "readyReplicas"),
        number(status, "updatedReplicas"),
    );
    let partition = strategy
        .pointer("/rollingUpdate/partition")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    if ready < wanted {
        let words = format!("{ready} of {wanted} pods are ready");
        return Progress::Going(words, "status.readyReplicas", json!(wanted));
    }
    if partition > 0 {
        let due = wanted.saturating_sub(partition);
        return if updated < due {
            let words = format!("{updated} of {due} pods from partition {partition} on are new");
            Progress::Going(words, "status.updatedReplicas", json!(due))
        } else {
            Progress::Complete(format!(
                "{updated} pods from partition {partition} on are new, and all {wanted} are ready"
            ))
        };
    }
    let revision = |key: &str| status.get(key).cloned().unwrap_or_default();
    if revision("updateRevision") == revision("currentRevision") {
        Progress::Complete(format!("all {wanted} pods are new and ready"))
    } else {
        let words = format!("{updated} of {wanted} pods are new");
        Progress::Going(words, "status.currentRevision", revision("updateRevision"))
    }
}

fn daemon_set(status: &Value) -> Progress {
    let wanted = number(status, "desiredNumberScheduled");
    let (updated, available) = (
        number(status, "updatedNumberScheduled"),
        number(status, "numberAvailable"),
    );
    if updated < wanted {
        let words = format!("{updated} of {wanted} pods are new");
        Progress::Going(words, "status.updatedNumberScheduled", json!(wanted))
    } else if available < wanted {
        let words = format!("{available} of {wanted} pods are available");
        Progress::Going(words, "status.numberAvailable", json!(wanted))
    } else {
        Progress::Complete(format!("all {wanted} pods are new and available"))
    }
}

fn number(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_u64).unwrap_or(0)
}
