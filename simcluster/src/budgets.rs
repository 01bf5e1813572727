//! PodDisruptionBudgets: which one covers a pod, what it allows, and its count after pods have come and gone.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::cluster::{Address, Cluster};
use crate::selector::LabelSelector;

const BUDGETS: &str = "poddisruptionbudgets.policy";

/// Whether the pod's condition `Ready` is true.
pub(crate) fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

/// Whether the pod has ended.
pub(crate) fn is_over(pod: &Value) -> bool {
    let phase = &pod["status"]["phase"];
    phase == "Succeeded" || phase == "Failed"
}

/// The budgets of a namespace that cover pods with these labels.
pub(crate) fn covering(
    cluster: &Cluster,
    namespace: &str,
    labels: Option<&Map<String, Value>>,
) -> Vec<Arc<Value>> {
    cluster
        .in_namespace(BUDGETS, namespace)
        .filter(|budget| selector_of(budget).is_some_and(|selector| selector.matches(labels)))
        .cloned()
        .collect()
}

/// How far an eviction of `pod` is the budget's concern: a pod that runs, and is not one that is broken anyway.
pub(crate) fn concerns(budget: &Value, pod: &Value) -> bool {
    if is_over(pod) || pod["status"]["phase"] == "Pending" {
        return false;
    }
    let status = &budget["status"];
    let (healthy, desired) = (
        count(&status["currentHealthy"]),
        count(&status["desiredHealthy"]),
    );
    let may_go = budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        || (healthy >= desired && desired > 0);
    is_ready(pod) || !may_go
}

/// Takes one eviction off what the budget allows; false if it allows none.
pub(crate) fn use_up(cluster: &mut Cluster, namespace: &str, budget: &Value) -> bool {
    let allowed = count(&budget["status"]["disruptionsAllowed"]);
    if allowed == 0 {
        return false;
    }
    let mut less = budget.clone();
    less["status"]["disruptionsAllowed"] = (allowed - 1).into();
    keep(cluster, namespace, less);
    true
}

/// Counts the pods of the budgets that cover pods with these labels.
pub(crate) fn recount(cluster: &mut Cluster, namespace: &str, labels: Option<&Map<String, Value>>) {
    for budget in covering(cluster, namespace, labels) {
        let Some(selector) = selector_of(&budget) else {
            continue;
        };
        let pods: Vec<bool> = cluster
            .in_namespace("pods", namespace)
            .filter(|pod| !is_over(pod) && selector.matches(pod["metadata"]["labels"].as_object()))
            .map(|pod| is_ready(pod))
            .collect();
        let expected = pods.len() as u64;
        let healthy = pods.iter().filter(|is_ready| **is_ready).count() as u64;
        let spec = &budget["spec"];
        let desired = match share(&spec["maxUnavailable"], expected) {
            Some(most) => expected.saturating_sub(most),
            None => share(&spec["minAvailable"], expected).unwrap_or(1),
        };
        let mut counted = Value::clone(&budget);
        let generation = counted["metadata"]["generation"].clone();
        let status = &mut counted["status"];
        status["expectedPods"] = expected.into();
        status["currentHealthy"] = healthy.into();
        status["desiredHealthy"] = desired.into();
        status["disruptionsAllowed"] = healthy.saturating_sub(desired).into();
        if !generation.is_null() {
            status["observedGeneration"] = generation;
        }
        if counted != *budget {
            keep(cluster, namespace, counted);
        }
    }
}

/// A number, or a share such as `25%`, rounded up.
fn share(value: &Value, of: u64) -> Option<u64> {
    match value.as_str() {
        Some(text) => {
            let percent: u64 = text.strip_suffix('%')?.parse().ok()?;
            Some((of * percent).div_ceil(100))
        }
        None => value.as_u64(),
    }
}

fn selector_of(budget: &Value) -> Option<LabelSelector> {
    LabelSelector::of_object(&budget["spec"]["selector"])
}

fn keep(cluster: &mut Cluster, namespace: &str, budget: Value) {
    let name = budget["metadata"]["name"].as_str().unwrap_or_default();
    let at = Address::new(BUDGETS, namespace, name);
    cluster.keep(&at, budget);
}

/// Of a status that nobody has written yet, 0.
pub(crate) fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
