//! Lists of patterns, each over names of one kind: a pattern that can match no such name is a mistake.

use super::super::glob::Glob;
use super::super::problem::{At, Report};

/// Whose names a pattern is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamesOf {
    Namespaces,
    Objects,
    Plugins,
    Prompts,
    Resources,
    Tools,
}

impl NamesOf {
    fn have(self, c: char) -> bool {
        let small = c.is_ascii_lowercase() || c.is_ascii_digit() || c == '*';
        match self {
            Self::Namespaces | Self::Plugins => small || c == '-',
            Self::Prompts | Self::Resources | Self::Tools => small || c == '_',
            // Any segment of a path can be one, and a pattern holds no other characters.
            Self::Objects => true,
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Namespaces => "names of namespaces have small letters, digits and `-`",
            Self::Plugins => "keys of plugins have small letters, digits and `-`",
            Self::Prompts => "names of prompts have small letters, digits and `_`",
            Self::Resources => {
                "resources and templates are enabled by their names, which have small letters, digits and `_`"
            }
            Self::Tools => "names of tools have small letters, digits and `_`",
            Self::Objects => "write a name, with `*` for any run of characters",
        }
    }
}

/// Returns the patterns that are right, and reports the others; `absent` says what leaving the key out means.
pub(super) fn patterns(
    texts: At<Vec<At<String>>>,
    of: NamesOf,
    absent: &str,
    report: &mut Report<'_>,
) -> Vec<Glob> {
    if texts.value.is_empty() {
        report.add(
            &texts.place,
            "the list is empty, so it matches nothing",
            absent,
        );
    }
    patterns_or_none(texts, of, report)
}

/// The same where an empty list has a meaning: nothing.
pub(super) fn patterns_or_none(
    texts: At<Vec<At<String>>>,
    of: NamesOf,
    report: &mut Report<'_>,
) -> Vec<Glob> {
    let mut globs = Vec::new();
    for text in texts.value {
        match text.value.parse::<Glob>() {
            Ok(glob) if glob.as_str().chars().all(|c| of.have(c)) => globs.push(glob),
            Ok(glob) => report.add(
                &text.place,
                format!("`{glob}` can match nothing"),
                of.rule(),
            ),
            Err(error) => report.add(&text.place, error.to_string(), of.rule()),
        }
    }
    globs
}
