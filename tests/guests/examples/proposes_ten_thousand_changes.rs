//! One plan of ten thousand changes.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::json;

fn proposes_ten_thousand_changes(_: Nothing) -> Result<Text, Failure> {
    let mut plan = Plan::new("a few labels");
    for number in 0..10_000 {
        let pod = ObjectRef::in_namespace(
            ResourceType::new("", "pods"),
            "shop",
            format!("pod-{number}"),
        );
        plan = plan.change(Change::patch_merge(
            pod,
            &json!({ "metadata": { "labels": { "a": "b" } } }),
        ));
    }
    Ok(Text(format!("{:?}", changes::prepare(&plan)?)))
}

bulkhead_guests::proposing!(
    "proposes-ten-thousand-changes",
    proposes_ten_thousand_changes,
    Want::cluster(&[""], &["pods"], &["get", "patch"], "To label them.")
);
