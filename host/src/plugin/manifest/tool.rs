//! Tools as a manifest names them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words::{bounded, check_name, check_texts};
use crate::call::Effect;
use crate::failure::shown;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// One tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Unique in the plugin.
    pub name: String,
    /// For a person.
    pub title: String,
    /// For the model.
    pub description: String,
    /// JSON Schema of the arguments.
    pub input_schema: Value,
    /// JSON Schema of the structured result.
    pub output_schema: Option<Value>,
    /// Whether it may propose changes.
    pub changes: bool,
    /// A change that can lose data.
    pub destructive: bool,
    /// Calling it twice is calling it once.
    pub idempotent: bool,
}

impl Tool {
    /// Returns what the tool may do.
    #[must_use]
    pub fn effect(&self) -> Effect {
        if self.changes {
            Effect::Change
        } else {
            Effect::Read
        }
    }
}

/// Returns the tools that are right, by name.
pub(super) fn check(tools: Vec<wit::Tool>, faults: &mut Vec<String>) -> Vec<Tool> {
    let mut names = BTreeSet::new();
    let mut checked = Vec::new();
    for tool in bounded(tools, "tool", faults) {
        if !names.insert(tool.name.clone()) {
            faults.push(format!("it names the tool `{}` twice", shown(&tool.name)));
        }
        checked.extend(check_one(tool, faults));
    }
    checked.sort_by(|a, b| a.name.cmp(&b.name));
    checked
}

fn check_one(tool: wit::Tool, faults: &mut Vec<String>) -> Option<Tool> {
    check_name("tool", &tool.name, faults);
    let texts = [tool.title.as_str(), tool.description.as_str()];
    check_texts("tool", &tool.name, &texts, faults);
    let name = shown(&tool.name);
    let mut schema = |text: &str, which: &str| match check_schema(text) {
        Ok(schema) => Some(schema),
        Err(fault) => {
            faults.push(format!("the {which} schema of tool `{name}` {fault}"));
            None
        }
    };
    let input_schema = schema(&tool.input_schema, "input");
    let output_schema = tool
        .output_schema
        .as_deref()
        .and_then(|text| schema(text, "output"));
    Some(Tool {
        name: tool.name,
        title: tool.title,
        description: tool.description,
        input_schema: input_schema?,
        output_schema,
        changes: tool.effect == wit::Effect::Change,
        destructive: tool.destructive,
        idempotent: tool.idempotent,
    })
}

fn check_schema(text: &str) -> Result<Value, String> {
    if text.len() > MAX_SCHEMA_BYTES {
        return Err(format!("is larger than {MAX_SCHEMA_BYTES} bytes"));
    }
    let schema: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    if schema["type"] != "object" {
        return Err("is not of type `object`".to_owned());
    }
    jsonschema::draft202012::new(&schema).map_err(|error| format!("is no JSON Schema: {error}"))?;
    Ok(schema)
}
