//! What the tools for backups say and propose: on a fleet of clusters, through the host's own gate, dry run, policy and approval.

#[path = "backups/attacks.rs"]
mod attacks;
#[path = "backups/changes.rs"]
mod changes;
#[path = "backups/cluster.rs"]
mod cluster;
#[path = "backups/lists.rs"]
mod lists;
#[path = "backups/obstacles.rs"]
mod obstacles;
#[path = "backups/refusals.rs"]
mod refusals;
#[path = "backups/restores.rs"]
mod restores;
#[path = "backups/schedules.rs"]
mod schedules;
#[path = "backups/waiting.rs"]
mod waiting;

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

/// The value of an answer.
fn value(cnpg: &Running, tool: &str, arguments: &Value) -> Result<Value, Failure> {
    let answer = cnpg.call(tool, arguments.clone())?;
    Ok(answer.structured.expect("each tool has a value"))
}

fn ask(cnpg: &Running, tool: &str, arguments: &Value) -> Answer {
    cnpg.call(tool, arguments.clone()).expect(tool)
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

/// Asserts that a call is refused with these words and a next step.
fn refused(cnpg: &Running, tool: &str, arguments: &Value, why: &str) {
    let failure = value(cnpg, tool, arguments).expect_err(why).to_string();
    assert!(
        failure.contains(why) && failure.contains("; next: "),
        "{arguments}: {failure}"
    );
}
