//! From TOML to [`file`] types: shapes and unknown keys, and nothing about what a value means.
//!
//! Written by hand because serde stops at the first error. Each table remembers which keys were asked of it: what is left
//! at the end is unknown, so the list of known keys cannot be forgotten.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::file;
use super::problem::{At, Place, Report, join};
use super::suggest::did_you_mean;

/// Reads the text, or reports where it is not TOML and returns `None`.
pub(super) fn file(text: &str, report: &mut Report<'_>) -> Option<file::File> {
    match DeTable::parse(text) {
        Ok(document) => {
            let place = Place {
                key: String::new(),
                span: Some(document.span()),
            };
            Some(Table::new(document.get_ref(), place).file(report))
        }
        Err(error) => {
            let place = Place {
                key: String::new(),
                span: error.span(),
            };
            report.add(
                &place,
                format!("this is not TOML: {}", error.message()),
                "see https://toml.io for the syntax",
            );
            None
        }
    }
}

/// One table of the file, and which of its keys were asked for.
struct Table<'t> {
    entries: &'t DeTable<'t>,
    place: Place,
    asked: Vec<&'static str>,
}

type Texts = At<Vec<At<String>>>;

impl<'t> Table<'t> {
    fn new(entries: &'t DeTable<'t>, place: Place) -> Self {
        Self {
            entries,
            place,
            asked: Vec::new(),
        }
    }

    fn file(mut self, report: &mut Report<'_>) -> file::File {
        let file = file::File {
            cluster: self
                .table("cluster", report)
                .map(|table| table.cluster(report)),
            runtime: self
                .table("runtime", report)
                .map(|table| table.runtime(report)),
            directories: self
                .table("directories", report)
                .map(|table| table.directories(report)),
            plugins: self
                .table("plugins", report)
                .map(|table| table.plugins(report))
                .unwrap_or_default(),
        };
        self.finish(report);
        file
    }

    fn cluster(mut self, report: &mut Report<'_>) -> file::Cluster {
        let cluster = file::Cluster {
            kubeconfig: self.text("kubeconfig", report),
            context: self.text("context", report),
            request_timeout: self.quantity("request_timeout", report),
            retries: self.number("retries", report),
        };
        self.finish(report);
        cluster
    }

    fn runtime(mut self, report: &mut Report<'_>) -> file::Runtime {
        let runtime = file::Runtime {
            compile_timeout: self.quantity("compile_timeout", report),
            max_calls: self.number("max_calls", report),
            arguments: self.quantity("arguments", report),
        };
        self.finish(report);
        runtime
    }

    fn directories(mut self, report: &mut Report<'_>) -> file::Directories {
        let directories = file::Directories {
            cache: self.text("cache", report),
            state: self.text("state", report),
        };
        self.finish(report);
        directories
    }

    /// Here the keys are the operator's own: none is unknown.
    fn plugins(self, report: &mut Report<'_>) -> Vec<(At<String>, file::Plugin)> {
        let mut plugins = Vec::new();
        for (key, value) in self.entries {
            let name = key.get_ref().to_string();
            let place = Place {
                key: join(&self.place.key, &name),
                span: Some(key.span()),
            };
            if let Some(table) = as_table(value, place.clone(), report) {
                plugins.push((At { value: name, place }, table.plugin(report)));
            }
        }
        plugins
    }

    fn plugin(mut self, report: &mut Report<'_>) -> file::Plugin {
        let plugin = file::Plugin {
            place: self.place.clone(),
            source: self.text("source", report),
            sha256: self.text("sha256", report),
            tools: self.texts("tools", report),
            prefix: self.text("prefix", report),
            limits: self
                .table("limits", report)
                .map(|table| table.limits(report)),
            settings: self
                .table("settings", report)
                .map(|table| table.settings(report))
                .unwrap_or_default(),
            grants: self
                .tables("grants", report)
                .into_iter()
                .map(|table| table.grant(report))
                .collect(),
        };
        self.finish(report);
        plugin
    }

    fn limits(mut self, report: &mut Report<'_>) -> file::Limits {
        let limits = file::Limits {
            memory: self.quantity("memory", report),
            table_elements: self.number("table_elements", report),
            cpu: self.quantity("cpu", report),
            wall: self.quantity("wall", report),
            host_calls: self.number("host_calls", report),
            crossing: self.quantity("crossing", report),
            output: self.quantity("output", report),
            concurrent: self.number("concurrent", report),
        };
        self.finish(report);
        limits
    }

    fn grant(mut self, report: &mut Report<'_>) -> file::Grant {
        let grant = file::Grant {
            place: self.place.clone(),
            api_groups: self.texts("api_groups", report),
            resources: self.texts("resources", report),
            verbs: self.texts("verbs", report),
            namespaces: self.texts("namespaces", report),
            scope: self.text("scope", report),
            names: self.texts("names", report),
            label_selector: self.text("label_selector", report),
            max_objects: self.number("max_objects", report),
            secret_values: self.flag("secret_values", report),
        };
        self.finish(report);
        grant
    }

    /// The plugin's own keys: anything that JSON can hold.
    fn settings(self, report: &mut Report<'_>) -> serde_json::Map<String, Value> {
        json_object(self.entries, &self.place, report)
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

    fn text(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<String>> {
        let (value, place) = self.take(key)?;
        as_text(value, place, report)
    }

    /// A number with its unit. A bare number is taken as text too: what it lacks is told where units are read.
    fn quantity(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<String>> {
        let (value, place) = self.take(key)?;
        match value {
            DeValue::Integer(number) => Some(At {
                value: number.to_string(),
                place,
            }),
            _ => as_text(value, place, report),
        }
    }

    fn number(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<i64>> {
        let (value, place) = self.take(key)?;
        let Some(number) = value.as_integer() else {
            report.add(
                &place,
                mismatch("a whole number", value),
                "write a whole number without quotes, such as 4",
            );
            return None;
        };
        // What does not fit is out of every range, and reported as such.
        let extreme = if number.as_str().starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        Some(At {
            value: whole(number).unwrap_or(extreme),
            place,
        })
    }

    fn flag(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<bool>> {
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

    fn texts(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Texts> {
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
        let texts: Vec<_> = elements.iter().map(element).collect();
        // A list that lacks what was misread is not taken for what the operator wrote.
        Some(At {
            value: texts.into_iter().collect::<Option<_>>()?,
            place,
        })
    }

    fn table(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Self> {
        self.asked.push(key);
        let (name, value) = self.entries.get_key_value(key)?;
        let place = Place {
            key: join(&self.place.key, key),
            span: Some(name.span()),
        };
        as_table(value, place, report)
    }

    fn tables(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<Self> {
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

    /// Reports the keys that nobody asked for.
    fn finish(self, report: &mut Report<'_>) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let place = Place {
                key: join(&self.place.key, name),
                span: Some(key.span()),
            };
            let absent = self
                .asked
                .iter()
                .copied()
                .filter(|asked| !self.entries.contains_key(*asked));
            let hint = did_you_mean(name, absent);
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

fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn json_object(
    table: &DeTable<'_>,
    place: &Place,
    report: &mut Report<'_>,
) -> serde_json::Map<String, Value> {
    let mut object = serde_json::Map::new();
    for (key, value) in table {
        let place = Place {
            key: join(&place.key, key.get_ref()),
            span: Some(value.span()),
        };
        object.insert(
            key.get_ref().to_string(),
            json(value.get_ref(), &place, report),
        );
    }
    object
}

/// TOML's parser bounds how deep values nest, so this recursion is bounded too.
fn json(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(elements) => elements
            .iter()
            .map(|element| json(element.get_ref(), place, report))
            .collect(),
        DeValue::Table(table) => Value::Object(json_object(table, place, report)),
        DeValue::Integer(number) => whole(number).map_or_else(
            || {
                report.add(
                    place,
                    "the number needs more than 64 bits",
                    "write it as a text, in quotes",
                );
                Value::Null
            },
            Value::from,
        ),
        DeValue::Float(number) => {
            let number = number
                .as_str()
                .parse()
                .ok()
                .and_then(serde_json::Number::from_f64);
            if number.is_none() {
                report.add(
                    place,
                    "JSON has neither infinity nor not-a-number",
                    "write it as a text, in quotes",
                );
            }
            number.map_or(Value::Null, Value::Number)
        }
    }
}
