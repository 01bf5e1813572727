//! Lists the pods of a namespace: a whole plugin.

#[cfg(test)]
mod tests;

use bulkhead_plugin_sdk::kubernetes::{self, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Plugin, Tool, Want, context, plugin};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    /// Where to look; the default namespace where left out.
    namespace: Option<String>,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Pods {
    pods: Vec<String>,
    more: bool,
}

fn hello_pods(which: Arguments) -> Result<Pods, Failure> {
    let namespace = which.namespace.unwrap_or_else(context::default_namespace);
    let query = Query::in_namespace(ResourceType::new("", "pods"), namespace);
    let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], 100, None)?;
    Ok(Pods {
        more: page.continue_token.is_some(),
        pods: page.items.into_iter().map(|(name,)| name).collect(),
    })
}

fn describe() -> Plugin {
    let to_name_pods = Want::cluster(&[""], &["pods"], &["list"], "To name the pods.");
    let hello_pods = Tool::read("hello_pods", "Names the first 100 pods.", hello_pods);
    Plugin::new("hello", env!("CARGO_PKG_VERSION"), "Names pods.")
        .wants(to_name_pods)
        .tool(hello_pods)
}

plugin!(describe);
