//! What the function of a tool, template or prompt is given: a type that can be read from a JSON object.
//!
//! Every type that serde can read is one. A large plugin may read its arguments itself: what serde derives, with all its words for
//! what was expected, is 50 KB of a component with a dozen tools. The host has checked the arguments against the schema before,
//! so nothing is lost.

use super::Argument;
use crate::Failure;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};

/// A type that can be read from the JSON object of a call's arguments.
pub trait FromArguments: Sized {
    /// Returns the names of the fields as they were written; nothing for what is no struct or has a flattened field.
    fn fields() -> &'static [&'static str];

    /// Returns the tables of arguments, for a type that is made of tables: the schema comes from them, and a tool puts their presets
    /// where something is left out before the arguments are read. None where the schema is derived.
    fn tables() -> Option<&'static [&'static [Argument]]> {
        None
    }

    /// Reads the arguments from JSON text. Where no type is named in it, one such function serves every table: a copy for each tool
    /// would be 6 KB of a large component.
    ///
    /// # Errors
    /// [`Failure::Invalid`] for what does not fit.
    fn from_json(text: &str) -> Result<Self, Failure>;
}

impl<T: DeserializeOwned> FromArguments for T {
    fn fields() -> &'static [&'static str] {
        let mut fields: &[&str] = &[];
        T::deserialize(Names(&mut fields)).ok();
        fields
    }

    fn from_json(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| unfit(&error.to_string()))
    }
}

fn unfit(why: &str) -> Failure {
    Failure::Invalid(format!("the arguments do not fit: {why}"))
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
