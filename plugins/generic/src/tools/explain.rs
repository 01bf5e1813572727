//! `k8s_explain`: the fields of a kind, from the cluster's own documentation.

use crate::kind::Kind;
use bulkhead_plugin_sdk::{Failure, Output, Tool, kubernetes, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    /// A field, such as `spec.template.spec.containers`; the object itself where left out.
    #[serde(default)]
    path: String,
}

/// What the host says, and what the answer is.
#[derive(Deserialize, Serialize, JsonSchema)]
struct Explained {
    /// Such as `Deployment`.
    kind: String,
    /// Empty for the object itself.
    path: String,
    /// Such as `list of object`.
    r#type: String,
    #[serde(default)]
    description: String,
    /// The only values that are allowed; empty where any is.
    #[serde(default, rename = "enum", deserialize_with = "as_text")]
    allowed: Vec<String>,
    /// One level deep.
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Field {
    name: String,
    r#type: String,
    #[serde(default)]
    required: bool,
    /// Cut to a line.
    #[serde(default)]
    description: String,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_explain",
        "Explains a kind or one of its fields: type, meaning, and the fields inside, from this cluster's own schema, \
         custom resources included. Use it before writing a manifest, or to find a path for k8s_get and k8s_count. A \
         request or two.",
        explain,
    )
    .title("Explain a kind")
}

fn explain(arguments: Arguments) -> Result<Output<Explained>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let answer = kubernetes::explain(&resolved.of, &arguments.path)?;
    let mut structured: Explained = serde_json::from_value(answer)
        .map_err(|error| Failure::internal(format!("the schema has an unknown shape: {error}")))?;
    for field in &mut structured.fields {
        field.description = one_line(&field.description);
    }
    Ok(Output {
        text: words(&structured),
        structured,
    })
}

/// Strings as they are, other values as JSON.
fn as_text<'de, D: Deserializer<'de>>(values: D) -> Result<Vec<String>, D::Error> {
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(Vec::<Value>::deserialize(values)?
        .into_iter()
        .map(text)
        .collect())
}

fn words(explained: &Explained) -> String {
    let dot = if explained.path.is_empty() { "" } else { "." };
    let mut lines = vec![format!(
        "{}{dot}{}: {}",
        explained.kind, explained.path, explained.r#type
    )];
    lines.extend(
        [explained.description.clone()]
            .into_iter()
            .filter(|description| !description.is_empty()),
    );
    if !explained.allowed.is_empty() {
        lines.push(format!("one of {}", explained.allowed.join(", ")));
    }
    lines.extend(explained.fields.iter().map(|field| {
        let required = if field.required { ", required" } else { "" };
        let colon = if field.description.is_empty() {
            ""
        } else {
            ": "
        };
        format!(
            "- {} <{}{required}>{colon}{}",
            field.name, field.r#type, field.description
        )
    }));
    lines.join("\n")
}
