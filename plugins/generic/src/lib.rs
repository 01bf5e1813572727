//! Looking at any Kubernetes resource: the tools of the `generic` plugin.
//!
//! Each tool is one file in `tools`; what several share stands in a file per noun. Nothing here changes anything, and every
//! answer says which namespace it is about.

mod budget;
mod cause;
mod condition;
mod event;
mod kind;
mod place;
mod pod;
mod quantity;
mod table;
mod tools;
mod view;
mod yaml;

use bulkhead_plugin_sdk::{Plugin, Want, plugin};

/// Describes the plugin. Makes no host call.
pub fn describe() -> Plugin {
    Plugin::new(
        "generic",
        env!("CARGO_PKG_VERSION"),
        "Lists, gets, counts, explains and describes any resource, and reads events, logs and usage.",
    )
    .wants(Want::cluster(
        &["*"],
        &["*"],
        &["get", "list", "watch"],
        "To look at whatever the user asks about. Grant only the groups and namespaces that may be looked at.",
    ))
    .wants(Want::cluster(
        &[""],
        &["secrets", "configmaps"],
        &["get", "list"],
        "To say which Secrets and ConfigMaps there are. Of Secrets only the keys are asked for, never the values.",
    ))
    .wants(Want::cluster(
        &[""],
        &["pods/log"],
        &["get"],
        "To read the logs of containers.",
    ))
    .wants(Want::cluster(
        &["metrics.k8s.io"],
        &["pods", "nodes"],
        &["get", "list"],
        "To say how much CPU and memory pods and nodes use.",
    ))
    .tool(tools::ping::tool())
    .tool(tools::list::tool())
    .tool(tools::get::tool())
    .tool(tools::describe::tool())
    .tool(tools::events::tool())
    .tool(tools::logs::tool())
    .tool(tools::count::tool())
    .tool(tools::top::tool())
    .tool(tools::api_resources::tool())
    .tool(tools::explain::tool())
}

plugin!(describe);
