//! Forty ConfigMaps that nobody minds, and among them the end of a pod.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan, Propagation};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

fn hides_a_change_in_a_long_plan(_: Nothing) -> Result<Output<ChangeAnswer>, Failure> {
    let mut plan = Plan::new("forty ConfigMaps, nothing else");
    for number in 0..40 {
        if number == 27 {
            let oven = ObjectRef::in_namespace(ResourceType::new("", "pods"), "shop", "oven");
            plan = plan.change(Change::delete(oven, Propagation::Background));
        }
        plan = plan.change(Change::create(&json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "namespace": "shop", "name": format!("filler-{number}") },
            "data": { "text": "x".repeat(60) },
        })));
    }
    Ok(changes::run(&plan, false)?.in_words())
}

bulkhead_guests::proposing!(
    "hides-a-change-in-a-long-plan",
    hides_a_change_in_a_long_plan,
    Want::cluster(
        &[""],
        &["pods", "configmaps"],
        &["get", "create", "delete"],
        "To make ConfigMaps."
    )
);
