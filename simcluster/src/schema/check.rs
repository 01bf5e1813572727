//! Values that a schema does not allow, in the API server's words.

use serde_json::Value;

use super::{Node, member};
use crate::status::Cause;

/// The reason of a value of a wrong type.
pub(super) const WRONG_TYPE: &str = "FieldValueTypeInvalid";

/// Adds what is wrong with `value` and with what it holds.
pub(super) fn check(node: &Node<'_>, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    if value.is_null() && node.says("nullable") {
        return;
    }
    if let Some(wanted) = wanted_type(node, value) {
        let found = type_of(value);
        causes.push(Cause {
            reason: WRONG_TYPE,
            field: path.to_owned(),
            message: format!(
                "Invalid value: \"{found}\": {path} in body must be of type {wanted}: \"{found}\""
            ),
        });
        return;
    }
    let schema = node.schema;
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        let supported: Vec<String> = allowed.iter().map(Value::to_string).collect();
        causes.push(Cause::not_supported(path, value, &supported.join(", ")));
    }
    match value {
        Value::Number(_) => check_number(schema, value, path, causes),
        Value::String(text) => check_text(schema, text, path, causes),
        Value::Array(items) => {
            check_length(schema, items.len(), path, causes);
            if let Some(node) = node.items() {
                for (index, item) in items.iter().enumerate() {
                    check(&node, item, &format!("{path}[{index}]"), causes);
                }
            }
        }
        Value::Object(members) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                if members.get(name).is_none_or(Value::is_null) {
                    causes.push(Cause::required(member(path, name)));
                }
            }
            for (name, value) in members {
                if let Some(node) = node.property(name).or_else(|| node.values()) {
                    check(&node, value, &member(path, name), causes);
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// The type that the schema wants, if `value` is of another.
fn wanted_type<'a>(node: &Node<'a>, value: &Value) -> Option<&'a str> {
    if node.says("x-kubernetes-int-or-string") {
        let fits = value.is_string() || is_integer(value);
        return (!fits).then_some("integer,string");
    }
    let wanted = node.schema["type"].as_str()?;
    let fits = match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => is_integer(value),
        "number" => value.is_number(),
        _ => true,
    };
    (!fits).then_some(wanted)
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if is_integer(value) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check_number(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let number = value.as_f64().unwrap_or_default();
    let bounds = [
        (
            "minimum",
            "exclusiveMinimum",
            "greater",
            number - bound(schema, "minimum", number),
        ),
        (
            "maximum",
            "exclusiveMaximum",
            "less",
            bound(schema, "maximum", number) - number,
        ),
    ];
    for (name, exclusive, word, distance) in bounds {
        let is_exclusive = schema[exclusive] == true && !schema[name].is_null();
        if distance < 0.0 || (is_exclusive && distance == 0.0) {
            let or_equal = if is_exclusive { "" } else { " or equal to" };
            let problem = format!(
                "{path} in body should be {word} than{or_equal} {}",
                schema[name]
            );
            causes.push(Cause::invalid(path, value, &problem));
        }
    }
}

/// The schema's bound; the number itself where there is none.
fn bound(schema: &Value, name: &str, number: f64) -> f64 {
    schema[name].as_f64().unwrap_or(number)
}

fn check_text(schema: &Value, text: &str, path: &str, causes: &mut Vec<Cause>) {
    let length = text.chars().count();
    if let Some(least) = size(schema, "minLength").filter(|least| length < *least) {
        let problem = format!("{path} in body should be at least {least} chars long");
        causes.push(Cause::invalid(path, &text.into(), &problem));
    }
    if let Some(most) = size(schema, "maxLength").filter(|most| length > *most) {
        causes.push(Cause {
            reason: "FieldValueTooLong",
            field: path.to_owned(),
            message: format!("Too long: may not be more than {most} bytes"),
        });
    }
}

fn check_length(schema: &Value, length: usize, path: &str, causes: &mut Vec<Cause>) {
    if let Some(least) = size(schema, "minItems").filter(|least| length < *least) {
        let problem = format!("{path} in body should have at least {least} items");
        causes.push(Cause::invalid(path, &length.into(), &problem));
    }
    if let Some(most) = size(schema, "maxItems").filter(|most| length > *most) {
        causes.push(Cause {
            reason: "FieldValueTooMany",
            field: path.to_owned(),
            message: format!("Too many: {length}: must have at most {most} items"),
        });
    }
}

fn size(schema: &Value, name: &str) -> Option<usize> {
    schema[name]
        .as_u64()
        .and_then(|size| usize::try_from(size).ok())
}
