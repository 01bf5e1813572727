//! What every tool answers that shows one object: a sentence, then facts under headings, then what to do next.
//!
//! Text and value are made from the same facts. An answer stays small whatever the object holds: a long value is cut, and what
//! would be too much is left out and counted.

use crate::{Failure, Output, Place};
use schemars::JsonSchema;
use serde::Serialize;

/// The longest value, in characters.
const WIDEST: usize = 300;

/// The most bytes of facts: text and value hold them both, and there are headings and notes.
const MOST_BYTES: usize = 9 * 1024;

/// One object, or one subject, as a person reads it.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// Such as `clusters.postgresql.cnpg.io`; of an installation as a whole its API group.
    resource: String,
    name: String,
    /// The namespace that was looked at; `*` is all of them.
    namespace: String,
    /// What matters most about it, in a sentence.
    summary: String,
    /// Facts, under a heading each.
    sections: Vec<Section>,
    /// What to do next where something is wrong, and what is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip)]
    place: String,
    #[serde(skip)]
    bytes: usize,
    #[serde(skip)]
    left_out: usize,
}

/// Facts that belong together.
#[derive(Serialize, JsonSchema)]
pub struct Section {
    title: String,
    facts: Vec<Fact>,
}

/// Something that is so.
#[derive(Serialize, JsonSchema)]
pub struct Fact {
    name: String,
    value: String,
}

impl Document {
    /// Of an object of a type, as `backups.velero.io`, or of an installation as a whole.
    pub fn new(resource: impl Into<String>, name: &str, place: &Place) -> Self {
        Self {
            resource: resource.into(),
            name: name.to_owned(),
            namespace: place.namespace.clone(),
            summary: String::new(),
            sections: Vec::new(),
            notes: Vec::new(),
            place: place.words.clone(),
            bytes: 0,
            left_out: 0,
        }
    }

    /// Says what matters most about it.
    pub fn summary(&mut self, summary: impl Into<String>) {
        self.summary = summary.into();
    }

    /// Begins a section. One that gets no fact is not shown.
    pub fn section(&mut self, title: &str) {
        self.sections.push(Section {
            title: title.to_owned(),
            facts: Vec::new(),
        });
    }

    /// Adds a fact to the section. An empty value is no fact.
    pub fn fact(&mut self, name: &str, value: impl AsRef<str>) {
        let value = line(value.as_ref());
        if value.is_empty() {
            return;
        }
        self.bytes += name.len() + value.len();
        if self.bytes > MOST_BYTES {
            self.left_out += 1;
            return;
        }
        if let Some(section) = self.sections.last_mut() {
            section.facts.push(Fact {
                name: name.to_owned(),
                value,
            });
        }
    }

    /// Says what to do next, or what else to know.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Passes on whether something could be read. What the operator has not granted, or the cluster does not serve, becomes a
    /// note that it is not known.
    ///
    /// # Errors
    /// Any other failure.
    pub fn known(&mut self, what: &str, read: Result<(), Failure>) -> Result<bool, Failure> {
        if let Some(why) = not_known(&read) {
            self.note(format!("not known: {what} ({why})"));
            return Ok(false);
        }
        read.map(|()| true)
    }

    /// Returns the document with the words for it.
    pub fn in_words(mut self) -> Output<Self> {
        self.sections.retain(|section| !section.facts.is_empty());
        if self.left_out > 0 {
            self.notes.push(format!(
                "{} facts are left out, the answer would be too long; k8s_get shows the whole object",
                self.left_out
            ));
        }
        let mut lines = vec![format!(
            "{} {} {}: {}",
            self.resource, self.name, self.place, self.summary
        )];
        for section in &self.sections {
            lines.push(format!("{}:", section.title));
            let facts = section.facts.iter();
            lines.extend(facts.map(|fact| format!("  {}: {}", fact.name, fact.value)));
        }
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        Output {
            text: lines.join("\n"),
            structured: self,
        }
    }
}

/// Returns why something is not known though the rest can be said; none where it is known, or where the call has to fail.
pub fn not_known(read: &Result<(), Failure>) -> Option<&'static str> {
    match read {
        Err(Failure::Denied(_)) => Some("denied"),
        Err(Failure::NotFound(_)) => Some("the cluster does not serve it"),
        Ok(())
        | Err(
            Failure::Invalid(_)
            | Failure::Conflict(_)
            | Failure::Limit(_)
            | Failure::NeedsApproval(_)
            | Failure::Declined(_)
            | Failure::Cancelled
            | Failure::Upstream(_)
            | Failure::Internal(_),
        ) => None,
    }
}

/// Returns the text as one line, cut where it is too long.
fn line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(WIDEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Returns the texts with commas between them; of many the first ones, and how many more there are.
pub fn listed(texts: &[String]) -> String {
    let mut shown = 0;
    let mut width = 0;
    for text in texts {
        width += text.len() + 2;
        if width > WIDEST - 30 && shown > 0 {
            break;
        }
        shown += 1;
    }
    let (first, more) = texts.split_at(shown);
    let first = first.join(", ");
    match more.len() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, MOST_BYTES, listed};
    use crate::Failure;
    use crate::Place;

    fn document() -> Document {
        let place = Place {
            namespace: "velero".to_owned(),
            words: "in namespace velero".to_owned(),
        };
        Document::new("backups.velero.io", "nightly", &place)
    }

    #[test]
    fn a_section_without_facts_and_a_fact_without_value_are_not_shown() {
        let mut document = document();
        document.summary("Completed");
        document.section("state");
        document.fact("errors", "0");
        document.fact("reason", "");
        document.section("hooks");
        let words = document.in_words();
        let text = "backups.velero.io nightly in namespace velero: Completed\nstate:\n  errors: 0";
        assert_eq!(words.text, text);
        assert_eq!(words.structured.sections.len(), 1);
    }

    #[test]
    fn whatever_an_object_holds_its_answer_stays_small_and_says_what_is_left_out() {
        let mut document = document();
        document.section("hooks");
        for _ in 0..1000 {
            document.fact("hook", "x ".repeat(1000));
        }
        let words = document.in_words();
        assert!(words.text.len() < MOST_BYTES + 1024, "{}", words.text.len());
        assert!(
            words.text.contains("facts are left out"),
            "it must say that"
        );
    }

    #[test]
    fn what_is_not_granted_is_a_note_and_what_fails_is_a_failure() {
        let mut document = document();
        let denied = document.known("restores", Err(Failure::Denied("no".to_owned())));
        assert_eq!(denied, Ok(false));
        assert_eq!(document.notes, ["not known: restores (denied)"]);
        let failed = Failure::Upstream("no".to_owned());
        assert_eq!(document.known("restores", Err(failed.clone())), Err(failed));
    }

    #[test]
    fn of_many_names_the_first_are_listed_and_the_others_counted() {
        let names: Vec<_> = (0..500).map(|number| format!("shop-{number}")).collect();
        let words = listed(&names);
        assert!(words.starts_with("shop-0, shop-1, ") && words.ends_with(" more"));
        assert!(words.len() < 300, "{words}");
        assert_eq!(listed(&names[..2]), "shop-0, shop-1");
    }
}
