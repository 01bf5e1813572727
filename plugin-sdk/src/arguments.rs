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

use serde_json::Value;

/// Something that a tool takes.
#[derive(Debug)]
pub struct Argument {
    name: &'static str,
    kind: Kind,
    about: &'static str,
    required: bool,
    more: More,
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

/// What else is so of an argument: one thing at most, which keeps the tables small.
#[derive(Clone, Copy, Debug)]
enum More {
    Nothing,
    /// The field of the object's `spec` that it becomes.
    Field(&'static str),
    /// What stands where it is left out.
    OrText(&'static str),
    OrNumber(u32),
    OrYes,
}

impl More {
    /// Returns what stands where the argument is left out.
    fn preset(self) -> Option<Value> {
        match self {
            Self::Nothing | Self::Field(_) => None,
            Self::OrText(text) => Some(text.into()),
            Self::OrNumber(number) => Some(number.into()),
            Self::OrYes => Some(true.into()),
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
            more: More::Nothing,
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
        self.has_nothing_more();
        self.more = More::OrText(text);
        self
    }

    /// Says which number stands there where it is left out: the tool reads it as if it was given.
    #[must_use]
    pub const fn or_number(mut self, number: u32) -> Self {
        self.has_nothing_more();
        self.more = More::OrNumber(number);
        self
    }

    /// Says that left out means yes: the tool reads it as if it was given.
    #[must_use]
    pub const fn or_yes(mut self) -> Self {
        self.has_nothing_more();
        self.more = More::OrYes;
        self
    }

    /// Says which field of `spec` it becomes. Such a one has nothing that stands where it is left out.
    #[must_use]
    pub const fn field(mut self, field: &'static str) -> Self {
        self.has_nothing_more();
        self.more = More::Field(field);
        self
    }

    /// A second thing would take the place of the first without a word: such a table does not compile.
    const fn has_nothing_more(&self) {
        assert!(
            matches!(self.more, More::Nothing),
            "an argument becomes a field, or has something that stands where it is left out"
        );
    }

    /// Writes its schema.
    fn schema(&self, to: &mut String) {
        let number = |number: u32| Value::from(number).to_string();
        let pieces: &[&str] = match self.kind {
            Kind::Text => &[r#"{"type":"string""#],
            Kind::Choice(of) => &[
                r#"{"type":"string","enum":"#,
                &Value::from(of.to_vec()).to_string(),
            ],
            Kind::Texts => &[r#"{"type":"array","items":{"type":"string"}"#],
            Kind::Pairs => &[r#"{"type":"object","additionalProperties":{"type":"string"}"#],
            Kind::Flag => &[r#"{"type":"boolean""#],
            Kind::Switch => &[r#"{"type":"boolean","default":false"#],
            Kind::Number(least, most) => &[
                r#"{"type":"integer","minimum":"#,
                &number(least),
                r#","maximum":"#,
                &number(most),
            ],
        };
        for piece in pieces {
            to.push_str(piece);
        }
        to.push_str(r#","description":"#);
        to.push_str(&Value::from(self.about).to_string());
        if let Some(preset) = self.more.preset() {
            to.push_str(r#","default":"#);
            to.push_str(&preset.to_string());
        }
        to.push('}');
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
///
/// Text is written and no value is built: that takes a third of the component's code for it. Names of arguments need no escaping.
pub(crate) fn schema(tables: &[&[Argument]]) -> String {
    let mut properties = String::new();
    let mut required = String::new();
    for argument in tables.iter().copied().flatten() {
        let first = properties.is_empty();
        properties.push_str(if first { "\"" } else { ",\"" });
        properties.push_str(argument.name);
        properties.push_str("\":");
        argument.schema(&mut properties);
        if argument.required {
            required.push_str(if required.is_empty() { "\"" } else { ",\"" });
            required.push_str(argument.name);
            required.push('"');
        }
    }
    let pieces = [
        r#"{"type":"object","properties":{"#,
        &properties,
        r#"},"required":["#,
        &required,
        r#"],"additionalProperties":false}"#,
    ];
    pieces.concat()
}

#[cfg(test)]
mod tests {
    use super::{Argument, CONFIRMATION, Values, schema};
    use serde_json::{Map, Value, json};

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
        let schema: Value =
            serde_json::from_str(&schema(&[TABLE, CONFIRMATION])).expect("it is JSON");
        assert_eq!(schema, expected);
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
