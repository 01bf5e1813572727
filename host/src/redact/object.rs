//! Secrets in objects, recognised by shape as well as by kind.
//!
//! A Secret is one wherever it stands: in a list whose items have no kind, in a Table's row, in a watch event, in a
//! ControllerRevision, in an annotation. Keys, array lengths, numbers and booleans stay; string leaves are replaced.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::names::{self, Secrecy};
use super::{MASK, SecretValues, base64, values};

/// `serde_json` reads 128 levels. What is deeper was not read from the cluster, and is hidden whole so that the stack
/// stays bounded.
const MAX_DEPTH: usize = 160;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Beginnings of the types of Secrets, for those that come without their kind.
const SECRET_TYPES: &[&str] = &[
    "Opaque",
    "kubernetes.io/",
    "bootstrap.kubernetes.io/",
    "helm.sh/release",
];

/// Keys of an object under a secret name that may hold the value itself, as in `password: {value: …}`.
const PLAIN: &[&str] = &[
    "value",
    "values",
    "plain",
    "plaintext",
    "plainText",
    "literal",
    "inline",
    "content",
];

/// Keys whose presence says that a `secretKey` beside them is the name of a key.
const REFERENCES: &[&str] = &["remoteRef", "secretName", "sourceRef"];

/// What is known from above about the value that is being cleaned.
#[derive(Clone, Copy)]
struct Place {
    /// The API server leaves the kind out of the items of a `SecretList`.
    is_secret: bool,
    secret_values: SecretValues,
    depth: usize,
    nesting: usize,
}

/// Cleans `value` in place. `nesting` counts the encodings around it.
pub(super) fn clean(value: &mut Value, secret_values: SecretValues, nesting: usize) {
    node(
        value,
        Place {
            is_secret: false,
            secret_values,
            depth: 0,
            nesting,
        },
    );
}

/// Returns whether the value at `path` may be hidden in objects of this resource.
pub(super) fn covers(group: &str, plural: &str, path: &str) -> bool {
    let segments: Vec<&str> = path
        .split(|c: char| ".[]'\"${}".contains(c))
        .flat_map(|part| part.split("~1"))
        .filter(|s| !s.is_empty())
        .collect();
    let pointer: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let Some(first) = segments.first().map(|first| first.trim_start_matches('/')) else {
        return true; // the whole object
    };
    let first = first.split('/').next().unwrap_or_default().to_lowercase();
    let holds_data = matches!(
        (group, plural),
        ("", "secrets" | "configmaps") | ("apps", "controllerrevisions")
    );
    if holds_data && matches!(first.as_str(), "data" | "binarydata") {
        return true;
    }
    // A name may itself hold dots (`data['db.password']`), so the path as a whole is asked as well.
    segments
        .iter()
        .chain(&pointer)
        .chain([&path])
        .any(|segment| {
            let lower = segment.to_lowercase();
            matches!(
                lower.as_str(),
                "stringdata" | "annotations" | "env" | "args" | "command"
            ) || names::secrecy(segment).is_some()
        })
}

fn node(value: &mut Value, place: Place) {
    if place.depth > MAX_DEPTH {
        *value = Value::String(MASK.to_owned());
        return;
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if let Cow::Owned(cleaned) = super::nested_text(text, place.nesting) {
                *text = cleaned;
            }
        }
        Value::Array(items) => array(items, place),
        Value::Object(fields) => object(fields, place),
    }
}

fn array(items: &mut [Value], place: Place) {
    let mut flag = None;
    for item in items {
        // `["--password", "…"]`: the flag names the element after it.
        if let (Some(secrecy), Value::String(text)) = (flag.take(), &mut *item)
            && !text.starts_with('-')
        {
            mask_text(text, secrecy);
        }
        flag = item
            .as_str()
            .filter(|text| text.starts_with('-') && !text.contains('='))
            .and_then(names::secrecy);
        node(
            item,
            Place {
                depth: place.depth + 1,
                ..place
            },
        );
    }
}

fn object(fields: &mut Map<String, Value>, place: Place) {
    let is_secret = place.is_secret || is_secret(fields);
    let of_secrets = fields.get("kind").and_then(Value::as_str) == Some("SecretList");
    let is_reference = REFERENCES.iter().any(|key| fields.contains_key(*key));
    mask_named_value(fields);
    mask_table_cells(fields);
    for (key, value) in fields.iter_mut() {
        let holds_secrets = key == "stringData" || (is_secret && key == "data");
        if holds_secrets && is_secret && place.secret_values == SecretValues::Shown {
            continue;
        }
        if holds_secrets || key == LAST_APPLIED {
            mask_all(value, key == "data", place.depth);
            continue;
        }
        if let Some(secrecy) = names::secrecy(key)
            && !(is_reference && key == "secretKey")
        {
            mask_under_name(key, value, secrecy);
        }
        // What is asked for by name is the object itself, or the ones of a list, a Table or a watch event.
        let is_listed = matches!(key.as_str(), "items" | "rows" | "object");
        node(
            value,
            Place {
                is_secret: of_secrets && key == "items",
                secret_values: if is_listed {
                    place.secret_values
                } else {
                    SecretValues::Hidden
                },
                depth: place.depth + 1,
                ..place
            },
        );
    }
}

fn is_secret(fields: &Map<String, Value>) -> bool {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    text("kind") == Some("Secret")
        || (fields.get("data").is_some_and(Value::is_object)
            && text("type")
                .is_some_and(|kind| SECRET_TYPES.iter().any(|start| kind.starts_with(start))))
}

/// Masks every string below `value`, and says how many bytes each had: decoded ones if `is_base64`.
fn mask_all(value: &mut Value, is_base64: bool, depth: usize) {
    if depth > MAX_DEPTH {
        *value = Value::String(MASK.to_owned());
        return;
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) if is_mask(text) => {}
        Value::String(text) => {
            let decoded = if is_base64 {
                base64::decode(text).map(|bytes| bytes.len())
            } else {
                None
            };
            *text = format!("<redacted {} bytes>", decoded.unwrap_or(text.len()));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| mask_all(item, is_base64, depth + 1)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| mask_all(value, is_base64, depth + 1)),
    }
}

/// Returns whether this is a mask already; then its number must stay.
fn is_mask(text: &str) -> bool {
    text == MASK
        || text
            .strip_prefix("<redacted ")
            .and_then(|rest| rest.strip_suffix(" bytes>"))
            .is_some_and(|size| !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit()))
}

fn mask_under_name(key: &str, value: &mut Value, secrecy: Secrecy) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => mask_text(text, secrecy),
        // `secrets: [name]` lists Secret objects by name in many custom resources.
        Value::Array(_) if key == "secrets" => {}
        Value::Array(items) => items.iter_mut().for_each(|item| mask_one(item, secrecy)),
        Value::Object(_) => mask_one(value, secrecy),
    }
}

/// Masks a string, or the one that an object holds under a plain key.
fn mask_one(value: &mut Value, secrecy: Secrecy) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        Value::String(text) => mask_text(text, secrecy),
        Value::Object(fields) => {
            for (_, value) in fields
                .iter_mut()
                .filter(|(key, _)| PLAIN.contains(&key.as_str()))
            {
                if let Value::String(text) = value {
                    mask_text(text, secrecy);
                }
            }
        }
    }
}

fn mask_text(text: &mut String, secrecy: Secrecy) {
    if !is_mask(text) && !values::is_harmless(text, secrecy) {
        MASK.clone_into(text);
    }
}

/// `{name: DB_PASSWORD, value: …}`: environment variables, headers, parameters of many custom resources.
fn mask_named_value(fields: &mut Map<String, Value>) {
    let named = ["name", "key", "header"]
        .iter()
        .find_map(|key| fields.get(*key).and_then(Value::as_str));
    let Some(secrecy) = named.and_then(names::secrecy) else {
        return;
    };
    if let Some(value) = fields.get_mut("value") {
        mask_under_name("value", value, secrecy);
    }
}

/// A Table's cells have no keys; the names of the columns say what they hold.
fn mask_table_cells(fields: &mut Map<String, Value>) {
    let Some(Value::Array(columns)) = fields.get("columnDefinitions") else {
        return;
    };
    let secrecies: Vec<Option<Secrecy>> = columns
        .iter()
        .map(|column| {
            column
                .get("name")
                .and_then(Value::as_str)
                .and_then(names::secrecy)
        })
        .collect();
    let Some(Value::Array(rows)) = fields.get_mut("rows") else {
        return;
    };
    for row in rows {
        let Some(Value::Array(cells)) = row.get_mut("cells") else {
            continue;
        };
        for (cell, secrecy) in cells.iter_mut().zip(&secrecies) {
            if let (Value::String(text), Some(secrecy)) = (cell, secrecy) {
                mask_text(text, *secrecy);
            }
        }
    }
}
