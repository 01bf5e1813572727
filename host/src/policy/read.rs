//! From TOML to a [`Policy`]: each row is read and checked by itself, so that all problems of a file are told at once.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::pattern::PathPattern;
use super::{Policy, ReferenceRule, Rule, Verb, When};
use crate::config::{Glob, Place, Problems, Report, did_you_mean};
use crate::digest::sha256;
use crate::proposal::Risk;

const KEYS: [&str; 7] = [
    "protected_namespaces",
    "known_groups",
    "max_change_percent",
    "amounts",
    "max_cascade",
    "rules",
    "references",
];

/// A sentence that a person reads in a list.
const MAX_SAY_CHARACTERS: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    group: Option<Spanned<String>>,
    resource: Option<Spanned<String>>,
    namespace: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    verb: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    when: Option<Spanned<String>>,
    value: Option<Spanned<Value>>,
    risk: Spanned<String>,
    say: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceRow {
    path: Spanned<String>,
    group: String,
    resource: String,
    name: Option<String>,
    #[serde(default)]
    except: Vec<String>,
}

pub(super) fn policy(text: &str, path: &Path) -> Result<Policy, Problems> {
    let mut report = Report::new(path, text);
    let document = match DeTable::parse(text) {
        Ok(document) => document.into_inner(),
        Err(error) => {
            let place = Place {
                key: String::new(),
                span: error.span(),
            };
            let message = format!("this is not TOML: {}", error.message());
            report.add(&place, message, "see https://toml.io for the syntax");
            return Err(report.into_problems());
        }
    };
    let mut file = File { document, report };
    let policy = Policy {
        source: Some(path.to_path_buf()),
        digest: sha256(text),
        protected_namespaces: file.globs("protected_namespaces", |row, text| row.glob(text)),
        known_groups: file.globs("known_groups", |row, text| row.group(text)),
        max_change_percent: file.value("max_change_percent").unwrap_or_default(),
        amounts: file.amounts(),
        max_cascade: file.value("max_cascade").unwrap_or_default(),
        rules: file.rows("rules", rule),
        references: file.rows("references", reference),
    };
    file.finish();
    if file.report.is_empty() {
        Ok(policy)
    } else {
        Err(file.report.into_problems())
    }
}

struct File<'a> {
    document: DeTable<'a>,
    report: Report<'a>,
}

impl<'a> File<'a> {
    fn globs(
        &mut self,
        key: &'static str,
        check: fn(&mut Row<'_, 'a>, &Spanned<String>) -> Option<Glob>,
    ) -> Vec<Glob> {
        let texts: Vec<Spanned<String>> = self.value(key).unwrap_or_default();
        let mut row = Row {
            key: key.to_owned(),
            report: &mut self.report,
        };
        let texts = texts.iter();
        texts.filter_map(|text| check(&mut row, text)).collect()
    }

    fn amounts(&mut self) -> Vec<PathPattern> {
        let texts: Vec<Spanned<String>> = self.value("amounts").unwrap_or_default();
        let mut row = Row {
            key: "amounts".to_owned(),
            report: &mut self.report,
        };
        texts.iter().filter_map(|text| row.pattern(text)).collect()
    }

    fn rows<R: DeserializeOwned, T>(
        &mut self,
        key: &'static str,
        check: fn(R, &mut Row<'_, 'a>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let span = value.span();
        let DeValue::Array(rows) = value.into_inner() else {
            let place = Place {
                key: key.to_owned(),
                span: Some(span),
            };
            let fix = format!("write `{key} = [` and a row in braces on each line");
            self.report.add(&place, "expected a list of rows", fix);
            return Vec::new();
        };
        let mut found = Vec::new();
        for (index, value) in rows.into_iter().enumerate() {
            let key = format!("{key}[{index}]");
            if let Some(row) = read(&key, value, &mut self.report) {
                let mut row_report = Row {
                    key,
                    report: &mut self.report,
                };
                found.extend(check(row, &mut row_report));
            }
        }
        found
    }

    fn value<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        let value = self.take(key)?;
        read(key, value, &mut self.report)
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        let value = self.document.remove(key);
        if value.is_none() {
            let place = Place {
                key: key.to_owned(),
                span: None,
            };
            self.report.add(
                &place,
                format!("`{key}` is missing"),
                "write it, if need be as an empty list or a large number: what is left out shall not lift a protection by accident",
            );
        }
        value
    }

    /// Reports the keys that nobody took.
    fn finish(&mut self) {
        for key in self.document.keys() {
            let name: &str = key.get_ref();
            let place = Place {
                key: name.to_owned(),
                span: Some(key.span()),
            };
            let fix = format!("use one of {}{}", KEYS.join(", "), did_you_mean(name, KEYS));
            self.report
                .add(&place, format!("`{name}` is not a known key"), fix);
        }
    }
}

fn read<T: DeserializeOwned>(
    key: &str,
    value: Spanned<DeValue<'_>>,
    report: &mut Report<'_>,
) -> Option<T> {
    let span = value.span();
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = Place {
                key: key.to_owned(),
                span: Some(error.span().unwrap_or(span)),
            };
            report.add(
                &place,
                error.message(),
                "docs/policy.md names the keys and what each takes",
            );
            None
        }
    }
}

/// Where the checks of one row report.
struct Row<'r, 'a> {
    key: String,
    report: &'r mut Report<'a>,
}

impl Row<'_, '_> {
    fn add<T>(&mut self, at: &Spanned<T>, message: String, fix: &str) {
        let place = Place {
            key: self.key.clone(),
            span: Some(at.span()),
        };
        self.report.add(&place, message, fix);
    }

    fn glob(&mut self, text: &Spanned<String>) -> Option<Glob> {
        let glob = text.get_ref().parse::<Glob>();
        if let Err(error) = &glob {
            self.add(
                text,
                error.to_string(),
                "write a name, with `*` for any run of characters",
            );
        }
        glob.ok()
    }

    /// The core group is the empty text.
    fn group(&mut self, text: &Spanned<String>) -> Option<Glob> {
        match text.get_ref().as_str() {
            "" => Some(Glob::any_text("")),
            _ => self.glob(text),
        }
    }

    fn pattern(&mut self, text: &Spanned<String>) -> Option<PathPattern> {
        let pattern = PathPattern::parse(text.get_ref());
        if let Err(error) = &pattern {
            self.add(
                text,
                format!("`{}` is no path: {error}", text.get_ref()),
                "write it like `spec.containers[*].image`, `metadata.labels['a.b/c']` or `**.image`",
            );
        }
        pattern.ok()
    }

    fn word<T: Copy>(&mut self, text: &Spanned<String>, words: &[(&str, T)]) -> Option<T> {
        let given = text.get_ref();
        let known = words.iter().find(|(word, _)| word == given);
        if known.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(given, words.iter().copied());
            let fix = format!("use one of {}{hint}", words.join(", "));
            self.add(
                text,
                format!("`{given}` is none of the words that stand here"),
                &fix,
            );
        }
        known.map(|(_, meaning)| *meaning)
    }

    /// A condition that may be left out: `Some(None)` where it is, `None` where it is wrong.
    fn optional<T>(
        &mut self,
        text: Option<&Spanned<String>>,
        check: impl FnOnce(&mut Self, &Spanned<String>) -> Option<T>,
    ) -> Option<Option<T>> {
        match text {
            Some(text) => check(self, text).map(Some),
            None => Some(None),
        }
    }

    fn say(&mut self, say: &Spanned<String>) -> Option<String> {
        let text = say.get_ref();
        let wrong = if text.trim().is_empty() {
            "the sentence is empty"
        } else if text.ends_with('.') {
            "the sentence ends with a full stop"
        } else if text.chars().count() > MAX_SAY_CHARACTERS {
            "the sentence has more than 200 characters"
        } else if text.chars().any(char::is_control) {
            "the sentence has a line break or another control character"
        } else {
            return Some(text.clone());
        };
        let fix =
            "say in a line what the change does, for the person who decides, without a full stop";
        self.add(say, wrong.to_owned(), fix);
        None
    }
}

fn rule(row: RuleRow, report: &mut Row<'_, '_>) -> Option<Rule> {
    // Each is checked before any is given up on, so that all problems of a row are told.
    let group = report.optional(row.group.as_ref(), Row::group);
    let resource = report.optional(row.resource.as_ref(), Row::glob);
    let namespace = report.optional(row.namespace.as_ref(), Row::glob);
    let name = report.optional(row.name.as_ref(), Row::glob);
    let verbs = Verb::ALL.map(|verb| (verb.as_str(), verb));
    let verb = report.optional(row.verb.as_ref(), |report, text| report.word(text, &verbs));
    let path = report.optional(row.path.as_ref(), Row::pattern);
    let risks =
        [Risk::Low, Risk::Medium, Risk::High, Risk::Blocked].map(|risk| (risk.to_string(), risk));
    let risks = risks.each_ref().map(|(word, risk)| (word.as_str(), *risk));
    let risk = report.word(&row.risk, &risks);
    let say = report.say(&row.say);
    let when = when(&row, report);
    if let (Some(path), Some(Some(Verb::Delete | Verb::Evict))) = (&row.path, verb) {
        report.add(
            path,
            "no path changes where an object goes: the row never matches".to_owned(),
            "leave `path` out, or name the verb `create` or `update`",
        );
    }
    Some(Rule {
        group: group?.unwrap_or_else(Glob::all),
        resource: resource?.unwrap_or_else(Glob::all),
        namespace: namespace?,
        name: name?,
        verb: verb?,
        path: path?,
        when: when?,
        risk: risk?,
        say: say?,
    })
}

fn when(row: &RuleRow, report: &mut Row<'_, '_>) -> Option<When> {
    const SET_TO: &str = "set-to";
    let words = [
        "changed", "added", "removed", SET_TO, "no-name", "shrinks", "absent",
    ]
    .map(|word| (word, word));
    let word = match &row.when {
        Some(text) => report.word(text, &words)?,
        None => "changed",
    };
    if let (Some(text), None) = (&row.when, &row.path) {
        report.add(
            text,
            "`when` speaks of a path, and there is none".to_owned(),
            "add `path`, or remove `when`",
        );
        return None;
    }
    match (word, &row.value) {
        (SET_TO, Some(value)) if value.get_ref().is_array() || value.get_ref().is_object() => {
            report.add(
                value,
                "`value` is no single value".to_owned(),
                "write a number, a text, true or false",
            );
            None
        }
        (SET_TO, Some(value)) => Some(When::SetTo(value.get_ref().clone())),
        (SET_TO, None) => {
            report.add(
                &row.risk,
                "`when = \"set-to\"` without `value`".to_owned(),
                "add `value`, such as `value = 0`",
            );
            None
        }
        (_, Some(value)) => {
            report.add(
                value,
                "`value` is only for `when = \"set-to\"`".to_owned(),
                "remove it, or add `when = \"set-to\"`",
            );
            None
        }
        ("added", None) => Some(When::Added),
        ("removed", None) => Some(When::Removed),
        ("no-name", None) => Some(When::NoName),
        ("shrinks", None) => Some(When::Shrinks),
        ("absent", None) => Some(When::Absent),
        (_, None) => Some(When::Changed),
    }
}

fn reference(row: ReferenceRow, report: &mut Row<'_, '_>) -> Option<ReferenceRule> {
    Some(ReferenceRule {
        path: report.pattern(&row.path)?,
        group: row.group,
        resource: row.resource,
        name: row.name,
        except: row.except,
    })
}
