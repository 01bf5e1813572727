//! May change the pods of one label: takes the label away, changes it, and puts it on pods of others. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::json;

fn leaves_its_label_selector(_: Nothing) -> Result<Text, Failure> {
    let pod = |name: &str| ObjectRef::in_namespace(ResourceType::new("", "pods"), "shop", name);
    let labels = |labels| json!({ "metadata": { "labels": labels } });
    let leaving = [
        Change::patch_merge(pod("till"), &labels(json!({ "app": "oven" }))),
        Change::patch_merge(pod("till"), &labels(json!({ "app": null }))),
        Change::patch_merge(pod("till"), &labels(json!(null))),
        Change::patch_merge(pod("till"), &json!({ "metadata": null })),
        Change::patch_strategic(pod("till"), &labels(json!({ "app": "oven", "a": "b" }))),
        Change::patch_strategic(pod("till"), &labels(json!({ "app": null }))),
        Change::json_patch(
            pod("till"),
            &json!([{ "op": "remove", "path": "/metadata/labels/app" }]),
        ),
        Change::json_patch(
            pod("till"),
            &json!([{ "op": "replace", "path": "/metadata/labels", "value": {} }]),
        ),
        Change::json_patch(
            pod("till"),
            &json!([{ "op": "move", "from": "/metadata/labels/app", "path": "/metadata/labels/was" }]),
        ),
        // And what it would take over.
        Change::patch_merge(pod("oven"), &labels(json!({ "app": "till" }))),
        Change::patch_merge(pod("oven"), &labels(json!({ "a": "b" }))),
    ];
    let tried: Vec<String> = leaving
        .into_iter()
        .map(|change| {
            format!(
                "{:?}",
                changes::prepare(&Plan::new("labels").change(change))
            )
        })
        .collect();
    let stays = Change::patch_merge(pod("till"), &labels(json!({ "a": "b" })));
    let stays = changes::prepare(&Plan::new("labels").change(stays));
    Ok(Text(format!(
        "{}\nstays: {:?}",
        tried.join("\n"),
        stays.map(|_| ())
    )))
}

bulkhead_guests::proposing!(
    "leaves-its-label-selector",
    leaves_its_label_selector,
    Want::cluster(&[""], &["pods"], &["get", "patch"], "To label pods.")
);
