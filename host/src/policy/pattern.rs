//! Patterns over paths of objects: the syntax of paths, with `*` in a key, `[*]` for any item and `**` for any depth.
//!
//! A pattern speaks of all that stands at its place and below. One that begins with `(?i)` takes letters of either case: keys of some
//! maps are names of a program's own, which reads them so.

use std::fmt;

use crate::config::Glob;
use crate::diff::Step;

/// Each of them tries every depth: more would let a large object cost more than it may.
const MAX_ANY_DEPTHS: usize = 2;

/// Before a pattern whose keys are taken in letters of either case.
const ANY_CASE: &str = "(?i)";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathPattern {
    text: String,
    any_case: bool,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Key(Glob),
    Index(usize),
    AnyIndex,
    AnyDepth,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("it is empty")]
    Empty,
    #[error("a key is missing before or after a `.`")]
    NoKey,
    #[error("a `.` or `[` is missing after a `]`")]
    NoSeparator,
    #[error("`[` without its `]`")]
    Unclosed,
    #[error("in `[ ]` stands an index, `*`, or a key in single quotes")]
    NoIndex,
    #[error("`**` stands in it more than {MAX_ANY_DEPTHS} times")]
    TooDeep,
}

impl PathPattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let in_any_case = text.strip_prefix(ANY_CASE).map(str::to_ascii_lowercase);
        let mut rest = in_any_case.as_deref().unwrap_or(text);
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (part, after) = bracket(inner)?;
                parts.push(part);
                rest = after;
                continue;
            }
            if !parts.is_empty() {
                rest = rest.strip_prefix('.').ok_or(PatternError::NoSeparator)?;
            }
            let (key, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            parts.push(match key {
                "" => return Err(PatternError::NoKey),
                "**" => Part::AnyDepth,
                key => Part::Key(Glob::any_text(key)),
            });
            rest = after;
        }
        if parts.is_empty() {
            return Err(PatternError::Empty);
        }
        if parts.iter().filter(|part| **part == Part::AnyDepth).count() > MAX_ANY_DEPTHS {
            return Err(PatternError::TooDeep);
        }
        Ok(Self {
            text: text.to_owned(),
            any_case: in_any_case.is_some(),
            parts,
        })
    }

    /// Whether it names `key` itself as its first step.
    pub(super) fn begins_with(&self, key: &str) -> bool {
        self.parts.first() == Some(&Part::Key(Glob::any_text(key)))
    }

    /// Whether the path is at the pattern's place or below it.
    pub(super) fn covers(&self, path: &[Step<'_>]) -> bool {
        self.takes(path, false)
    }

    /// Whether the path is at the pattern's place.
    pub(super) fn is(&self, path: &[Step<'_>]) -> bool {
        self.takes(path, true)
    }

    fn takes(&self, path: &[Step<'_>], whole: bool) -> bool {
        if !self.any_case {
            return takes(&self.parts, path, whole);
        }
        let lower: Vec<String> = path.iter().map(lower_case).collect();
        let steps = path.iter().zip(&lower);
        let path: Vec<Step<'_>> = steps
            .map(|(step, key)| match step {
                Step::Key(_) => Step::Key(key),
                Step::Index(index) => Step::Index(*index),
            })
            .collect();
        takes(&self.parts, &path, whole)
    }
}

fn lower_case(step: &Step<'_>) -> String {
    match step {
        Step::Key(key) => key.to_ascii_lowercase(),
        Step::Index(_) => String::new(),
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn bracket(inner: &str) -> Result<(Part, &str), PatternError> {
    if let Some(quoted) = inner.strip_prefix('\'') {
        let (key, after) = quoted.split_once("']").ok_or(PatternError::Unclosed)?;
        return Ok((Part::Key(Glob::any_text(key)), after));
    }
    let (index, after) = inner.split_once(']').ok_or(PatternError::Unclosed)?;
    let part = match index {
        "*" => Part::AnyIndex,
        index => Part::Index(index.parse().map_err(|_| PatternError::NoIndex)?),
    };
    Ok((part, after))
}

fn takes(parts: &[Part], path: &[Step<'_>], whole: bool) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        return !whole || path.is_empty();
    };
    if *part == Part::AnyDepth {
        return (0..=path.len()).any(|depth| takes(parts, &path[depth..], whole));
    }
    let Some((step, path)) = path.split_first() else {
        return false;
    };
    let fits = match (part, step) {
        (Part::Key(glob), Step::Key(key)) => glob.matches(key),
        (Part::Index(index), Step::Index(at)) => index == at,
        (Part::AnyIndex, Step::Index(_)) => true,
        (Part::Key(_), Step::Index(_)) | (Part::Index(_) | Part::AnyIndex, Step::Key(_)) => false,
        (Part::AnyDepth, _) => true,
    };
    fits && takes(parts, path, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: [Step<'_>; 4] = [
        Step::Key("spec"),
        Step::Key("containers"),
        Step::Index(1),
        Step::Key("image"),
    ];

    fn covers(pattern: &str, path: &[Step<'_>]) -> bool {
        PathPattern::parse(pattern).unwrap().covers(path)
    }

    #[test]
    fn letters_of_either_case_are_taken_where_a_pattern_says_so() {
        let path = [Step::Key("spec"), Step::Key("Archive_Command")];
        assert!(covers("(?i)spec.*_Command", &path));
        assert!(!covers("spec.*_command", &path));
        assert!(!covers("(?i)spec.*_library", &path));
        let shown = PathPattern::parse("(?i)spec.*_Command").unwrap();
        assert_eq!(shown.to_string(), "(?i)spec.*_Command");
    }

    #[test]
    fn a_pattern_covers_its_place_and_what_is_below() {
        for pattern in [
            "spec",
            "spec.containers",
            "spec.containers[*]",
            "spec.containers[1].image",
            "spec.*[*].image",
            "**",
            "**.image",
            "**.containers[*].image",
            "spec.**.image",
            "['spec']",
            "s*c",
        ] {
            assert!(covers(pattern, &IMAGE), "{pattern}");
        }
        for pattern in [
            "containers",
            "spec.containers[0]",
            "spec.containers.image",
            "spec.containers[*].image.tag",
            "**.name",
            "spec.image",
            "spec[*]",
        ] {
            assert!(!covers(pattern, &IMAGE), "{pattern}");
        }
    }

    #[test]
    fn a_place_is_not_what_is_below_it() {
        let place = PathPattern::parse("spec.containers[*]").unwrap();
        assert!(place.is(&IMAGE[..3]));
        assert!(!place.is(&IMAGE));
    }

    #[test]
    fn a_quoted_key_may_have_any_characters() {
        let path = [
            Step::Key("metadata"),
            Step::Key("annotations"),
            Step::Key("a.b/c-d"),
        ];
        assert!(covers("metadata.annotations['a.b/*']", &path));
        assert!(!covers("metadata.annotations['a.b/']", &path));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (text, error) in [
            ("", PatternError::Empty),
            (".a", PatternError::NoKey),
            ("a..b", PatternError::NoKey),
            ("a.", PatternError::NoKey),
            ("a[0]b", PatternError::NoSeparator),
            ("a[0", PatternError::Unclosed),
            ("a['b]", PatternError::Unclosed),
            ("a[x]", PatternError::NoIndex),
            ("**.a.**.b.**", PatternError::TooDeep),
        ] {
            assert_eq!(PathPattern::parse(text), Err(error), "{text}");
        }
    }
}
