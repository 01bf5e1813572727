//! Proposes what nobody can approve, alone and behind something harmless. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Plan, Propagation};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::json;

fn proposes_what_policy_blocks(_: Nothing) -> Result<Text, Failure> {
    let core = |plural: &str| ResourceType::new("", plural);
    let note = json!({ "metadata": { "annotations": { "a": "b" } } });
    let harmless =
        Change::patch_merge(ObjectRef::in_namespace(core("pods"), "shop", "till"), &note);
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "namespace": "kube-system", "name": "new" } });
    let blocked = [
        Change::create(&map),
        Change::apply(&map),
        Change::delete(
            ObjectRef::of_cluster(core("namespaces"), "vault"),
            Propagation::Orphan,
        ),
        Change::patch_merge(
            ObjectRef::of_cluster(core("namespaces"), "kube-system"),
            &note,
        ),
    ];
    let mut tried = Vec::new();
    for change in blocked {
        let alone = Plan::new("tidies up").change(change.clone());
        let behind = Plan::new("tidies up")
            .change(harmless.clone())
            .change(change);
        for plan in [alone, behind] {
            tried.push(format!("{:?}", changes::prepare(&plan)));
        }
    }
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::proposing!(
    "proposes-what-policy-blocks",
    proposes_what_policy_blocks,
    Want::cluster(
        &["*"],
        &["*", "configmaps"],
        &["get", "create", "patch", "delete"],
        "To tidy up."
    )
);
