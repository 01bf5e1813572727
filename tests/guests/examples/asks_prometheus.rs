//! Asks Prometheus whatever it is told to ask, and answers with all that came.

use bulkhead_plugin_sdk::bindings::bulkhead::plugin::prometheus::{Request, query_many};
use bulkhead_plugin_sdk::{Failure, Text, Want};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    expression: String,
}

fn asks_prometheus(arguments: Arguments) -> Result<Text, Failure> {
    let answers = query_many(&[Request::now(arguments.expression)])?;
    let data: Vec<String> = answers.into_iter().map(|answer| answer.data).collect();
    Ok(Text(data.join("\n")))
}

bulkhead_guests::hostile!(
    "asks-prometheus",
    asks_prometheus,
    Want::prometheus("To see what it can get.")
);
