//! What a plugin says of itself, checked.
//!
//! A manifest comes from a stranger: names, sizes and schemas are judged before a client sees them, and a manifest with one
//! fault is refused whole, with every fault named.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Effect;
use crate::failure::shown;
use crate::gate::Want;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

/// Most tools of one plugin, and most bytes of one text: a client shows them all to a model.
const MAX_TOOLS: usize = 128;
const MAX_DESCRIPTION_BYTES: usize = 4 * 1024;
const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// What a plugin is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The plugin's own name; the operator's key may differ.
    pub name: String,
    /// SemVer.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// What it asks for.
    pub wants: Vec<Want>,
    /// Sorted by name.
    pub tools: Vec<Tool>,
}

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

/// Every fault of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub(crate) struct ManifestError(Vec<String>);

impl Manifest {
    pub(crate) fn check(manifest: wit::Manifest) -> Result<Self, ManifestError> {
        let mut faults = Vec::new();
        if !is_word(&manifest.name, 32, '-') {
            faults.push(format!(
                "its name `{}` is not [a-z][a-z0-9-]{{0,31}}",
                shown(&manifest.name)
            ));
        }
        if manifest.version.is_empty()
            || manifest.version.len() > 64
            || !manifest.version.is_ascii()
        {
            faults.push("its version is not SemVer".to_owned());
        }
        if manifest.tools.len() > MAX_TOOLS {
            faults.push(format!(
                "it has {} tools, more than {MAX_TOOLS}",
                manifest.tools.len()
            ));
        }
        let mut names = BTreeSet::new();
        let mut tools = Vec::new();
        for tool in manifest.tools.into_iter().take(MAX_TOOLS) {
            if !names.insert(tool.name.clone()) {
                faults.push(format!("it names the tool `{}` twice", shown(&tool.name)));
            }
            match check_tool(tool) {
                Ok(tool) => tools.push(tool),
                Err(mut found) => faults.append(&mut found),
            }
        }
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        let wants = manifest.wants.into_iter().map(want).collect();
        if faults.is_empty() {
            Ok(Self {
                name: manifest.name,
                version: manifest.version,
                description: one_line(&manifest.description),
                wants,
                tools,
            })
        } else {
            Err(ManifestError(faults))
        }
    }
}

fn want(want: wit::Want) -> Want {
    let wit::Power::Cluster(cluster) = want.power;
    Want {
        api_groups: cluster.api_groups,
        resources: cluster.resources,
        verbs: cluster.verbs,
        secret_values: cluster.secret_values,
        reason: one_line(&want.reason),
    }
}

fn check_tool(tool: wit::Tool) -> Result<Tool, Vec<String>> {
    let mut faults = Vec::new();
    let name = shown(&tool.name);
    if !is_word(&tool.name, 64, '_') {
        faults.push(format!("tool name `{name}` is not [a-z][a-z0-9_]{{0,63}}"));
    }
    if tool.description.len() > MAX_DESCRIPTION_BYTES || tool.title.len() > MAX_DESCRIPTION_BYTES {
        faults.push(format!(
            "the description of tool `{name}` is longer than {MAX_DESCRIPTION_BYTES} bytes"
        ));
    }
    let mut schema = |text: &str, which: &str| match check_schema(text) {
        Ok(schema) => Some(schema),
        Err(fault) => {
            faults.push(format!("the {which} schema of tool `{name}` {fault}"));
            None
        }
    };
    let input = schema(&tool.input_schema, "input");
    let output = tool
        .output_schema
        .as_deref()
        .and_then(|text| schema(text, "output"));
    match input {
        Some(input_schema) if faults.is_empty() => Ok(Tool {
            name: tool.name,
            title: tool.title,
            description: tool.description,
            input_schema,
            output_schema: output,
            changes: tool.effect == wit::Effect::Change,
            destructive: tool.destructive,
            idempotent: tool.idempotent,
        }),
        _ => Err(faults),
    }
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

fn is_word(text: &str, most: usize, joint: char) -> bool {
    text.len() <= most
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

fn one_line(text: &str) -> String {
    text.chars()
        .take(300)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, input: &str) -> wit::Tool {
        wit::Tool {
            name: name.into(),
            title: String::new(),
            description: String::new(),
            input_schema: input.into(),
            output_schema: None,
            effect: wit::Effect::Read,
            destructive: false,
            idempotent: true,
        }
    }

    fn manifest(tools: Vec<wit::Tool>) -> wit::Manifest {
        wit::Manifest {
            name: "test".into(),
            version: "1.0.0".into(),
            description: String::new(),
            wants: vec![],
            tools,
            resources: vec![],
            templates: vec![],
            prompts: vec![],
        }
    }

    #[test]
    fn tools_are_sorted_by_name() {
        let object = r#"{"type":"object"}"#;
        let checked =
            Manifest::check(manifest(vec![tool("b", object), tool("a", object)])).unwrap();
        assert_eq!(
            checked
                .tools
                .iter()
                .map(|tool| tool.name.as_str())
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let object = r#"{"type":"object"}"#;
        let error = Manifest::check(manifest(vec![
            tool("a", object),
            tool("a", object),
            tool("Shouts", object),
            tool("broken", "{"),
            tool("list", r#"{"type":"array"}"#),
            tool(
                "odd",
                r#"{"type":"object","properties":{"x":{"type":"no-such-type"}}}"#,
            ),
        ]))
        .unwrap_err()
        .to_string();
        for part in [
            "`a` twice",
            "`Shouts`",
            "`broken` is not JSON",
            "`list` is not of type",
            "`odd` is no JSON Schema",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
}
