//! JSON Schema 2020-12 from Rust types, as small as a model likes it.
//!
//! Doc comments become descriptions. Definitions are written in place; names of Rust types and formats that only Rust knows
//! are left out. An object of arguments accepts nothing that it does not name. No `type` is a list: some clients map a schema
//! onto a dialect with single types.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _, transform_subschemas};
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
    RecursiveTransform(without_null_beside_absence).transform(&mut schema);
    RecursiveTransform(without_type_lists).transform(&mut schema);
    name_the_types_of_any_value(&mut schema);
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

/// A property that may be left out need not be null as well. The host takes a null argument as one that was left out.
fn without_null_beside_absence(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let required = |name: &String| {
        required
            .as_array()
            .is_some_and(|names| names.iter().any(|one| one == name))
    };
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (_, property) in properties.iter_mut().filter(|(name, _)| !required(name)) {
        for list in ["type", "enum", "anyOf"] {
            let Some(Value::Array(items)) = property.get_mut(list) else {
                continue;
            };
            items.retain(|item| !is_null(item));
            if let ("type", [only]) = (list, items.as_slice()) {
                property["type"] = only.clone();
            } else if let ("anyOf", [Value::Object(only)]) = (list, items.as_slice()) {
                let only = only.clone();
                if let Some(property) = property.as_object_mut() {
                    property.remove("anyOf");
                    for (key, value) in only {
                        property.entry(key).or_insert(value);
                    }
                }
            }
        }
        if property.get("default").is_some_and(Value::is_null) {
            property
                .as_object_mut()
                .map(|property| property.remove("default"));
        }
    }
}

/// Whether this is `null`, or how a schema says null, in a list of values, types or schemas.
fn is_null(item: &Value) -> bool {
    item.is_null() || item == "null" || item.get("type").is_some_and(|kind| kind == "null")
}

fn without_type_lists(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get("type") {
        let each = types.iter().map(|one| serde_json::json!({ "type": one }));
        let any = Value::Array(each.collect());
        schema.remove("type");
        schema.insert("anyOf".to_owned(), any);
    }
}

/// `true`, or nothing but a description, says "any value", and some clients refuse that: the types are named instead.
fn name_the_types_of_any_value(schema: &mut Schema) {
    // The inside first: what is inserted holds `true` itself.
    transform_subschemas(&mut name_the_types_of_any_value, schema);
    let says_nothing = |schema: &Schema| match schema.as_object() {
        Some(keys) => keys
            .keys()
            .all(|key| ["description", "title", "default"].contains(&key.as_str())),
        None => schema.as_bool() == Some(true),
    };
    if !says_nothing(schema) {
        return;
    }
    let object = serde_json::json!({ "type": "object", "additionalProperties": true });
    let mut types = vec![object];
    types.extend(
        ["string", "number", "boolean", "null"].map(|name| serde_json::json!({ "type": name })),
    );
    let list = serde_json::json!({ "type": "array", "items": { "anyOf": types } });
    types.insert(1, list);
    schema.insert("anyOf".to_owned(), types.into());
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
                "kind": { "type": "string", "description": "A kind or plural." },
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
    fn no_type_is_a_list() {
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        enum Colour {
            Red,
        }
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        struct Light {
            #[serde(skip_serializing_if = "Option::is_none")]
            colour: Option<Colour>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            watts: Option<u32>,
            room: Option<String>,
        }
        let colour = json!({ "type": "string", "enum": ["Red"] });
        let watts = json!({ "type": "integer", "minimum": 0 });
        assert_eq!(
            of_arguments::<Light>()["properties"],
            json!({ "colour": colour, "watts": watts, "room": { "type": "string" } })
        );
        // A result without a room says null.
        let room = json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] });
        assert_eq!(
            of_result::<Light>()["properties"],
            json!({ "colour": colour, "watts": watts, "room": room })
        );
    }

    #[test]
    fn a_value_of_any_type_names_the_types() {
        #[derive(serde::Serialize, schemars::JsonSchema)]
        struct Any {
            value: serde_json::Value,
        }
        let value = of_result::<Any>()["properties"]["value"].take();
        let types: Vec<_> = value["anyOf"].as_array().unwrap().iter().collect();
        assert_eq!(types.len(), 6);
        assert_eq!(
            *types[0],
            json!({ "type": "object", "additionalProperties": true })
        );
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
