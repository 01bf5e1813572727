//! Which fields of an object a change may set: paths, each of which covers the value there and everything below it.
//!
//! The syntax is that of `projection`: `spec.replicas`, `spec.containers[*].image`, `metadata.labels['app.kubernetes.io/name']`.
//! What cannot be read is covered by nothing, so that an odd key can only ever make a change refused.

use std::fmt;
use std::str::FromStr;

/// Most steps of a pattern: no object of Kubernetes nests as deep.
const MAX_STEPS: usize = 32;

/// A path that covers the value there and everything below it. `[*]` is any index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPattern {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    AnyIndex,
}

/// Why a text is no pattern of fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// It would cover every field, which an absent list does.
    #[error("a path is empty")]
    Empty,
    /// A `*` that does not stand for an index.
    #[error("`{0}` has a `*` that stands for no index; a path covers everything below it already")]
    Star(String),
    /// More steps than any object has.
    #[error("`{0}` has more than {MAX_STEPS} steps")]
    TooDeep(String),
    /// Anything else.
    #[error("`{0}` is not a path")]
    Syntax(String),
}

impl FieldPattern {
    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a value at `path` is set by right of this pattern: it stands there or below.
    pub fn covers(&self, path: &str) -> bool {
        let Some(asked) = steps(path) else {
            return false;
        };
        self.steps.len() <= asked.len()
            && self
                .steps
                .iter()
                .zip(&asked)
                .all(|(mine, asked)| match (mine, asked) {
                    (Step::AnyIndex, Step::Index(_) | Step::AnyIndex) => true,
                    (Step::Key(_) | Step::Index(_) | Step::AnyIndex, _) => mine == asked,
                })
    }
}

impl fmt::Display for FieldPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for FieldPattern {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        if text.is_empty() {
            return Err(FieldError::Empty);
        }
        let Some(steps) = steps(text) else {
            let star = text.replace("[*]", "").contains('*');
            return Err(if star {
                FieldError::Star(text.to_owned())
            } else {
                FieldError::Syntax(text.to_owned())
            });
        };
        if steps.len() > MAX_STEPS {
            return Err(FieldError::TooDeep(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }
}

/// Takes a path apart; `None` where it is none.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let step;
        (step, rest) = match rest.strip_prefix('[') {
            Some(bracket) => in_brackets(bracket)?,
            None if steps.is_empty() => bare_key(rest)?,
            None => bare_key(rest.strip_prefix('.')?)?,
        };
        steps.push(step);
    }
    (!steps.is_empty()).then_some(steps)
}

fn bare_key(text: &str) -> Option<(Step, &str)> {
    let (key, rest) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    let bare = !key.is_empty() && !key.contains([']', '\'', '"', '*']);
    bare.then(|| (Step::Key(key.to_owned()), rest))
}

fn in_brackets(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix("*]") {
        return Some((Step::AnyIndex, rest));
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let (key, rest) = quoted.split_once("']")?;
        return Some((Step::Key(key.to_owned()), rest));
    }
    let (digits, rest) = text.split_once(']')?;
    let index = digits.bytes().all(|c| c.is_ascii_digit()) && !digits.is_empty();
    Some((Step::Index(index.then(|| digits.parse().ok())??), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{FieldError, FieldPattern};

    fn covers(pattern: &str, path: &str) -> bool {
        pattern.parse::<FieldPattern>().unwrap().covers(path)
    }

    #[test]
    fn a_path_covers_itself_and_everything_below() {
        assert!(covers("spec.replicas", "spec.replicas"));
        assert!(covers("spec", "spec.template.spec.containers[0].image"));
        assert!(covers("metadata.labels", "metadata.labels['a.b/c']"));
        assert!(!covers("spec.replicas", "spec"));
        assert!(!covers("spec.replica", "spec.replicas"));
        assert!(!covers("spec.replicas", "status.replicas"));
    }

    #[test]
    fn a_star_in_brackets_is_any_index_and_a_number_is_that_one() {
        let image = "spec.containers[*].image";
        assert!(covers(image, "spec.containers[0].image"));
        assert!(covers(image, "spec.containers[17].image"));
        assert!(!covers(image, "spec.containers[0].command[0]"));
        assert!(!covers(image, "spec.containers"));
        assert!(!covers(image, "spec.containers.image"));
        assert!(covers("spec.containers[1]", "spec.containers[1].image"));
        assert!(!covers("spec.containers[1]", "spec.containers[0].image"));
        // Every item is more than the one that is granted.
        assert!(!covers("spec.containers[1]", "spec.containers[*].image"));
    }

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        assert!(covers("metadata.labels['app']", "metadata.labels.app"));
        assert!(covers("metadata.labels.app", "metadata.labels['app']"));
        assert!(!covers("metadata.labels['a']", "metadata.labels['a.b']"));
    }

    #[test]
    fn what_is_no_path_is_no_pattern_and_is_covered_by_nothing() {
        let wrong = [
            ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[+1]", "a['b'", "a]b", "a[0]b",
        ];
        for text in wrong {
            let parsed = text.parse::<FieldPattern>();
            assert_eq!(parsed, Err(FieldError::Syntax(text.to_owned())), "{text}");
            assert!(!covers("a", text) || text == "a", "{text}");
        }
        assert_eq!("".parse::<FieldPattern>(), Err(FieldError::Empty));
        for text in ["*", "spec.*", "spec.**", "metadata.labels.app-*"] {
            let parsed = text.parse::<FieldPattern>();
            assert_eq!(parsed, Err(FieldError::Star(text.to_owned())));
        }
        let deep = vec!["a"; 33].join(".");
        assert_eq!(
            deep.parse::<FieldPattern>(),
            Err(FieldError::TooDeep(deep.clone()))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[a-c.\\[\\]'*0-9]{0,24}") {
            if let Ok(pattern) = text.parse::<FieldPattern>() {
                assert!(pattern.covers(&text));
            }
        }
    }
}
