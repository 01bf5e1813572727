//! Waiting for what the operator makes of a cluster, within the call.
//!
//! A time that is over is no failure: the change was applied, and the answer says what was seen last.

pub(crate) use crate::phase::HEALTHY;

use crate::phase::{self, Meaning};
use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::changes::{Waited, Waiting, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Comparison, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Object};
use serde_json::Value;
use std::time::Duration;

/// How long to wait.
pub(crate) const TIMEOUT: &[Argument] = &[Argument::number(
    "timeout",
    30,
    600,
    "With wait: the most seconds, never beyond what the call may take; left out 120, for a cluster 60 an instance.",
)];

/// In seconds, where the caller said nothing: what is stuck is told soon enough to be looked at.
const USUAL: u32 = 120;

/// Begins to wait as long as the caller said.
pub(crate) fn waiting(values: &Values) -> Waiting {
    let seconds = values.count("timeout").unwrap_or(USUAL);
    Waiting::at_most(Duration::from_secs(seconds.into()))
}

/// Says that a value must stand at a path.
pub(crate) fn equals(at: &str, value: &Value) -> Condition {
    Condition::Equals(Comparison {
        at: at.to_owned(),
        value: value.to_string(),
    })
}

/// Never holds, so that the cluster is only looked at again every few seconds: for an end that is no value at a path.
pub(crate) fn now_and_then() -> Condition {
    Condition::Exists("status.phase.none".to_owned())
}

/// Waits until `ended` says so of a cluster that is new, or until it comes into a phase that a person must look at.
///
/// # Errors
/// As [`until_past`].
pub(crate) fn until(
    cluster: &ObjectRef,
    waiting: Waiting,
    wakes: &Condition,
    ended: &dyn Fn(Object<'_>) -> Result<bool, Failure>,
) -> Result<Waited, Failure> {
    until_past("", cluster, waiting, wakes, ended)
}

/// Waits until `ended` says so of a cluster, or until it comes into a phase that a person must look at, another one than it `began` with: the
/// change may be what mends that one. What wakes it early must not hold
/// before the end: the cluster would be looked at without a pause.
///
/// # Errors
/// As [`kubernetes::wait_for`], but not where the time is over.
pub(crate) fn until_past(
    began: &str,
    cluster: &ObjectRef,
    waiting: Waiting,
    wakes: &Condition,
    ended: &dyn Fn(Object<'_>) -> Result<bool, Failure>,
) -> Result<Waited, Failure> {
    watch(waiting, cluster, wakes, &mut || {
        let seen: Value = kubernetes::get(cluster)?;
        let seen = Object(&seen);
        let said = words(seen);
        if ended(seen)? {
            return Ok((true, said));
        }
        let phase = seen.text("/status/phase");
        match Meaning::of(phase) {
            Meaning::Person | Meaning::Stuck if phase != began => {
                let next = phase::next_step(phase);
                Ok((true, format!("it does not go on by itself: {said}; {next}")))
            }
            Meaning::Person
            | Meaning::Stuck
            | Meaning::New
            | Meaning::Healthy
            | Meaning::Working
            | Meaning::Unknown => Ok((false, said)),
        }
    })
}

/// Says `Creating a new replica (why), 2 of 3 instances ready`.
pub(crate) fn words(cluster: Object<'_>) -> String {
    let phase = match cluster.text("/status/phase") {
        "" => "not looked at by the operator yet",
        phase => phase,
    };
    let why = match cluster.text("/status/phaseReason") {
        "" => String::new(),
        why => format!(" ({why})"),
    };
    format!(
        "{phase}{why}, {} of {} instances ready",
        cluster.number("/status/readyInstances"),
        cluster.number("/spec/instances")
    )
}

#[cfg(test)]
mod tests {
    use super::words;
    use bulkhead_plugin_sdk::Object;
    use serde_json::json;

    #[test]
    fn a_cluster_is_said_by_its_phase_and_its_instances() {
        let new = json!({ "spec": { "instances": 3 } });
        assert_eq!(
            words(Object(&new)),
            "not looked at by the operator yet, 0 of 3 instances ready"
        );
        let seen = json!({
            "spec": { "instances": 3 },
            "status": { "phase": "Creating a new replica", "phaseReason": "orders-3", "readyInstances": 2 },
        });
        assert_eq!(
            words(Object(&seen)),
            "Creating a new replica (orders-3), 2 of 3 instances ready"
        );
    }
}
