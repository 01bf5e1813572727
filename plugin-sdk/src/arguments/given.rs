//! What was given to a tool that takes tables of arguments.

use super::{Argument, FromArguments, More, Takes, schema};
use crate::{Failure, row};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::marker::PhantomData;

/// What was given to a tool that takes the tables of `T`.
pub struct Given<T> {
    /// By the names of the arguments.
    pub values: Values,
    of: PhantomData<T>,
}

/// Nothing was given.
impl<T: Takes> Default for Given<T> {
    fn default() -> Self {
        Self {
            values: Values::nothing(T::TABLES),
            of: PhantomData,
        }
    }
}

/// Values by the names of their arguments.
#[derive(Clone, Debug, Default)]
pub struct Values(Map<String, Value>);

impl Values {
    /// Of a JSON object.
    ///
    /// # Panics
    /// On any other JSON value: for tests, and for what a plugin writes itself.
    #[expect(
        clippy::panic,
        reason = "a test whose set-up is wrong must fail, and say why"
    )]
    #[cfg(not(target_arch = "wasm32"))]
    pub fn of(json: Value) -> Self {
        match json {
            Value::Object(values) => Self(values),
            other => panic!("{other} are no arguments"),
        }
    }

    /// What stands where nothing was given.
    fn nothing(tables: &[&[Argument]]) -> Self {
        let mut values = Map::new();
        complete(&mut values, tables);
        Self(values)
    }

    /// Returns a text; none where it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Returns texts; none of them where there are none.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).map(row::texts).unwrap_or_default()
    }

    /// Returns texts by a text, sorted by it.
    pub fn pairs(&self, name: &str) -> Vec<(&str, &str)> {
        let pairs = self.0.get(name).and_then(Value::as_object);
        let pairs = pairs.into_iter().flatten();
        pairs
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
            .collect()
    }

    /// Whether it was said to be so.
    pub fn is_on(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// Returns yes or no; none where nothing was said.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// Returns a number; none where there is none.
    pub fn count(&self, name: &str) -> Option<u32> {
        u32::try_from(self.0.get(name)?.as_u64()?).ok()
    }

    /// Returns the name of the first argument of a table that was given.
    pub fn first_of(&self, table: &[Argument]) -> Option<&'static str> {
        let mut given = table.iter().filter(|it| !is_nothing(self.0.get(it.name)));
        given.next().map(|argument| argument.name)
    }

    /// Puts what was given of a table into the fields of a `spec`.
    pub fn put_into(&self, spec: &mut Map<String, Value>, table: &[Argument]) {
        for argument in table {
            let value = self.0.get(argument.name);
            if let (More::Field(field), Some(value)) = (argument.more, value)
                && !is_nothing(Some(value))
            {
                let trimmed = value.as_str().map(|text| text.trim().into());
                spec.insert(field.to_owned(), trimmed.unwrap_or_else(|| value.clone()));
            }
        }
    }
}

/// Adds what stands where something was left out.
fn complete(values: &mut Map<String, Value>, tables: &[&[Argument]]) {
    for argument in tables.iter().copied().flatten() {
        if let Some(preset) = argument.more.preset()
            && is_nothing(values.get(argument.name))
        {
            values.insert(argument.name.to_owned(), preset);
        }
    }
}

/// Returns arguments with what stands where something was left out; none where nothing can be added.
pub(crate) fn completed(text: &str, tables: &[&[Argument]]) -> Option<String> {
    let mut arguments = tables.iter().copied().flatten();
    arguments.find(|argument| argument.more.preset().is_some())?;
    let Ok(Value::Object(mut values)) = serde_json::from_str(text) else {
        return None;
    };
    complete(&mut values, tables);
    Some(Value::from(values).to_string())
}

/// What is empty says the same as what was left out.
fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(entries)) => entries.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

impl<T: Takes> FromArguments for Given<T> {
    fn fields() -> &'static [&'static str] {
        &[]
    }

    fn tables() -> Option<&'static [&'static [Argument]]> {
        Some(T::TABLES)
    }

    fn from_json(text: &str) -> Result<Self, Failure> {
        let Ok(Value::Object(values)) = serde_json::from_str(text) else {
            return Err(Failure::invalid("the arguments are no JSON object"));
        };
        Ok(Self {
            values: Values(values),
            of: PhantomData,
        })
    }
}

impl<T: Takes> JsonSchema for Given<T> {
    fn schema_name() -> Cow<'static, str> {
        "Given".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        match serde_json::from_str(&schema(T::TABLES)) {
            Ok(Value::Object(schema)) => schema.into(),
            _ => Schema::default(),
        }
    }
}
