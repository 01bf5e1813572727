//! Label selectors in Kubernetes' own syntax, matched as the API server matches them.
//!
//! A grant with a selector is enforced twice: the text goes to the API server with the request, and each object that
//! comes back is matched here. The two must agree, so whatever the API server would read differently is refused.
//! Source: k8s.io/apimachinery, pkg/labels/selector.go; <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>.

mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use self::syntax::{key, value};

pub(super) use self::syntax::{is_dns_label, is_dns_subdomain};

/// All of its requirements must hold; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

/// What one label must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    /// `a`: the label is there.
    Exists(String),
    /// `!a`: the label is not there.
    Absent(String),
    /// `a=b`, `a in (b,c)`: the label is there with one of the values; at least one.
    In(String, BTreeSet<String>),
    /// `a!=b`, `a notin (b,c)`: the label has none of the values, or is not there; at least one.
    NotIn(String, BTreeSet<String>),
}

/// Why a text is no label selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// Nothing stands where a requirement should.
    #[error("a requirement is empty")]
    Empty,
    /// Not `prefix/name` or `name` as Kubernetes writes them.
    #[error("`{0}` is not the name of a label")]
    Key(String),
    /// Not a value that a label can have.
    #[error("`{0}` is not a value of a label")]
    Value(String),
    /// What follows the label's name is no operator.
    #[error("`{0}` is neither `=`, `==`, `!=`, `in (…)` nor `notin (…)`")]
    Operator(String),
    /// A parenthesis without its partner, or a list without values.
    #[error("`{0}` needs values in parentheses")]
    Values(String),
}

impl LabelSelector {
    /// Whether the labels match. `labels` gives the value of a label, or `None` where the object does not have it.
    pub fn matches<'a>(&self, labels: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements
            .iter()
            .all(|requirement| match requirement {
                Requirement::Exists(key) => labels(key).is_some(),
                Requirement::Absent(key) => labels(key).is_none(),
                Requirement::In(key, values) => {
                    labels(key).is_some_and(|value| values.contains(value))
                }
                Requirement::NotIn(key, values) => {
                    labels(key).is_none_or(|value| !values.contains(value))
                }
            })
    }
}

/// Writes what the API server reads as the same selector.
impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, values, single, several) = match self {
            Self::Exists(key) => return f.write_str(key),
            Self::Absent(key) => return write!(f, "!{key}"),
            Self::In(key, values) => (key, values, "=", "in"),
            Self::NotIn(key, values) => (key, values, "!=", "notin"),
        };
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        match values[..] {
            [value] => write!(f, "{key}{single}{value}"),
            _ => write!(f, "{key} {several} ({})", values.join(",")),
        }
    }
}

impl FromStr for LabelSelector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let requirements = split_outside_parentheses(text)
            .map(requirement)
            .collect::<Result<_, _>>()?;
        Ok(Self { requirements })
    }
}

/// Splits at the commas that do not stand between values.
fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.split(move |c: char| {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            _ => {}
        }
        c == ',' && !inside
    })
}

fn requirement(text: &str) -> Result<Requirement, SelectorError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(SelectorError::Empty);
    }
    if let Some(name) = text.strip_prefix('!') {
        return Ok(Requirement::Absent(key(name)?));
    }
    let name_end = text
        .find(|c: char| c.is_whitespace() || "=!()<>".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    let (name, rest) = (key(name)?, rest.trim_start());
    if rest.is_empty() {
        return Ok(Requirement::Exists(name));
    }
    if let Some(text) = rest.strip_prefix("!=") {
        return Ok(Requirement::NotIn(name, BTreeSet::from([value(text)?])));
    }
    if let Some(text) = rest.strip_prefix("==").or_else(|| rest.strip_prefix('=')) {
        return Ok(Requirement::In(name, BTreeSet::from([value(text)?])));
    }
    let operator_end = rest
        .find(|c: char| c.is_whitespace() || c == '(')
        .unwrap_or(rest.len());
    match rest.split_at(operator_end) {
        ("in", list) => Ok(Requirement::In(name, values(text, list)?)),
        ("notin", list) => Ok(Requirement::NotIn(name, values(text, list)?)),
        (operator, _) => Err(SelectorError::Operator(operator.to_owned())),
    }
}

/// Reads `(a,b)`. An empty value is refused here: the API server's own reading of `(a,)` is surprising.
fn values(requirement: &str, list: &str) -> Result<BTreeSet<String>, SelectorError> {
    let inner = list
        .trim()
        .strip_prefix('(')
        .and_then(|list| list.strip_suffix(')'));
    let inner = inner.filter(|inner| !inner.trim().is_empty());
    let inner = inner.ok_or_else(|| SelectorError::Values(requirement.to_owned()))?;
    let nonempty = |text: &str| match value(text)? {
        value if value.is_empty() => Err(SelectorError::Value(value)),
        value => Ok(value),
    };
    inner.split(',').map(nonempty).collect()
}
