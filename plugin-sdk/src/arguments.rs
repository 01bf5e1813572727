//! What the function of a tool, template or prompt is given: a type that can be read from a JSON object.
//!
//! Every type that serde can read is one. [`arguments!`](crate::arguments!) declares one that is read without serde, key by key:
//! what serde derives, with all its words for what was expected, is 50 KB of a component with a dozen tools. The host has
//! checked the arguments against the schema before, so nothing is lost.

use crate::Failure;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde_json::{Map, Value};

/// A type that can be read from the JSON object of a call's arguments.
pub trait FromArguments: Sized {
    /// Returns the names of the fields as they were written; nothing for what is no struct or has a flattened field.
    fn fields() -> &'static [&'static str];

    /// Reads the arguments from JSON text.
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

/// Declares the arguments of a tool, template or prompt: a struct with its schema, which is read without serde.
///
/// A field is a text, number, yes or no, list of texts or object, or an `Option` of one, which may be left out; so may one with
/// a value behind `=`. Doc comments become descriptions.
///
/// ```
/// bulkhead_plugin_sdk::arguments! {
///     struct Arguments {
///         /// Where to look.
///         namespace: Option<String>,
///         /// The most to give.
///         #[schemars(range(min = 1, max = 200))]
///         limit: u32 = 30,
///     }
/// }
/// ```
#[macro_export]
macro_rules! arguments {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty $(= $default:expr)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(schemars::JsonSchema)]
        $vis struct $name {
            $(
                $(#[$field_meta])*
                $(#[serde(default)] #[schemars(extend("default" = $default))])?
                $field_vis $field: $type,
            )*
        }

        impl $crate::FromArguments for $name {
            fn fields() -> &'static [&'static str] {
                &[$(stringify!($field)),*]
            }

            fn from_json(text: &str) -> Result<Self, $crate::Failure> {
                let given = $crate::export::Given::parse(text)?;
                Ok(Self {
                    $($field: $crate::arguments!(@read given $field $(= $default)?),)*
                })
            }
        }
    };
    (@read $given:ident $field:ident) => {
        $given.get(stringify!($field))?
    };
    (@read $given:ident $field:ident = $default:expr) => {
        $given.get::<Option<_>>(stringify!($field))?.unwrap_or($default)
    };
}

/// A call's arguments, to be read key by key.
pub struct Given(Map<String, Value>);

impl Given {
    /// Reads JSON text.
    ///
    /// # Errors
    /// [`Failure::Invalid`] for what is no object.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        match serde_json::from_str(text) {
            Ok(Value::Object(given)) => Ok(Self(given)),
            Ok(_) | Err(_) => Err(unfit("they are no JSON object")),
        }
    }

    /// Reads one of them. The name is the field's, which may be a raw identifier.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is missing or of another type.
    pub fn get<T: Argument>(&self, field: &str) -> Result<T, Failure> {
        let name = field.strip_prefix("r#").unwrap_or(field);
        let value = self.0.get(name).filter(|value| !value.is_null());
        T::read(value).ok_or_else(|| unfit(&format!("`{name}` is missing or of another type")))
    }
}

/// A type that one argument can have.
pub trait Argument: Sized {
    /// Reads it; none where it is missing or of another type.
    fn read(value: Option<&Value>) -> Option<Self>;
}

impl<T: Argument> Argument for Option<T> {
    fn read(value: Option<&Value>) -> Option<Self> {
        match value {
            None => Some(None),
            some => T::read(some).map(Some),
        }
    }
}

impl Argument for String {
    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_str().map(str::to_owned)
    }
}

impl Argument for bool {
    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_bool()
    }
}

impl Argument for u32 {
    fn read(value: Option<&Value>) -> Option<Self> {
        Self::try_from(value?.as_u64()?).ok()
    }
}

impl Argument for Vec<String> {
    fn read(value: Option<&Value>) -> Option<Self> {
        let text = |item: &Value| item.as_str().map(str::to_owned);
        value?.as_array()?.iter().map(text).collect()
    }
}

impl Argument for Map<String, Value> {
    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_object().cloned()
    }
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

#[cfg(test)]
mod tests {
    use super::FromArguments as _;
    use crate::{Failure, schema};
    use serde_json::json;

    crate::arguments! {
        /// Not for the model.
        #[derive(Debug, PartialEq)]
        struct Arguments {
            /// Where to look.
            namespace: Option<String>,
            name: String,
            /// The most to give.
            #[schemars(range(min = 1, max = 200))]
            limit: u32 = 30,
            wait: bool = false,
            /// The page before gave it.
            r#continue: Option<String>,
            only: Vec<String> = Vec::<String>::new(),
        }
    }

    fn read(arguments: &serde_json::Value) -> Result<Arguments, Failure> {
        Arguments::from_json(&arguments.to_string())
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let expected = Arguments {
            namespace: None,
            name: "a".to_owned(),
            limit: 30,
            wait: false,
            r#continue: None,
            only: Vec::new(),
        };
        assert_eq!(
            read(&json!({ "name": "a", "namespace": null })),
            Ok(expected)
        );
    }

    #[test]
    fn what_is_given_is_read() {
        let expected = Arguments {
            namespace: Some("shop".to_owned()),
            name: "a".to_owned(),
            limit: 5,
            wait: true,
            r#continue: Some("t".to_owned()),
            only: vec!["x".to_owned()],
        };
        let given = json!({ "name": "a", "namespace": "shop", "limit": 5, "wait": true, "continue": "t", "only": ["x"] });
        assert_eq!(read(&given), Ok(expected));
    }

    #[test]
    fn what_does_not_fit_is_invalid_and_named() {
        for (given, name) in [
            (json!({}), "`name`"),
            (json!({ "name": 1 }), "`name`"),
            (json!({ "name": "a", "limit": -1 }), "`limit`"),
            (json!({ "name": "a", "only": ["x", 1] }), "`only`"),
            (json!([]), "no JSON object"),
        ] {
            let failure = read(&given).expect_err("it does not fit");
            assert!(
                matches!(&failure, Failure::Invalid(why) if why.contains(name)),
                "{given}: {failure}"
            );
        }
    }

    #[test]
    fn the_schema_is_that_of_a_derived_type() {
        let schema = schema::of_arguments::<Arguments>();
        assert_eq!(schema["required"], json!(["name"]));
        let limit = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 30, "description": "The most to give." });
        assert_eq!(schema["properties"]["limit"], limit);
        let text = json!({ "type": "string", "description": "The page before gave it." });
        assert_eq!(schema["properties"]["continue"], text);
    }
}
