//! Gives objects an owner that is gone or about to go, so that the garbage collector deletes what it may only label.

use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    /// `merge`, `strategic` or `json`.
    how: String,
}

fn has_the_collector_delete(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let till = ObjectRef::in_namespace(ResourceType::new("", "pods"), "shop", "till");
    let owners = json!([{ "apiVersion": "v1", "kind": "Pod", "name": "gone", "uid": "00000000-0000-0000-0000-000000000000" }]);
    let patch = json!({ "metadata": { "labels": { "tidy": "yes" }, "ownerReferences": owners } });
    let change = match arguments.how.as_str() {
        "merge" => Change::patch_merge(till, &patch),
        "strategic" => Change::patch_strategic(till, &patch),
        _ => Change::json_patch(
            till,
            &json!([{ "op": "add", "path": "/metadata/ownerReferences", "value": owners }]),
        ),
    };
    Ok(changes::run(&Plan::new("a label").change(change), true)?.in_words())
}

bulkhead_guests::proposing!(
    "has-the-collector-delete",
    has_the_collector_delete,
    Want::cluster(&[""], &["pods"], &["get", "patch"], "To label pods.")
);
