//! What the tools that write propose, and what comes of it: through the host's own gate, dry run, policy and approval. And the YAML
//! that is generated, and the runbook.

mod changes;
mod cluster;
mod generated;
mod obstacles;
mod waiting;

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

/// The value of an answer.
fn value(velero: &Running, tool: &str, arguments: &Value) -> Result<Value, Failure> {
    let answer = velero.call(tool, arguments.clone())?;
    Ok(answer.structured.expect("each tool has a value"))
}

fn ask(velero: &Running, tool: &str, arguments: &Value) -> Answer {
    velero.call(tool, arguments.clone()).expect(tool)
}

/// The same arguments, with others beside them.
fn with(arguments: &Value, more: &Value) -> Value {
    let mut arguments = arguments.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    arguments
}

/// The same call, with the words by which the model says that the user asked for it.
fn confirmed(arguments: &Value) -> Value {
    with(arguments, &json!({ "confirm": true }))
}
