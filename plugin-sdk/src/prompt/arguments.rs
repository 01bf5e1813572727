//! The arguments of a prompt, from the fields of a type.
//!
//! The schema says what they are and what they mean, but not in which order they were written: it is sorted by name. That
//! order comes from the type's own list of fields.

use crate::bindings::exports::bulkhead::plugin::plugin::PromptArgument;
use crate::{FromArguments, schema};
use schemars::JsonSchema;
use serde_json::Value;

/// Returns an argument per field, in the order of the fields; those of a flattened type come by name.
pub(super) fn of<A: FromArguments + JsonSchema>() -> Vec<PromptArgument> {
    let schema = schema::of_arguments::<A>();
    let is_required = |name: &str| match &schema["required"] {
        Value::Array(names) => names.iter().any(|required| required == name),
        _ => false,
    };
    let Value::Object(properties) = &schema["properties"] else {
        return Vec::new();
    };
    let mut arguments: Vec<_> = properties
        .iter()
        .map(|(name, property)| PromptArgument {
            name: name.clone(),
            description: property["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            required: is_required(name),
        })
        .collect();
    let fields = A::fields();
    let place = |name: &str| {
        let mut fields = fields.iter();
        fields.position(|field| field.strip_prefix("r#").unwrap_or(field) == name)
    };
    arguments.sort_by_key(|argument| place(&argument.name));
    arguments
}
