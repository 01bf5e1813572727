//! What `get_postgres_logs` makes of logs, read through the host's own gate and redaction.

mod cluster;
mod failures;
mod lines;
mod sums;

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::Value;

fn ask(cnpg: &Running, arguments: Value) -> Result<Answer, Failure> {
    let mut arguments = arguments;
    arguments["namespace"] = "shop".into();
    cnpg.call("get_postgres_logs", arguments)
}

fn text(cnpg: &Running, arguments: Value) -> String {
    ask(cnpg, arguments).expect("the logs are there").text
}
