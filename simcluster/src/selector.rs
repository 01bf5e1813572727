//! Label selectors: `app=web,tier in (front,back),!canary`.
//!
//! The whole grammar of the API: equality, sets, existence, and numbers with `<` and `>`.

use serde_json::{Map, Value};

use crate::status::Refusal;

/// What labels must be.
#[derive(Debug, Default)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Debug)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl LabelSelector {
    /// # Errors
    /// 400 in nearly the real server's words if the text is no selector.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut tokens = Tokens { rest: text };
        let mut requirements = Vec::new();
        loop {
            requirements.push(tokens.requirement()?);
            match tokens.next() {
                "" => return Ok(Self(requirements)),
                "," => {}
                other => return Err(expected(other, "',' or 'end of string'")),
            }
        }
    }

    /// Of a `LabelSelector` object. None if there is none, which selects nothing; an empty one selects everything.
    pub(crate) fn of_object(selector: &Value) -> Option<Self> {
        if !selector.is_object() {
            return None;
        }
        match text_of(selector).as_str() {
            "" => Some(Self::default()),
            text => Self::parse(text).ok(),
        }
    }

    pub(crate) fn matches(&self, labels: Option<&Map<String, Value>>) -> bool {
        self.0.iter().all(|Requirement { key, test }| {
            let value = labels
                .and_then(|labels| labels.get(key))
                .and_then(Value::as_str);
            let is_in = |values: &[String]| {
                value.is_some_and(|value| values.iter().any(|one| one == value))
            };
            match test {
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
                Test::In(values) => is_in(values),
                Test::NotIn(values) => !is_in(values),
                Test::Above(bound) => value
                    .and_then(|value| value.parse().ok())
                    .is_some_and(|value: i64| value > *bound),
                Test::Below(bound) => value
                    .and_then(|value| value.parse().ok())
                    .is_some_and(|value: i64| value < *bound),
            }
        })
    }
}

/// A `LabelSelector` object as text.
pub(crate) fn text_of(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut terms: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    for expression in selector["matchExpressions"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let key = expression["key"].as_str().unwrap_or_default();
        let values = expression["values"].as_array().into_iter().flatten();
        let values: Vec<&str> = values.filter_map(Value::as_str).collect();
        let values = values.join(",");
        terms.push(match expression["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    terms.join(",")
}

struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn requirement(&mut self) -> Result<Requirement, Refusal> {
        let negated = self.peek() == "!";
        if negated {
            self.next();
        }
        let key = label(self.next(), "'!', identifier")?;
        if negated {
            return Ok(Requirement {
                key,
                test: Test::Missing,
            });
        }
        let test = match self.peek() {
            "" | "," => {
                return Ok(Requirement {
                    key,
                    test: Test::Exists,
                });
            }
            "in" | "notin" => {
                let is_in = self.next() == "in";
                let values = self.values()?;
                if is_in {
                    Test::In(values)
                } else {
                    Test::NotIn(values)
                }
            }
            "=" | "==" => {
                self.next();
                Test::In(vec![self.value()?])
            }
            "!=" => {
                self.next();
                Test::NotIn(vec![self.value()?])
            }
            ">" | "<" => {
                let above = self.next() == ">";
                let value = self.value()?;
                let bound = value.parse().map_err(|_| {
                    Refusal::bad_request(format!("unable to parse requirement: values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"))
                })?;
                if above {
                    Test::Above(bound)
                } else {
                    Test::Below(bound)
                }
            }
            other => return Err(expected(other, "in, notin, =, ==, !=, gt, lt")),
        };
        Ok(Requirement { key, test })
    }

    /// A value may be empty: `app=` means the empty value.
    fn value(&mut self) -> Result<String, Refusal> {
        match self.peek() {
            "" | "," => Ok(String::new()),
            _ => label(self.next(), "identifier"),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, Refusal> {
        let open = self.next();
        if open != "(" {
            return Err(expected(open, "'('"));
        }
        let mut values = Vec::new();
        loop {
            values.push(match self.peek() {
                "," | ")" => String::new(),
                _ => label(self.next(), "identifier")?,
            });
            match self.next() {
                "," => {}
                ")" => return Ok(values),
                other => return Err(expected(other, "',' or ')'")),
            }
        }
    }

    fn peek(&self) -> &'a str {
        Tokens { rest: self.rest }.next()
    }

    /// The next token; empty at the end.
    fn next(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let is_symbol = |c: char| "=!(),<>".contains(c);
        let length = match text.chars().next() {
            None => 0,
            Some(_) if text.starts_with("==") || text.starts_with("!=") => 2,
            Some(c) if is_symbol(c) => 1,
            Some(_) => text
                .find(|c: char| is_symbol(c) || c.is_whitespace())
                .unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at(length);
        self.rest = rest;
        token
    }
}

fn label(token: &str, wanted: &str) -> Result<String, Refusal> {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    let is_inner = |c: char| is_end(c) || "-_./".contains(c);
    if !token.starts_with(|c: char| is_inner(c)) {
        return Err(expected(token, wanted));
    }
    if !token.starts_with(is_end) || !token.ends_with(is_end) || !token.chars().all(is_inner) {
        return Err(Refusal::bad_request(format!(
            "unable to parse requirement: <nil>: Invalid value: \"{token}\": name part must consist of alphanumeric \
             characters, '-', '_' or '.', and must start and end with an alphanumeric character"
        )));
    }
    Ok(token.to_owned())
}

fn expected(found: &str, wanted: &str) -> Refusal {
    Refusal::bad_request(format!(
        "unable to parse requirement: found '{found}' expected: {wanted}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::LabelSelector;

    fn matches(selector: &str) -> bool {
        let labels = json!({"app": "web", "tier": "front", "size": "12"});
        LabelSelector::parse(selector)
            .expect("the selector is valid")
            .matches(labels.as_object())
    }

    #[test]
    fn a_selector_tests_equality_sets_existence_and_numbers() {
        for yes in [
            "app=web",
            "app==web,tier=front",
            "app in (db, web)",
            "app notin (db)",
            "tier",
            "!canary",
            "canary!=x",
            "size>11",
            "size<13",
            "canary notin (x)",
        ] {
            assert!(matches(yes), "{yes}");
        }
        for no in [
            "app=db",
            "app!=web",
            "app in (db)",
            "app notin (web)",
            "!tier",
            "canary",
            "size>12",
            "app=",
            "canary in (x)",
        ] {
            assert!(!matches(no), "{no}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["a==,=", "a in b", "-a=b", "a in (b", "=", "a b", "!"] {
            assert!(LabelSelector::parse(text).is_err(), "{text}");
        }
    }
}
