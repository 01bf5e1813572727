//! Proposes what no grant covers: another namespace, another verb, another resource, a subresource, the cluster. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Generated, Plan, Propagation};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::json;

fn proposes_outside_its_grant(_: Nothing) -> Result<Text, Failure> {
    let in_shop = |group: &str, plural: &str, name: &str| {
        ObjectRef::in_namespace(ResourceType::new(group, plural), "shop", name)
    };
    let pods = ResourceType::new("", "pods");
    let note = json!({ "metadata": { "annotations": { "a": "b" } } });
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "namespace": "shop", "name": "new" } });
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "namespace": "shop", "name": "new" } });
    let made = || {
        vec![Generated {
            key: "password".to_owned(),
            characters: 32,
        }]
    };
    let oven = || in_shop("", "pods", "oven");
    let inside = Change::patch_merge(in_shop("", "pods", "till"), &note);
    let outside = [
        Change::patch_merge(
            ObjectRef::in_namespace(pods.clone(), "vault", "guard"),
            &note,
        ),
        Change::patch_merge(ObjectRef::of_cluster(pods, "oven"), &note),
        Change::patch_merge(in_shop("", "secrets", "pin"), &note),
        Change::delete(oven(), Propagation::Orphan),
        Change::evict(oven()),
        Change::create(&map),
        Change::apply(&map),
        Change::create_secret(&secret, made()),
        Change::rotate_secret(in_shop("", "secrets", "pin"), made()),
        Change::scale(in_shop("apps", "deployments", "web"), 0),
        Change::patch_merge(in_shop("", "pods/status", "oven"), &note),
        Change::patch_merge(in_shop("", "pods", "oven/exec"), &note),
    ];
    let tried: Vec<String> = outside
        .into_iter()
        .map(|change| {
            // Behind one that is granted.
            let plan = Plan::new("tidies up").change(inside.clone()).change(change);
            format!("{:?}", changes::prepare(&plan))
        })
        .collect();
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::proposing!(
    "proposes-outside-its-grant",
    proposes_outside_its_grant,
    Want::cluster(
        &["*"],
        &[
            "*",
            "secrets",
            "configmaps",
            "pods/eviction",
            "deployments/scale"
        ],
        &["get", "create", "patch", "delete"],
        "To change things."
    )
);
