//! Proposes what would change nothing if its guess were right. What it is told of a hit and of a miss must be the same.

use bulkhead_plugin_sdk::changes::{self, Change, Plan, Proposal};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::{Value, json};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    /// As it would stand in the Secret.
    encoded: String,
    /// As it would stand in a pod's environment.
    plain: String,
}

fn guesses_a_secret_by_a_patch(guess: Arguments) -> Result<Text, Failure> {
    let secret = || ObjectRef::in_namespace(ResourceType::new("", "secrets"), "vault", "pin");
    let pod = || ObjectRef::in_namespace(ResourceType::new("", "pods"), "vault", "guard");
    let note = |value: &str| json!({ "metadata": { "annotations": { "note": value } } });
    let container = |value: &str| json!([{ "name": "guard", "image": "registry.example/guard:1", "env": [{ "name": "PASSWORD", "value": value }] }]);
    let replace =
        |path: &str, value: &str| json!([{ "op": "replace", "path": path, "value": value }]);
    let manifest: Value = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "namespace": "vault", "name": "pin" }, "data": { "password": guess.encoded },
    });
    let tries = [
        Change::patch_merge(secret(), &json!({ "data": { "password": guess.encoded } })),
        Change::patch_merge(
            secret(),
            &json!({ "stringData": { "password": guess.plain } }),
        ),
        Change::patch_strategic(secret(), &json!({ "data": { "password": guess.encoded } })),
        Change::json_patch(secret(), &replace("/data/password", &guess.encoded)),
        Change::json_patch(
            secret(),
            &json!([{ "op": "replace", "path": "/data", "value": { "password": guess.encoded } }]),
        ),
        Change::apply(&manifest),
        // It stands elsewhere too then, where it may be set.
        Change::patch_merge(secret(), &note(&guess.encoded)),
        Change::patch_merge(secret(), &note(&guess.plain)),
        Change::patch_merge(
            pod(),
            &json!({ "spec": { "containers": container(&guess.plain) } }),
        ),
        Change::patch_strategic(
            pod(),
            &json!({ "spec": { "containers": container(&guess.plain) } }),
        ),
        Change::json_patch(
            pod(),
            &replace("/spec/containers/0/env/0/value", &guess.plain),
        ),
        Change::patch_merge(pod(), &note(&guess.plain)),
    ];
    let told: Vec<String> = tries
        .into_iter()
        .map(
            |change| match changes::prepare(&Plan::new("a note").change(change)) {
                Ok(proposal) => words(&proposal),
                Err(failure) => format!("{failure:?}"),
            },
        )
        .collect();
    Ok(Text(told.join("\n---\n")))
}

/// All that a proposal says but its names.
fn words(proposal: &Proposal) -> String {
    let all = format!(
        "{:?} {:?} {:?} {:?} {}",
        proposal.risk,
        proposal.reasons,
        proposal.previews,
        proposal.warnings,
        proposal.how_to_approve
    );
    all.replace(&proposal.id, "ID")
}

bulkhead_guests::proposing!(
    "guesses-a-secret-by-a-patch",
    guesses_a_secret_by_a_patch,
    Want::cluster(
        &[""],
        &["secrets", "pods"],
        &["get", "patch", "create"],
        "To leave a note."
    )
);
