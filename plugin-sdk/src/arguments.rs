//! The arguments of a call: read by serde into a type of the plugin's own, or as tables.
//!
//! Many arguments are fields of the operator's objects under another spelling, and several tools take the same. A type with a parser
//! and a schema of its own for each tool would be a quarter of a large component; a table is data. The host checks what is given
//! against the schema before a tool is called, so what does not fit the table cannot be here.
//!
//! ```
//! use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
//!
//! enum Arguments {}
//!
//! impl Takes for Arguments {
//!     const TABLES: &'static [&'static [Argument]] = &[OWN, PAGE];
//! }
//!
//! const OWN: &[Argument] = &[
//!     Argument::text("name", "The cluster's name.").required(),
//!     Argument::number("instances", 1, 10, "How many.").or_number(3),
//! ];
//!
//! fn instances(given: &Given<Arguments>) -> Option<u32> {
//!     given.values.count("instances")
//! }
//! ```

mod from;
mod given;

pub use from::FromArguments;
pub(crate) use given::completed;
pub use given::{Given, Values};

use serde_json::{Map, Value, json};

/// Something that a tool takes.
#[derive(Debug)]
pub struct Argument {
    name: &'static str,
    kind: Kind,
    about: &'static str,
    required: bool,
    /// What stands there where it is left out.
    preset: Option<Preset>,
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
    /// Yes, no, or nothing said.
    Flag,
    /// No where left out.
    Switch,
    /// A number, and the least and the most that it may be.
    Number(u32, u32),
}

#[derive(Clone, Copy, Debug)]
enum Preset {
    Text(&'static str),
    Number(u32),
    Yes,
}

impl Preset {
    fn value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Yes => true.into(),
        }
    }
}

impl Argument {
    /// A text.
    pub const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, about)
    }

    /// One of several texts.
    pub const fn choice(
        name: &'static str,
        of: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(of), about)
    }

    /// A list of texts.
    pub const fn texts(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Texts, about)
    }

    /// An object whose values are texts.
    pub const fn pairs(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Pairs, about)
    }

    /// Yes or no; left out, nothing is said.
    pub const fn flag(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Flag, about)
    }

    /// Yes or no; left out, it is no.
    pub const fn switch(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Switch, about)
    }

    /// A number from 1 to `most`.
    pub const fn count(name: &'static str, most: u32, about: &'static str) -> Self {
        Self::number(name, 1, most, about)
    }

    /// A whole number from `least` to `most`.
    pub const fn number(name: &'static str, least: u32, most: u32, about: &'static str) -> Self {
        Self::new(name, Kind::Number(least, most), about)
    }

    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            kind,
            about,
            required: false,
            preset: None,
            field: None,
        }
    }

    /// Says that a call without it is refused.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says which text stands there where it is left out: the tool reads it as if it was given.
    #[must_use]
    pub const fn or_text(mut self, text: &'static str) -> Self {
        self.preset = Some(Preset::Text(text));
        self
    }

    /// Says which number stands there where it is left out: the tool reads it as if it was given.
    #[must_use]
    pub const fn or_number(mut self, number: u32) -> Self {
        self.preset = Some(Preset::Number(number));
        self
    }

    /// Says that left out means yes: the tool reads it as if it was given.
    #[must_use]
    pub const fn or_yes(mut self) -> Self {
        self.preset = Some(Preset::Yes);
        self
    }

    /// Says which field of `spec` it becomes.
    #[must_use]
    pub const fn field(mut self, field: &'static str) -> Self {
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
            Kind::Number(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
        };
        schema["description"] = self.about.into();
        if let Some(preset) = self.preset {
            schema["default"] = preset.value();
        }
        schema
    }
}

/// Which page of an answer.
pub const PAGE: &[Argument] = &[
    Argument::count(
        "limit",
        200,
        "The most rows on this page; left out: a short page.",
    ),
    Argument::text("continue", "The token that the page before gave."),
];

/// The words of [`Confirmation`](crate::changes::Confirmation).
pub const CONFIRMATION: &[Argument] = &[
    Argument::switch(
        "confirm",
        "States that the user asked for this; a person is still asked. Left out: propose and stop.",
    ),
    Argument::text("reason", "Why, for the person who decides."),
];

/// Only looking at what a change would do, as the server says.
pub const DRY_RUN: &[Argument] = &[Argument::switch(
    "dry_run",
    "Only shows what the server says would come out; nothing is applied, whatever else is given.",
)];

/// Waiting for what becomes of a change.
pub const WAIT: &[Argument] = &[Argument::switch(
    "wait",
    "Once applied, waits for its end, as long as the call may take.",
)];

/// Which tables a tool takes, all together.
pub trait Takes {
    /// Each a part of the arguments, in the order of the schema.
    const TABLES: &'static [&'static [Argument]];
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
