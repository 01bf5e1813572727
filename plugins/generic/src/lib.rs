//! Looking at and changing any Kubernetes resource: the tools of the `generic` plugin.
//!
//! Each tool is one file in `tools`; what several share stands in a file per noun. A tool reads or it changes, never both, and
//! what changes only proposes: a person decides. Every answer says which namespace it is about.

mod budget;
mod cause;
mod condition;
mod event;
mod json_patch;
mod kind;
mod manifest;
mod masked;
mod node;
mod place;
mod pod;
mod quantity;
mod rollout;
mod selector;
mod tools;
mod view;
mod yaml;

use bulkhead_plugin_sdk::{Plugin, Want, plugin};

/// Describes the plugin. Makes no host call.
pub fn describe() -> Plugin {
    Plugin::new(
        "generic",
        env!("CARGO_PKG_VERSION"),
        "Lists, gets, counts, explains and describes any resource, reads events, logs and usage, and proposes changes.",
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
        &["get", "list", "watch"],
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
    .wants(Want::cluster(
        &["*"],
        &["*"],
        &["create", "patch", "delete"],
        "To propose changes of what the user names. Each is shown to a person, who decides. Grant only what may be changed.",
    ))
    .wants(Want::cluster(
        &[""],
        &["configmaps"],
        &["create", "patch", "delete"],
        "To propose changes of ConfigMaps.",
    ))
    .wants(Want::cluster(
        &[""],
        &["secrets"],
        &["delete"],
        "To propose deleting a Secret. Writing one is not asked for: its values would pass through the model.",
    ))
    .wants(Want::cluster(
        &["*"],
        &["*/scale"],
        &["get", "patch"],
        "To propose another number of replicas.",
    ))
    .wants(Want::cluster(
        &[""],
        &["pods/eviction"],
        &["create"],
        "To propose draining a node. Disruption budgets are respected.",
    ))
    .wants(Want::cluster(
        &[""],
        &["secrets", "configmaps", "serviceaccounts", "persistentvolumeclaims"],
        &["use"],
        "To propose pods that refer to these, by manifest or patch. Their values are not read.",
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
    .tool(tools::rollout::tool())
    .tool(tools::apply::tool())
    .tool(tools::patch::tool())
    .tool(tools::delete::tool())
    .tool(tools::rollout_undo::tool())
    .tool(tools::cordon::tool())
    .tool(tools::uncordon::tool())
    .tool(tools::drain::tool())
}

plugin!(describe);
