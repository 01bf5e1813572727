//! The arguments of the tools that write, as tables.
//!
//! Most of them are fields of Velero's objects under another spelling, and several tools take the same. A type with a parser and a
//! schema of its own for each tool would be a quarter of the component; a table is data. The host checks what is given against
//! the schema before a tool is called, so what does not fit the table cannot be here.

use bulkhead_plugin_sdk::{Failure, FromArguments};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Something that a tool takes.
#[derive(Debug)]
pub(crate) struct Argument {
    name: &'static str,
    kind: Kind,
    about: &'static str,
    required: bool,
    /// The field of the object's `spec` that it becomes; none where it becomes no field as it is.
    field: Option<&'static str>,
}

#[derive(Debug)]
enum Kind {
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    Texts,
    /// Texts by a text.
    Pairs,
    /// Yes, no, or Velero's own default where left out.
    Flag,
    /// No where left out.
    Switch,
    /// A number from 1 to this.
    Count(u32),
}

impl Argument {
    pub(crate) const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, about)
    }

    pub(crate) const fn choice(
        name: &'static str,
        of: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(of), about)
    }

    pub(crate) const fn texts(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Texts, about)
    }

    pub(crate) const fn pairs(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Pairs, about)
    }

    pub(crate) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Flag, about)
    }

    pub(crate) const fn switch(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Switch, about)
    }

    pub(crate) const fn count(name: &'static str, most: u32, about: &'static str) -> Self {
        Self::new(name, Kind::Count(most), about)
    }

    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            kind,
            about,
            required: false,
            field: None,
        }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says which field of `spec` it becomes.
    pub(crate) const fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Choice(of) => json!({ "type": "string", "enum": of }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::Pairs => {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            }
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Switch => json!({ "type": "boolean", "default": false }),
            Kind::Count(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        };
        schema["description"] = self.about.into();
        schema
    }
}

/// Where Velero is installed.
pub(crate) const NAMESPACE: &[Argument] = &[Argument::text(
    "namespace",
    "Where Velero is installed; the operator's setting where left out.",
)];

/// Which page of an answer.
pub(crate) const PAGE: &[Argument] = &[
    Argument::count(
        "limit",
        200,
        "The most rows on this page; left out: a short page.",
    ),
    Argument::text("continue", "The token that the page before gave."),
];

/// The words of [`Confirmation`](bulkhead_plugin_sdk::changes::Confirmation).
pub(crate) const CONFIRMATION: &[Argument] = &[
    Argument::switch(
        "confirm",
        "States that the user asked for this; a person is still asked. Left out: propose and stop.",
    ),
    Argument::text("reason", "Why, for the person who decides."),
];

/// Waiting for what becomes of a change.
pub(crate) const WAIT: &[Argument] = &[Argument::switch(
    "wait",
    "Once applied, waits for its end, as long as the call may take.",
)];

/// Which tables a tool takes, all together.
pub(crate) trait Takes {
    const TABLES: &'static [&'static [Argument]];
}

/// What was given to a tool that takes the tables of `T`.
pub(crate) struct Given<T> {
    pub(crate) values: Values,
    of: PhantomData<T>,
}

/// Nothing was given.
impl<T> Default for Given<T> {
    fn default() -> Self {
        Self {
            values: Values::default(),
            of: PhantomData,
        }
    }
}

/// Values by the names of their arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(Map<String, Value>);

impl Values {
    /// Returns a text; none where it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Returns texts; none of them where there are none.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).map(crate::row::texts).unwrap_or_default()
    }

    /// Returns texts by a text, sorted by it.
    pub(crate) fn pairs(&self, name: &str) -> Vec<(&str, &str)> {
        let pairs = self.0.get(name).and_then(Value::as_object);
        let pairs = pairs.into_iter().flatten();
        pairs
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
            .collect()
    }

    /// Whether it was said to be so.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// Returns yes or no; none where nothing was said.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// Returns a number; none where there is none.
    pub(crate) fn count(&self, name: &str) -> Option<u32> {
        u32::try_from(self.0.get(name)?.as_u64()?).ok()
    }

    /// Returns the name of the first argument of a table that was given.
    pub(crate) fn first_of(&self, table: &[Argument]) -> Option<&'static str> {
        let mut given = table.iter().filter(|it| !is_nothing(self.0.get(it.name)));
        given.next().map(|argument| argument.name)
    }

    /// Puts what was given of a table into the fields of a `spec`.
    pub(crate) fn put_into(&self, spec: &mut Map<String, Value>, table: &[Argument]) {
        for argument in table {
            let value = self.0.get(argument.name);
            if let (Some(field), Some(value)) = (argument.field, value)
                && !is_nothing(Some(value))
            {
                let trimmed = value.as_str().map(|text| text.trim().into());
                spec.insert(field.to_owned(), trimmed.unwrap_or_else(|| value.clone()));
            }
        }
    }
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

    fn schema() -> Option<Value> {
        Some(schema(T::TABLES))
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
        match schema(T::TABLES) {
            Value::Object(schema) => schema.into(),
            _ => Schema::default(),
        }
    }
}

/// Returns the schema of what the tables take: an object that accepts nothing else.
fn schema(tables: &[&[Argument]]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in tables.iter().copied().flatten() {
        properties.insert(argument.name.to_owned(), argument.schema());
        if argument.required {
            required.push(Value::from(argument.name));
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    Value::Object(schema)
}

#[cfg(test)]
impl Values {
    /// What a caller wrote as JSON.
    pub(crate) fn of(json: Value) -> Self {
        match json {
            Value::Object(values) => Self(values),
            other => panic!("{other} are no arguments"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Argument, CONFIRMATION, Values, schema};
    use serde_json::{Map, json};

    const TABLE: &[Argument] = &[
        Argument::text("name", "Its name.").required(),
        Argument::texts("included", "Which.").field("includedNamespaces"),
        Argument::flag("volumes", "Whether.").field("snapshotVolumes"),
    ];

    #[test]
    fn a_table_is_a_schema() {
        let expected = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "Its name." },
                "included": { "type": "array", "items": { "type": "string" }, "description": "Which." },
                "volumes": { "type": "boolean", "description": "Whether." },
                "confirm": { "type": "boolean", "default": false, "description": CONFIRMATION[0].about },
                "reason": { "type": "string", "description": "Why, for the person who decides." },
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        assert_eq!(schema(&[TABLE, CONFIRMATION]), expected);
    }

    #[test]
    fn what_was_given_becomes_fields_and_what_is_empty_does_not() {
        let mut spec = Map::new();
        let values = Values::of(json!({ "name": "a", "included": [], "volumes": false }));
        values.put_into(&mut spec, TABLE);
        assert_eq!(json!(spec), json!({ "snapshotVolumes": false }));
        assert_eq!(values.first_of(&TABLE[1..]), Some("volumes"));
        assert_eq!(values.text("volumes"), None);
    }
}
