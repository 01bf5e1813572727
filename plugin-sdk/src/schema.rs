//! JSON Schema 2020-12 from Rust types, as small as a model likes it.
//!
//! Doc comments become descriptions. Definitions are written in place; names of Rust types and formats that only Rust knows
//! are left out. An object of arguments accepts nothing that it does not name.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// Returns the schema of a tool's arguments: an object that accepts no other keys.
pub(crate) fn of_arguments<T: JsonSchema>() -> Value {
    let mut schema = of::<T>(SchemaSettings::for_deserialize);
    if let Some(object) = schema.as_object_mut() {
        object.entry("type").or_insert("object".into());
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

/// Returns the schema of a tool's structured result.
pub(crate) fn of_result<T: JsonSchema>() -> Value {
    // A field that is left out where it is empty is not required of the reader.
    of::<T>(SchemaSettings::for_serialize)
}

fn of<T: JsonSchema>(direction: fn(SchemaSettings) -> SchemaSettings) -> Value {
    let settings = direction(SchemaSettings::draft2020_12()).with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("description");
    RecursiveTransform(without_rust_formats).transform(&mut schema);
    schema.to_value()
}

/// `uint32` and the like are no formats of JSON Schema, and strict clients complain about them.
fn without_rust_formats(schema: &mut Schema) {
    let of_rust = |format: &Value| {
        format.as_str().is_some_and(|format| {
            format.starts_with("int")
                || format.starts_with("uint")
                || ["float", "double"].contains(&format)
        })
    };
    if schema.get("format").is_some_and(of_rust) {
        schema.remove("format");
    }
}

#[cfg(test)]
mod tests {
    use super::{of_arguments, of_result};
    use serde_json::json;

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Which {
        /// A kind or plural.
        kind: Option<String>,
    }

    /// Not for the model.
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Arguments {
        #[serde(flatten)]
        which: Which,
        /// The most to give.
        #[serde(default)]
        limit: u32,
        inner: Inner,
    }

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        name: String,
    }

    #[test]
    fn arguments_accept_no_other_keys_and_flattened_ones_stand_beside_the_rest() {
        let expected = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "kind": { "type": ["string", "null"], "description": "A kind or plural." },
                "limit": { "type": "integer", "minimum": 0, "default": 0, "description": "The most to give." },
                "inner": {
                    "type": "object",
                    "properties": { "name": { "type": "string" } },
                    "required": ["name"],
                },
            },
            "required": ["inner"],
        });
        assert_eq!(of_arguments::<Arguments>(), expected);
    }

    #[test]
    fn a_result_may_gain_keys() {
        assert_eq!(of_result::<Inner>().get("additionalProperties"), None);
    }

    #[test]
    fn what_a_result_may_leave_out_is_not_required() {
        #[derive(serde::Serialize, schemars::JsonSchema)]
        struct Page {
            rows: Vec<String>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            notes: Vec<String>,
        }
        assert_eq!(of_result::<Page>()["required"], json!(["rows"]));
    }

    #[test]
    fn arguments_without_any_key_are_an_object() {
        #[derive(schemars::JsonSchema)]
        struct None {}
        assert_eq!(
            of_arguments::<None>(),
            json!({ "type": "object", "additionalProperties": false })
        );
    }
}
