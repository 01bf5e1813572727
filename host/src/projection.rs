//! Paths into objects, and rows made of them.
//!
//! `metadata.name`, `spec.containers[*].image`, `spec.containers[0].image`, `metadata.labels['app.kubernetes.io/name']`.
//! A path that leads nowhere gives `null`, so that a row always has as many cells as there are paths.

use serde_json::Value;

/// Most characters of a path, and most steps: a guest writes them.
const MAX_PATH_BYTES: usize = 512;
const MAX_STEPS: usize = 32;

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    All,
}

/// A path that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path `{path}` is wrong at character {at}: {reason}")]
pub struct PathError {
    path: String,
    at: usize,
    reason: &'static str,
}

impl Path {
    /// Parses a path.
    ///
    /// # Errors
    /// [`PathError`] with the place and the reason.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Parser {
            text,
            rest: text,
            steps: Vec::new(),
        }
        .parse()
    }

    /// Whether the value stands in an object's metadata.
    #[must_use]
    pub fn is_metadata(&self) -> bool {
        matches!(self.steps.as_slice(), [Step::Key(first), _, ..] if first == "metadata")
    }

    /// Returns the keys of the path, without indices.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) | Step::All => None,
        })
    }

    /// Whether it has a `[*]`, so that it gives a list.
    #[must_use]
    pub fn is_of_many(&self) -> bool {
        self.steps.contains(&Step::All)
    }

    /// Returns the value at the path: `null` where there is none, a list for a path with `[*]`.
    #[must_use]
    pub fn of(&self, value: &Value) -> Value {
        select(value, &self.steps)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn select(value: &Value, steps: &[Step]) -> Value {
    let Some((step, rest)) = steps.split_first() else {
        return value.clone();
    };
    match step {
        Step::Key(key) => value
            .get(key)
            .map_or(Value::Null, |value| select(value, rest)),
        Step::Index(index) => value
            .get(*index)
            .map_or(Value::Null, |value| select(value, rest)),
        Step::All => match value {
            Value::Array(items) => items.iter().map(|item| select(item, rest)).collect(),
            _ => Value::Null,
        },
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    steps: Vec<Step>,
}

impl Parser<'_> {
    fn parse(mut self) -> Result<Path, PathError> {
        if self.text.len() > MAX_PATH_BYTES {
            return Err(self.error("it is longer than 512 bytes"));
        }
        while !self.rest.is_empty() {
            if self.steps.len() == MAX_STEPS {
                return Err(self.error("it has more than 32 steps"));
            }
            if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                self.bracket()?;
            } else {
                if !self.steps.is_empty() {
                    self.rest = self
                        .rest
                        .strip_prefix('.')
                        .ok_or_else(|| self.error("a `.` or `[` belongs here"))?;
                }
                self.key()?;
            }
        }
        if self.steps.is_empty() {
            return Err(self.error("it is empty"));
        }
        Ok(Path {
            text: self.text.to_owned(),
            steps: self.steps,
        })
    }

    fn key(&mut self) -> Result<(), PathError> {
        let end = self.rest.find(['.', '[']).unwrap_or(self.rest.len());
        let (key, rest) = self.rest.split_at(end);
        if key.is_empty() || key.contains([']', '\'', '"', '*']) {
            return Err(self.error("a key belongs here; put one with other characters into ['…']"));
        }
        self.steps.push(Step::Key(key.to_owned()));
        self.rest = rest;
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), PathError> {
        if let Some(rest) = self.rest.strip_prefix("*]") {
            self.steps.push(Step::All);
            self.rest = rest;
            return Ok(());
        }
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let (key, rest) = quoted
                .split_once("']")
                .ok_or_else(|| self.error("`['` without `']`"))?;
            self.steps.push(Step::Key(key.to_owned()));
            self.rest = rest;
            return Ok(());
        }
        let (index, rest) = self
            .rest
            .split_once(']')
            .ok_or_else(|| self.error("`[` without `]`"))?;
        let index = index
            .parse()
            .map_err(|_| self.error("an index, `*` or a quoted key belongs here"))?;
        self.steps.push(Step::Index(index));
        self.rest = rest;
        Ok(())
    }

    fn error(&self, reason: &'static str) -> PathError {
        let mut path = self.text.to_owned();
        path.truncate(path.floor_char_boundary(64));
        PathError {
            path,
            at: self.text.len() - self.rest.len(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(path: &str, value: &Value) -> Value {
        Path::parse(path).unwrap().of(value)
    }

    #[test]
    fn a_path_finds_keys_indices_and_lists() {
        let pod = json!({
            "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "shop"}},
            "spec": {"containers": [{"image": "a"}, {"image": "b"}, {}]},
        });
        assert_eq!(at("metadata.name", &pod), json!("web"));
        assert_eq!(
            at("metadata.labels['app.kubernetes.io/name']", &pod),
            json!("shop")
        );
        assert_eq!(
            at("spec.containers[*].image", &pod),
            json!(["a", "b", null])
        );
        assert_eq!(at("spec.containers[1].image", &pod), json!("b"));
        assert_eq!(at("spec.containers[7].image", &pod), Value::Null);
        assert_eq!(at("status.phase", &pod), Value::Null);
    }

    #[test]
    fn only_paths_below_metadata_count_as_metadata() {
        assert!(Path::parse("metadata.name").unwrap().is_metadata());
        assert!(!Path::parse("metadata").unwrap().is_metadata());
        assert!(!Path::parse("metadataX.name").unwrap().is_metadata());
    }

    #[test]
    fn a_wrong_path_names_the_place() {
        for (path, at) in [
            ("", 0),
            ("a..b", 2),
            ("a[", 2),
            ("a[x]", 2),
            ("a['b", 2),
            ("a]b", 0),
            ("a[*]b", 4),
        ] {
            assert_eq!(Path::parse(path).unwrap_err().at, at, "{path}");
        }
        assert!(Path::parse(&"a.".repeat(40)).is_err());
        assert!(Path::parse(&"a".repeat(600)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}") {
            if let Ok(path) = Path::parse(&text) {
                drop(path.of(&json!({"a": [1, {"b": 2}]})));
            }
        }
    }
}
