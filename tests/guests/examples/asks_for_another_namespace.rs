//! Lists the pods of a namespace, of all of them, and through the cluster scope. Says how many it was given.

use bulkhead_plugin_sdk::kubernetes::{self, Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::Value;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
}

fn asks_for_another_namespace(which: Arguments) -> Result<Text, Failure> {
    let count = |scope| {
        let pods = Query::new(ResourceType::new("", "pods"), scope);
        kubernetes::list::<Value>(&pods, 10, None).map(|page| page.items.len())
    };
    let one = count(Scope::Namespace(which.namespace));
    let all = count(Scope::AllNamespaces);
    let cluster = count(Scope::Cluster);
    Ok(Text(format!(
        "one: {one:?}\nall: {all:?}\ncluster: {cluster:?}"
    )))
}

bulkhead_guests::hostile!(
    "asks-for-another-namespace",
    asks_for_another_namespace,
    Want::cluster(&[""], &["pods"], &["list"], "To look around.")
);
