//! Makes a Namespace and a ConfigMap in it, in one plan.

use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
}

fn makes_a_namespace_and_fills_it(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let namespace = arguments.namespace;
    let made =
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
    let metadata = json!({ "namespace": namespace, "name": "settings" });
    let settings = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "color": "red" } });
    let plan = Plan::new("an annex")
        .change(Change::create(&made))
        .change(Change::create(&settings));
    Ok(changes::run(&plan, false)?.in_words())
}

bulkhead_guests::proposing!(
    "makes-a-namespace-and-fills-it",
    makes_a_namespace_and_fills_it,
    Want::cluster(
        &[""],
        &["namespaces", "configmaps"],
        &["create"],
        "To make an annex."
    )
);
