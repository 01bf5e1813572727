//! The arguments of a prompt, from the fields of a type.
//!
//! The schema says what they are and what they mean, but not in which order they were written: it is sorted by name. That
//! order comes from what serde's derive knows of the type.

use crate::bindings::exports::bulkhead::plugin::plugin::PromptArgument;
use crate::schema;
use schemars::JsonSchema;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde_json::Value;

/// Returns an argument per field, in the order of the fields; those of a flattened type come by name.
pub(super) fn of<A: DeserializeOwned + JsonSchema>() -> Vec<PromptArgument> {
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
    let fields = fields_of::<A>();
    arguments.sort_by_key(|argument| fields.iter().position(|field| *field == argument.name));
    arguments
}

/// Returns the names of a struct's fields as they were written; nothing for what is no struct or has a flattened field.
fn fields_of<A: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &[&str] = &[];
    A::deserialize(Names(&mut fields)).ok();
    fields
}

/// Notes the fields that a struct asks for, and has no value for any.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("only names are asked for"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
