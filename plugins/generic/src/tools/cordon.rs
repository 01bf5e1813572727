//! `k8s_cordon`: no new pods on a node.

use crate::node;
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{ChangeAnswer, Plan};
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The node's name.
    name: String,
    #[serde(flatten)]
    confirmation: Confirmation,
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_cordon",
        "Proposes that no new pods are placed on a node; those that run there stay. k8s_uncordon takes it back, k8s_drain \
         also evicts the pods. A person approves it. A dry run.",
        cordon,
    )
    .title("Cordon a node")
    .idempotent()
}

fn cordon(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let node = node::named(&arguments.name)?;
    let plan = Plan::new(format!("cordon node {}", node.name)).change(node::cordon(node, true));
    Ok(arguments.confirmation.run(plan)?.in_words())
}
