//! Waiting for what the operator makes of a cluster, within the call.
//!
//! A time that is over is no failure: the change was applied, and the answer says what was seen last. Phases are those of
//! `api/v1/cluster_types.go`.

use bulkhead_plugin_sdk::changes::{Waited, Waiting, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Comparison, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Object};
use serde_json::Value;

/// The phase of a cluster with nothing to do.
pub(crate) const HEALTHY: &str = "Cluster in healthy state";

/// The phases that do not end by themselves.
const STUCK: [&str; 7] = [
    "Waiting for user action",
    "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
    "Cluster cannot proceed to reconciliation due to an error while interacting with plugins",
    "Cluster has incomplete or invalid image catalog",
    "Cluster is unrecoverable and needs manual intervention",
    "Cluster cannot execute instance online upgrade due to missing architecture binary",
    "Unable to create required cluster objects",
];

/// Whether a phase does not end by itself.
pub(crate) fn is_stuck(phase: &str) -> bool {
    STUCK.contains(&phase)
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

/// Waits until `ended` says so of the cluster, or until it is in a phase that does not end by itself. What wakes it early must not hold
/// before the end: the cluster would be looked at without a pause.
///
/// # Errors
/// As [`kubernetes::wait_for`], but not where the time is over.
pub(crate) fn until(
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
        if is_stuck(seen.text("/status/phase")) {
            return Ok((true, format!("it does not go on by itself: {said}")));
        }
        Ok((false, said))
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
