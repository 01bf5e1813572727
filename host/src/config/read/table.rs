//! One table of the file: typed look-ups that report what is of another type, and the keys that nobody asked for.
//!
//! A value that is not what was asked for is reported and then taken for one that is not there, which is safe only because
//! what was read is thrown away where anything was reported.

use std::borrow::Cow;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::problem::{At, Place, Report, join};
use super::super::suggest::did_you_mean;
use super::json::{object, whole};

/// One table of the file, and which of its keys were asked for.
pub(super) struct Table<'t> {
    entries: &'t DeTable<'t>,
    pub(super) place: Place,
    asked: Vec<&'static str>,
}

type Texts = At<Vec<At<String>>>;

impl<'t> Table<'t> {
    pub(super) fn new(entries: &'t DeTable<'t>, place: Place) -> Self {
        Self {
            entries,
            place,
            asked: Vec::new(),
        }
    }

    /// Looks a key up and notes that it is known.
    fn take(&mut self, key: &'static str) -> Option<(&'t DeValue<'t>, Place)> {
        self.asked.push(key);
        let value = self.entries.get(key)?;
        Some((
            value.get_ref(),
            Place {
                key: join(&self.place.key, key),
                span: Some(value.span()),
            },
        ))
    }

    pub(super) fn text(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<At<String>> {
        let (value, place) = self.take(key)?;
        as_text(value, place, report)
    }

    /// A number with its unit. A bare number is taken as text too: what it lacks is told where units are read.
    pub(super) fn quantity(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<At<String>> {
        let (value, place) = self.take(key)?;
        match value {
            DeValue::Integer(number) => Some(At {
                value: number.to_string(),
                place,
            }),
            _ => as_text(value, place, report),
        }
    }

    pub(super) fn number(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<i64>> {
        let (value, place) = self.take(key)?;
        let Some(number) = value.as_integer() else {
            report.add(
                &place,
                mismatch("a whole number", value),
                "write a whole number without quotes, such as 4",
            );
            return None;
        };
        let whole = whole(number);
        if whole.is_none() {
            report.add(
                &place,
                format!("`{number}` is out of bounds"),
                "write a number of 64 bits or less",
            );
        }
        Some(At {
            value: whole?,
            place,
        })
    }

    pub(super) fn flag(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<bool>> {
        let (value, place) = self.take(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            report.add(
                &place,
                mismatch("true or false", value),
                "write true or false, without quotes",
            );
        }
        Some(At {
            value: flag?,
            place,
        })
    }

    pub(super) fn texts(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Texts> {
        let (value, place) = self.take(key)?;
        let Some(elements) = value.as_array() else {
            let fix = match value.as_str() {
                Some(text) => format!("write it as a list: [{text:?}]"),
                None => "write a list of texts, such as [\"a\", \"b\"]".to_owned(),
            };
            report.add(&place, mismatch("a list of texts", value), fix);
            return None;
        };
        let element = |element: &'t Spanned<DeValue<'t>>| {
            let place = Place {
                key: place.key.clone(),
                span: Some(element.span()),
            };
            as_text(element.get_ref(), place, report)
        };
        let texts: Vec<_> = elements.iter().filter_map(element).collect();
        if texts.is_empty() && !elements.is_empty() {
            return None;
        }
        Some(At {
            value: texts,
            place,
        })
    }

    pub(super) fn table(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Self> {
        self.asked.push(key);
        let (name, value) = self.entries.get_key_value(key)?;
        let place = Place {
            key: join(&self.place.key, key),
            span: Some(name.span()),
        };
        as_table(value, place, report)
    }

    pub(super) fn tables(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<Self> {
        let Some((value, place)) = self.take(key) else {
            return Vec::new();
        };
        let Some(elements) = value.as_array() else {
            let fix = format!("begin each with [[{}]]", place.key);
            report.add(&place, mismatch("a list of tables", value), fix);
            return Vec::new();
        };
        let numbered = elements.iter().enumerate();
        let table = |(index, element): (usize, &'t Spanned<DeValue<'t>>)| {
            let place = Place {
                key: format!("{}[{index}]", place.key),
                span: Some(element.span()),
            };
            as_table(element, place, report)
        };
        numbered.filter_map(table).collect()
    }

    /// The tables below keys that are the operator's own: none is unknown.
    pub(super) fn named(self, report: &mut Report<'_>) -> Vec<(At<String>, Self)> {
        self.each(|value, place| as_table(value, place, report))
    }

    /// The texts below keys that are the operator's own: none is unknown.
    pub(super) fn named_texts(self, report: &mut Report<'_>) -> Vec<(At<String>, At<String>)> {
        self.each(|value, key| {
            let place = Place {
                span: Some(value.span()),
                ..key
            };
            as_text(value.get_ref(), place, report)
        })
    }

    /// What `read` makes of each value and the place of its key.
    fn each<T>(
        self,
        mut read: impl FnMut(&'t Spanned<DeValue<'t>>, Place) -> Option<T>,
    ) -> Vec<(At<String>, T)> {
        let entry = |(key, value): (&'t Spanned<Cow<'t, str>>, &'t Spanned<DeValue<'t>>)| {
            let name = key.get_ref().to_string();
            let place = Place {
                key: join(&self.place.key, &name),
                span: Some(key.span()),
            };
            let read = read(value, place.clone())?;
            Some((At { value: name, place }, read))
        };
        self.entries.iter().filter_map(entry).collect()
    }

    /// The table as it stands: what its keys mean is for someone else to say.
    pub(super) fn json(self, report: &mut Report<'_>) -> serde_json::Map<String, Value> {
        object(self.entries, &self.place, report)
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let place = Place {
                key: join(&self.place.key, name),
                span: Some(key.span()),
            };
            let hint = did_you_mean(name, self.asked.iter().copied());
            let fix = format!("remove it, or use one of {}{hint}", self.asked.join(", "));
            report.add(&place, format!("`{name}` is not a known key"), fix);
        }
    }
}

fn as_text(value: &DeValue<'_>, place: Place, report: &mut Report<'_>) -> Option<At<String>> {
    let text = value.as_str().map(str::to_owned);
    if text.is_none() {
        report.add(&place, mismatch("a text", value), "write it in quotes");
    }
    Some(At {
        value: text?,
        place,
    })
}

fn as_table<'t>(
    value: &'t Spanned<DeValue<'t>>,
    place: Place,
    report: &mut Report<'_>,
) -> Option<Table<'t>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        let fix = format!("begin it with [{}]", place.key);
        report.add(&place, mismatch("a table", value.get_ref()), fix);
    }
    Some(Table::new(table?, place))
}

fn mismatch(expected: &str, found: &DeValue<'_>) -> String {
    let found = match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("expected {expected}, found {found}")
}
