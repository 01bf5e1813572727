//! `k8s_get`: one object, or one part of it.

use crate::budget::{self, ANSWER_BYTES};
use crate::kind::Kind;
use crate::place::Place;
use bulkhead_plugin_sdk::{Failure, Output, Tool, kubernetes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
    /// Only this part: `spec.containers[0].image`, `metadata.labels['app']`, `spec.containers[*].name`.
    path: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    /// Kind and name.
    object: String,
    /// Where it is.
    scope: String,
    /// Which part this is; none for the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The object or the part.
    value: Value,
    /// What was too large for this answer, with its size; ask for it with `path`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_get",
        "Reads one object as YAML, without managedFields; values of Secrets are left out and credentials masked. With \
         `path` only a part of it, which costs less. Use k8s_describe to find out what is wrong with something. One \
         request.",
        get,
    )
    .title("Get one object")
}

fn get(arguments: Arguments) -> Result<Output<Found>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let (object, scope) = arguments.place.object(&resolved, &arguments.name);
    let path = arguments.path.filter(|path| !path.is_empty());
    let value = match &path {
        None => kubernetes::get::<Value>(&object),
        Some(path) => kubernetes::get_fields::<(Value,)>(&object, &[path]).map(|(value,)| value),
    };
    let value = value.map_err(|failure| match failure {
        Failure::NotFound(_) => {
            failure.next_step(&format!("k8s_list of {} finds the names", object.of.plural))
        }
        other => other,
    })?;
    if let (Some(path), Value::Null) = (&path, &value) {
        return Err(Failure::not_found(format!(
            "nothing stands at `{path}` of {} {}",
            resolved.kind, object.name
        ))
        .next_step(
            "leave `path` out to see the object, or ask k8s_explain for the fields of its kind",
        ));
    }
    let fitted = budget::fit(value, ANSWER_BYTES)?;
    let structured = Found {
        object: format!("{} {}", resolved.kind, object.name),
        scope,
        path,
        value: fitted.value,
        left_out: fitted.left_out,
        notes: resolved.note.into_iter().collect(),
    };
    Ok(Output {
        text: words(&structured, &fitted.text),
        structured,
    })
}

fn words(found: &Found, yaml: &str) -> String {
    let part = found
        .path
        .as_ref()
        .map_or_else(String::new, |path| format!(", {path}"));
    let mut lines = vec![
        format!("# {} {}{part}", found.object, found.scope),
        yaml.trim_end().to_owned(),
    ];
    if !found.left_out.is_empty() {
        let inside = found
            .path
            .as_ref()
            .map_or_else(String::new, |path| format!(" inside {path}"));
        lines.push(format!(
            "# left out, ask for it with `path`{inside}: {}",
            found.left_out.join(", ")
        ));
    }
    lines.extend(found.notes.iter().map(|note| format!("# note: {note}")));
    lines.join("\n")
}
