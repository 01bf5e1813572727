//! `k8s_apply`: a manifest.

use crate::manifest::Manifest;
use crate::place::Place;
use crate::rollout::Workload;
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// One object as YAML or JSON. Only the fields that are to be set: all others stay as they are.
    manifest: String,
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    confirmation: Confirmation,
    /// Once applied, waits for the end of a workload's rollout, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_apply",
        "Proposes to apply the manifest of one object, which creates it or changes just the fields that it has (server-side \
         apply). A person approves it. For replicas, images and restarts k8s_patch is shorter. One request and a dry run.",
        apply,
    )
    .title("Apply a manifest")
    .destructive()
    .idempotent()
}

fn apply(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let manifest = Manifest::read(&arguments.manifest, &arguments.place)?;
    let workload = if arguments.wait {
        Some(Workload::of(&manifest.resolved)?)
    } else {
        None
    };
    let what = format!(
        "{} {} {}",
        manifest.resolved.kind, manifest.target.name, manifest.scope
    );
    let plan = Plan::new(format!("apply {what}")).change(Change::apply(&manifest.object));
    let mut answer = arguments.confirmation.run(plan)?;
    if let Some(workload) = workload.filter(|_| answer.is_applied()) {
        answer = answer.waited(workload.wait(&manifest.target));
    }
    Ok(answer.notes(manifest.resolved.note).in_words())
}
