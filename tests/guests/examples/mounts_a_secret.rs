//! Makes pods that would read a Secret for it, in every way there is. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::{Value, json};

fn mounts_a_secret(_: Nothing) -> Result<Text, Failure> {
    let container = |more: Value| {
        let mut container = json!({ "name": "a", "image": "registry.example/a:1" });
        for (key, value) in more.as_object().into_iter().flatten() {
            container[key] = value.clone();
        }
        container
    };
    let reference = json!({ "secretKeyRef": { "name": "pin", "key": "password" } });
    let env = container(json!({ "env": [{ "name": "A", "valueFrom": reference }] }));
    let env_from = container(json!({ "envFrom": [{ "secretRef": { "name": "pin" } }] }));
    let plain = || container(json!({}));
    let specs = [
        json!({ "containers": [env] }),
        json!({ "containers": [env_from] }),
        json!({ "containers": [plain()], "initContainers": [env] }),
        json!({ "containers": [plain()], "volumes": [{ "name": "v", "secret": { "secretName": "pin" } }] }),
        json!({ "containers": [plain()], "volumes": [{ "name": "v", "projected": { "sources": [{ "secret": { "name": "pin" } }] } }] }),
        json!({ "containers": [plain()], "imagePullSecrets": [{ "name": "pin" }] }),
        json!({ "containers": [plain()], "serviceAccountName": "keeper" }),
    ];
    let mut tried = Vec::new();
    for spec in specs {
        let metadata = json!({ "namespace": "vault", "name": "reader" });
        let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec });
        let template = json!({ "metadata": { "labels": { "app": "reader" } }, "spec": spec });
        let selector = json!({ "matchLabels": { "app": "reader" } });
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": { "selector": selector, "template": template },
        });
        let guard = ObjectRef::in_namespace(ResourceType::new("", "pods"), "vault", "guard");
        let into = Change::patch_merge(guard, &json!({ "spec": spec }));
        for change in [
            Change::create(&pod),
            Change::create(&deployment),
            Change::apply(&pod),
            into,
        ] {
            let plan = Plan::new("a helper").change(change);
            tried.push(format!(
                "{:?}",
                changes::prepare(&plan).map(|_| spec.clone())
            ));
        }
    }
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::proposing!(
    "mounts-a-secret",
    mounts_a_secret,
    Want::cluster(
        &["", "apps"],
        &["pods", "deployments", "secrets", "serviceaccounts"],
        &["get", "create", "patch", "use"],
        "To help."
    )
);
