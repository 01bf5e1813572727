//! POST of `pods/eviction`: a deletion that a PodDisruptionBudget may refuse.

use axum::http::StatusCode;
use serde_json::json;

use super::incoming::Incoming;
use super::{Subject, Written, delete};
use crate::budgets;
use crate::cluster::Cluster;
use crate::status::Refusal;

/// # Errors
/// 404, 409 where a precondition does not hold, 429 where the budget is used up, 500 where there is more than one.
pub(super) fn evict(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    incoming: &Incoming,
) -> Result<Written, Refusal> {
    let eviction = incoming.object(subject.of)?;
    let name = eviction["metadata"]["name"].as_str();
    if name.is_some_and(|name| name != subject.name) {
        return Err(Refusal::bad_request(
            "name in URL does not match name in Eviction object",
        ));
    }
    let pod = subject.current(cluster)?;
    delete::check_preconditions(subject, &pod, &incoming.options)?;
    let labels = pod["metadata"]["labels"].as_object();
    match budgets::covering(cluster, subject.namespace, labels).as_slice() {
        [] => {}
        [budget] if !budgets::concerns(budget, &pod) => {}
        [budget] => {
            if !budgets::use_up(cluster, subject.namespace, budget) {
                let name = budget["metadata"]["name"].as_str().unwrap_or_default();
                let count = |field: &str| budgets::count(&budget["status"][field]);
                let (needs, has) = (count("desiredHealthy"), count("currentHealthy"));
                return Err(Refusal::disruption_budget(name, needs, has));
            }
        }
        [_, _, ..] => {
            return Err(Refusal::internal(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
    }
    delete::remove(cluster, &subject.address(), delete::Owned::Delete);
    let answer = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Written::object(StatusCode::CREATED, answer))
}
