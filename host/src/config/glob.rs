//! Patterns over names: `*` is any run of characters, everything else is itself.
//!
//! Matching takes time linear in pattern and text, so that no pattern can be made slow by a name.

use std::fmt;
use std::str::FromStr;

/// A pattern over names. `team-*` matches `team-a` and `team-`; it does not match `a-team-b`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob(String);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// It matches nothing.
    #[error("a pattern is empty")]
    Empty,
    /// A character that no name has, or that means something in other patterns.
    #[error("`{0}` has the character {1:?}, which no name has; only `*` is special")]
    Character(String, char),
}

impl Glob {
    /// Returns the pattern that matches every name.
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// Returns a pattern over texts that may have any characters, such as keys of objects; an empty one matches the empty text.
    pub(crate) fn any_text(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches every name.
    pub fn is_all(&self) -> bool {
        self.0.chars().all(|c| c == '*')
    }

    /// Whether `text` as a whole matches.
    pub fn matches(&self, text: &str) -> bool {
        let Some((head, rest)) = self.0.split_once('*') else {
            return self.0 == text;
        };
        let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(text) = text.strip_prefix(head) else {
            return false;
        };
        let Some(mut text) = text.strip_suffix(tail) else {
            return false;
        };
        // Taking the leftmost place for each piece leaves the most text for those that follow: no need to go back.
        for piece in middle.split('*') {
            let Some((_, after)) = text.split_once(piece) else {
                return false;
            };
            text = after;
        }
        true
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        // Names of objects may be any segment of a path; in practice these, `system:node` included.
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.:*".contains(c);
        match text.chars().find(|c| !known(*c)) {
            Some(character) => Err(GlobError::Character(text.to_owned(), character)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Glob, GlobError};

    fn glob(text: &str) -> Glob {
        text.parse().unwrap()
    }

    /// What a pattern means, in the plainest way.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            Some((first, rest)) => text.first() == Some(first) && naive(rest, &text[1..]),
        }
    }

    #[test]
    fn a_star_is_any_run_of_characters() {
        assert!(glob("*").matches(""));
        assert!(glob("team-*").matches("team-"));
        assert!(glob("team-*").matches("team-a"));
        assert!(!glob("team-*").matches("a-team-b"));
        assert!(glob("*-api-*").matches("shop-api-1"));
        assert!(!glob("aba*aba").matches("aba"));
        assert!(glob("a.c").matches("a.c"));
        assert!(!glob("a.c").matches("abc"));
    }

    #[test]
    fn only_stars_match_everything() {
        assert!(glob("*").is_all());
        assert!(glob("**").is_all());
        assert!(!glob("*a").is_all());
    }

    #[test]
    fn what_is_special_elsewhere_is_refused() {
        assert_eq!("".parse::<Glob>(), Err(GlobError::Empty));
        for text in ["a?", "[ab]", "{a,b}", "!a", "a b", "a/b", "ä", "a\n"] {
            assert!(
                matches!(text.parse::<Glob>(), Err(GlobError::Character(..))),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn it_matches_what_the_naive_matcher_matches(pattern in "[ab*]{1,8}", text in "[ab]{0,10}") {
            assert_eq!(glob(&pattern).matches(&text), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
