//! What is wrong with a configuration: for a person, with the place and the way out.
//!
//! A [`Report`] collects problems while the text is at hand and turns byte offsets into lines and columns. No problem
//! ever ends the search for further ones. A problem may quote what stands in the file: secrets do not belong there.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: PathBuf,
    /// From 1; `None` where the problem has no place in the text.
    pub line: Option<u32>,
    /// From 1, in characters; `None` like `line`.
    pub column: Option<u32>,
    /// Such as `plugins.generic.grants[0].verbs`; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}\n  fix: {}", self.message, self.fix)
    }
}

/// All that is wrong with a configuration, by line; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The one problem of a file that cannot be looked into.
    pub(crate) fn of_file(file: &Path, message: String, fix: &str) -> Self {
        let file = file.to_path_buf();
        Self(vec![Problem {
            file,
            line: None,
            column: None,
            key: String::new(),
            message,
            fix: fix.to_owned(),
        }])
    }

    /// Returns the problems, by line; never empty.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Such as `plugins.generic.grants[0].verbs`; empty for the file as a whole.
    pub(crate) key: String,
    /// In bytes of the text; `None` where the value does not stand in the text.
    pub(crate) span: Option<Range<usize>>,
}

impl Place {
    /// The same place, called by the name of a key below it.
    pub(super) fn below(&self, key: &str) -> Self {
        Self {
            key: join(&self.key, key),
            span: self.span.clone(),
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// Returns `key` below `parent`, quoted where TOML needs it.
pub(super) fn join(parent: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let key = if bare {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if parent.is_empty() {
        key
    } else {
        format!("{parent}.{key}")
    }
}

/// Problems found so far, and the text that they are in.
pub(crate) struct Report<'a> {
    file: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        Self {
            file,
            text,
            problems: Vec::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        place: &Place,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (line, column) = match &place.span {
            Some(span) => {
                let (line, column) = position(self.text, span.start);
                (Some(line), Some(column))
            }
            None => (None, None),
        };
        let (key, message, fix) = (place.key.clone(), message.into(), fix.into());
        self.problems.push(Problem {
            file: self.file.to_path_buf(),
            line,
            column,
            key,
            message,
            fix,
        });
    }

    /// Whether a problem was found at this very key: what follows from it need not be told.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn into_problems(mut self) -> Problems {
        self.problems
            .sort_by(|a, b| (a.line, a.column, &a.key).cmp(&(b.line, b.column, &b.key)));
        Problems(self.problems)
    }
}

/// Returns line and column of a byte offset, both from 1; the column counts characters.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let lines = before.matches('\n').count();
    let columns = before
        .get(line_start..)
        .map_or(0, |line| line.chars().count());
    let from_one = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    (from_one(lines), from_one(columns))
}

#[cfg(test)]
mod tests {
    use super::{join, position};

    #[test]
    fn a_column_counts_characters_and_not_bytes() {
        assert_eq!(position("a\nüü = 1", 2 + 4), (2, 3));
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        assert_eq!(position("a\nb", 99), (2, 2));
    }

    #[test]
    fn a_key_that_is_not_bare_is_quoted() {
        assert_eq!(join("plugins", "a b"), "plugins.\"a b\"");
        assert_eq!(join("", "plugins"), "plugins");
    }
}
