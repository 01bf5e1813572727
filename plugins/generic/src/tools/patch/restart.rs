//! New pods from the same template.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::Change;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use serde_json::json;

/// Counts restarts in the template: another template makes new pods. A count, and not the time as kubectl writes it, so that a
/// call that comes again makes the same plan and finds its open proposal.
const RESTARTS: &str = "bulkhead/restarts";

/// Returns the change for what has rollouts.
///
/// # Errors
/// `Conflict` where the rollout is paused: nothing would restart.
pub(super) fn change(object: &ObjectRef) -> Result<Change, Failure> {
    let count = format!("spec.template.metadata.annotations['{RESTARTS}']");
    let (count, paused): (Option<String>, Option<bool>) =
        kubernetes::get_fields(object, &[&count, "spec.paused"])?;
    if paused == Some(true) {
        return Err(Failure::Conflict(format!(
            "the rollout of {} is paused, so nothing would restart",
            object.name
        ))
        .next_step("patch it with {\"spec\": {\"paused\": null}} first"));
    }
    let count = count
        .and_then(|count| count.parse::<u64>().ok())
        .unwrap_or(0);
    let annotations = json!({ RESTARTS: count.saturating_add(1).to_string() });
    let patch = json!({ "spec": { "template": { "metadata": { "annotations": annotations } } } });
    Ok(Change::patch_merge(object.clone(), &patch))
}
