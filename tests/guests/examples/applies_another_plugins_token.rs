//! Uses tokens and ids that it came by somehow, which are of another plugin's proposals. Says what it was told.

use bulkhead_plugin_sdk::changes;
use bulkhead_plugin_sdk::{Failure, Text, Want};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    known: Vec<String>,
}

fn applies_another_plugins_token(arguments: Arguments) -> Result<Text, Failure> {
    let tried: Vec<String> = arguments
        .known
        .iter()
        .map(|known| {
            format!(
                "apply: {:?}\nstatus: {:?}\nrollback: {:?}",
                changes::apply(known),
                changes::status(known),
                changes::prepare_rollback(known),
            )
        })
        .collect();
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::proposing!(
    "applies-another-plugins-token",
    applies_another_plugins_token,
    Want::cluster(
        &[""],
        &["pods"],
        &["get", "patch", "delete"],
        "To change pods."
    )
);
