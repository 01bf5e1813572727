//! What `update_postgres_configuration` proposes and refuses: through the host's own gate, dry run, policy and approval.

mod cluster;
mod notes;
mod proposals;
mod refusals;

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

/// Asks for new parameters of the cluster `main-db`, with other arguments beside them.
fn ask(cnpg: &Running, parameters: Value, more: Value) -> Result<Answer, Failure> {
    let mut arguments =
        json!({ "cluster_name": "main-db", "namespace": "shop", "parameters": parameters });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    cnpg.call("update_postgres_configuration", arguments)
}

/// The notes of a proposal.
fn notes(cnpg: &Running, parameters: Value, more: Value) -> Vec<String> {
    let answer = ask(cnpg, parameters, more).expect("it is proposed");
    let answer = answer.structured.expect("it has a value");
    let notes = answer["notes"].as_array().cloned().unwrap_or_default();
    notes
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Whether anything at all was asked of the API server beyond reading, be it dry.
fn sent(cnpg: &Running) -> bool {
    let requests = cnpg.cluster().requests();
    requests.iter().any(|request| request.method == "PATCH")
}
