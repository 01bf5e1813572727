//! What a client is offered, and that it is all there is.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Desk, calls, sim, tools_of_the_plugin};

#[test]
fn with_its_grants_every_tool_of_the_plugin_is_offered_and_has_a_row() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    let mut offered = [desk.tools(true), desk.tools(false)].concat();
    offered.sort_by_key(|tool| tool["name"].to_string());
    let names: Vec<_> = offered
        .iter()
        .map(|tool| calls::arguments(tool).0)
        .collect();
    assert_eq!(names, tools_of_the_plugin());
    desk.end();
}

/// Whatever else changes: a person decides, and can first see what would come of it.
#[test]
fn every_tool_that_changes_takes_confirm_and_dry_run() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    for tool in desk.tools(true) {
        for argument in ["confirm", "dry_run"] {
            let schema = &tool["inputSchema"]["properties"][argument];
            assert_eq!(schema["type"], "boolean", "{}: {argument}", tool["name"]);
        }
    }
    desk.end();
}

/// A tool as a model reads it, a line for each argument.
fn described(tool: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let hints: Vec<_> = ["readOnlyHint", "destructiveHint", "idempotentHint"]
        .into_iter()
        .filter(|hint| tool["annotations"][hint] == true)
        .collect();
    let mut said = format!(
        "{} ({})\n{}\n",
        text(&tool["name"]),
        hints.join(", "),
        text(&tool["description"])
    );
    let schema = &tool["inputSchema"];
    for (name, argument) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().into_iter().flatten();
        let needed = if required.clone().any(|one| one == name) {
            ", required"
        } else {
            ""
        };
        let preset = match &argument["default"] {
            Value::Null => String::new(),
            preset => format!(", else {preset}"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            said,
            "  {name}: {}{needed}{preset}: {}",
            argument["type"],
            text(&argument["description"])
        );
    }
    said
}

#[test]
fn this_is_offered() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    let mut offered = [desk.tools(true), desk.tools(false)].concat();
    offered.sort_by_key(|tool| tool["name"].to_string());
    let offered: Vec<_> = offered.iter().map(described).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("cnpg_offer", offered.join("\n"));
    });
    desk.end();
}
