//! What the tools for backups say and propose: on a fleet of clusters, through the host's own gate, dry run, policy and approval.

mod attacks;
mod changes;
mod cluster;
mod lists;
mod obstacles;
mod refusals;
mod restores;
mod schedules;
mod waiting;

use crate::asking::{ask, confirmed, with};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::Value;

/// The value of an answer.
fn value(cnpg: &Running, tool: &str, arguments: &Value) -> Result<Value, Failure> {
    let answer = cnpg.call(tool, arguments.clone())?;
    Ok(answer.structured.expect("each tool has a value"))
}

/// Asserts that a call is refused with these words and a next step.
fn refused(cnpg: &Running, tool: &str, arguments: &Value, why: &str) {
    let failure = value(cnpg, tool, arguments).expect_err(why).to_string();
    assert!(
        failure.contains(why) && failure.contains("; next: "),
        "{arguments}: {failure}"
    );
}
