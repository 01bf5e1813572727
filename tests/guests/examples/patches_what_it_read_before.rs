//! Patches an object as it was at a resourceVersion, and no later one.

use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
    name: String,
    version: String,
}

fn patches_what_it_read_before(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let pods = ResourceType::new("", "pods");
    let pod = ObjectRef::in_namespace(pods, arguments.namespace, arguments.name);
    let note = json!({ "metadata": { "annotations": { "note": "read before" } } });
    let mut change = Change::patch_merge(pod, &note);
    if let Change::Patch(patch) = &mut change {
        patch.expected_version = Some(arguments.version);
    }
    let plan = Plan::new("a note").change(change);
    Ok(changes::run(&plan, false)?.in_words())
}

bulkhead_guests::proposing!(
    "patches-what-it-read-before",
    patches_what_it_read_before,
    Want::cluster(&[""], &["pods"], &["get", "patch"], "To leave a note.")
);
