//! `ping`: whether the server answers. Asks the cluster nothing.

use bulkhead_plugin_sdk::{Failure, Output, Tool, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Arguments {}

#[derive(Serialize, JsonSchema)]
struct Pong {
    /// The kubeconfig context, or `in-cluster`.
    cluster: String,
    /// Where tools look when no namespace is named.
    default_namespace: String,
    /// Of the plugin.
    version: String,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "ping",
        "Says that the server answers, and which cluster and default namespace it works with. Asks the cluster \
         nothing: costs nothing.",
        ping,
    )
    .title("Ping")
}

fn ping(_: Arguments) -> Result<Output<Pong>, Failure> {
    let structured = Pong {
        cluster: context::cluster_name(),
        default_namespace: context::default_namespace(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let Pong {
        cluster,
        default_namespace,
        version,
    } = &structured;
    let text = format!(
        "pong from generic {version}: cluster {cluster}, default namespace {default_namespace}"
    );
    Ok(Output { text, structured })
}
