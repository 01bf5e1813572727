//! `k8s_uncordon`: new pods on a node again.

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
        "k8s_uncordon",
        "Proposes that pods may be placed on a node again, after k8s_cordon or k8s_drain. A person approves it. A dry run.",
        uncordon,
    )
    .title("Uncordon a node")
    .idempotent()
}

fn uncordon(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let node = node::named(&arguments.name)?;
    let plan = Plan::new(format!("uncordon node {}", node.name)).change(node::cordon(node, false));
    Ok(arguments.confirmation.run(plan)?.in_words())
}
