//! Has an input schema that is no schema.

use bulkhead_plugin_sdk::{Failure, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

#[derive(serde::Deserialize)]
struct Anything {}

impl JsonSchema for Anything {
    fn schema_name() -> Cow<'static, str> {
        "Anything".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "properties": 12, "required": "all of them" })
    }
}

fn lies_about_its_schema(_: Anything) -> Result<Text, Failure> {
    Ok(Text("answered".to_owned()))
}

bulkhead_guests::hostile!("lies-about-its-schema", lies_about_its_schema);
