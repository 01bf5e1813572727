//! URIs of resources, and templates of them: RFC 6570, level 1.
//!
//! A plugin's URIs have a scheme of its own, so that a client never takes one for a file or a page of the web, and an operator
//! who reads one knows whose it is.

use serde::{Deserialize, Serialize};

use super::words::is_word;
use crate::failure::shown;

/// Longest URI and longest template, in bytes.
const MAX_BYTES: usize = 512;

/// Schemes that mean something to a client already.
const TAKEN_SCHEMES: [&str; 5] = ["data", "file", "http", "https", "ui"];

/// Why a text is no URI of a resource, or no template of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Longer than any is.
    #[error("is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A space, a control character, or what is not ASCII.
    #[error("has a character that no URI has: what is not printable ASCII is percent-encoded")]
    Character,
    /// Relative, or in capitals.
    #[error("does not begin with a scheme in small letters, such as `library:`")]
    NoScheme,
    /// One that is not the plugin's.
    #[error("has the scheme `{0}`, which means something else to clients: take one of your own")]
    TakenScheme(String),
    /// Nothing but the scheme.
    #[error("has nothing behind its scheme")]
    Empty,
    /// A template among the resources.
    #[error("has braces: a URI with variables belongs to the templates")]
    Braces,
    /// A resource among the templates.
    #[error("has no variable: a URI without one belongs to the resources")]
    NoVariable,
    /// `{` without `}`, or the other way round.
    #[error("has a brace without its other half")]
    Unbalanced,
    /// An operator, a list or a name that is none: level 1 has names alone.
    #[error("has `{{{0}}}`, which is no variable: write {{[a-z][a-z0-9_]*}}")]
    Variable(String),
    /// One name for two values.
    #[error("has the variable `{0}` twice")]
    Twice(String),
    /// Where one ends could not be told.
    #[error("has two variables side by side")]
    SideBySide,
}

/// Returns the scheme of a URI; none where it has none.
pub(crate) fn scheme(uri: &str) -> Option<&str> {
    uri.split_once(':').map(|(scheme, _)| scheme)
}

/// Checks the fixed URI of a resource.
///
/// # Errors
/// What is wrong with it first.
pub(super) fn check(uri: &str) -> Result<(), UriError> {
    check_absolute(uri)?;
    if uri.contains(['{', '}']) {
        return Err(UriError::Braces);
    }
    Ok(())
}

fn check_absolute(text: &str) -> Result<(), UriError> {
    if text.len() > MAX_BYTES {
        return Err(UriError::TooLong);
    }
    if !text.bytes().all(|c| c.is_ascii_graphic()) {
        return Err(UriError::Character);
    }
    let (scheme, rest) = text.split_once(':').ok_or(UriError::NoScheme)?;
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
    if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.chars().all(known) {
        return Err(UriError::NoScheme);
    }
    if TAKEN_SCHEMES.contains(&scheme) {
        return Err(UriError::TakenScheme(scheme.to_owned()));
    }
    if rest.trim_matches('/').is_empty() {
        return Err(UriError::Empty);
    }
    Ok(())
}

/// A template of URIs. A variable stands for one or more characters but `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UriTemplate {
    text: String,
    /// What stands before the first variable.
    head: String,
    /// Each variable, and what stands behind it: nothing only behind the last one.
    variables: Vec<(String, String)>,
}

impl UriTemplate {
    /// Returns the template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the names of its variables, in their order; at least one.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// Whether the template can become this URI.
    #[must_use]
    pub fn matches(&self, uri: &str) -> bool {
        self.rest(uri).is_some_and(is_value)
    }

    /// What is left of a URI for the last variable.
    fn rest<'a>(&self, uri: &'a str) -> Option<&'a str> {
        let (last, others) = self.variables.split_last()?;
        let mut rest = uri.strip_prefix(&self.head)?.strip_suffix(&last.1)?;
        for (_, behind) in others {
            // The leftmost end leaves the most text for the variables behind, so there is no need to go back. A value has one
            // character at least.
            let first = rest.chars().next()?.len_utf8();
            let end = first + rest.get(first..)?.find(behind)?;
            let (value, from) = rest.split_at_checked(end)?;
            if !is_value(value) {
                return None;
            }
            rest = from.strip_prefix(behind)?;
        }
        Some(rest)
    }
}

/// Whether a text of a URI can be the value of a variable.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|c| c.is_ascii_graphic() && !b"/{}".contains(&c))
}

impl TryFrom<String> for UriTemplate {
    type Error = UriError;

    fn try_from(text: String) -> Result<Self, UriError> {
        check_absolute(&text)?;
        let mut pieces = text.split('{');
        let head = pieces.next().unwrap_or_default().to_owned();
        if head.contains('}') {
            return Err(UriError::Unbalanced);
        }
        // A variable in the scheme's place would be anybody's scheme.
        if scheme(&head).is_none() {
            return Err(UriError::NoScheme);
        }
        let mut variables: Vec<(String, String)> = Vec::new();
        for piece in pieces {
            let (name, behind) = piece.split_once('}').ok_or(UriError::Unbalanced)?;
            if behind.contains('}') {
                return Err(UriError::Unbalanced);
            }
            if !is_word(name, 64, '_') {
                return Err(UriError::Variable(shown(name)));
            }
            if variables.iter().any(|(other, _)| other == name) {
                return Err(UriError::Twice(name.to_owned()));
            }
            if variables
                .last()
                .is_some_and(|(_, behind)| behind.is_empty())
            {
                return Err(UriError::SideBySide);
            }
            variables.push((name.to_owned(), behind.to_owned()));
        }
        if variables.is_empty() {
            return Err(UriError::NoVariable);
        }
        Ok(Self {
            text,
            head,
            variables,
        })
    }
}

impl From<UriTemplate> for String {
    fn from(template: UriTemplate) -> Self {
        template.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn template(text: &str) -> Result<UriTemplate, UriError> {
        UriTemplate::try_from(text.to_owned())
    }

    #[test]
    fn a_uri_has_a_scheme_of_the_plugins_own() {
        for right in ["library://pods", "a+b.c-1:x", "library:pods?all=1"] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in ["pods", "/pods", "Library://pods", "1a:x", ":x", "a_b:x"] {
            assert_eq!(check(wrong), Err(UriError::NoScheme), "{wrong}");
        }
        for taken in ["http", "https", "file", "ui", "data"] {
            let error = UriError::TakenScheme(taken.to_owned());
            assert_eq!(check(&format!("{taken}://pods")), Err(error));
        }
        for odd in [
            "library://a b",
            "library://a\n",
            "library://ä",
            "library://\u{202e}",
        ] {
            assert_eq!(check(odd), Err(UriError::Character), "{odd}");
        }
        assert_eq!(check("library://"), Err(UriError::Empty));
        assert_eq!(check("library:"), Err(UriError::Empty));
        assert_eq!(check("library://{name}"), Err(UriError::Braces));
        let longest = format!("a:{}", "x".repeat(510));
        assert_eq!(check(&longest), Ok(()));
        assert_eq!(check(&(longest + "x")), Err(UriError::TooLong));
    }

    #[test]
    fn a_template_is_of_level_one() {
        let variable = |text: &str| Err(UriError::Variable(text.to_owned()));
        for (text, error) in [
            ("library://pods", Err(UriError::NoVariable)),
            ("library://{name", Err(UriError::Unbalanced)),
            ("library://name}", Err(UriError::Unbalanced)),
            ("library://{a}}", Err(UriError::Unbalanced)),
            ("library://{{a}", Err(UriError::Unbalanced)),
            ("library://{+name}", variable("+name")),
            ("library://{a,b}", variable("a,b")),
            ("library://{a*}", variable("a*")),
            ("library://{}", variable("")),
            ("library://{a}/{a}", Err(UriError::Twice("a".to_owned()))),
            ("library://{a}{b}", Err(UriError::SideBySide)),
            ("{scheme}://x", Err(UriError::NoScheme)),
            (
                "file:///{path}",
                Err(UriError::TakenScheme("file".to_owned())),
            ),
        ] {
            assert_eq!(template(text), error, "{text}");
        }
        let two = template("library://{namespace}/{name}").unwrap();
        assert_eq!(two.variables().collect::<Vec<_>>(), ["namespace", "name"]);
        assert_eq!(two.as_str(), "library://{namespace}/{name}");
    }

    #[test]
    fn a_variable_is_one_or_more_characters_but_a_slash() {
        for (text, uri, matches) in [
            ("library://pods/{name}", "library://pods/web-0", true),
            ("library://pods/{name}", "library://pods/a%2Fb", true),
            ("library://pods/{name}", "library://pods/", false),
            ("library://pods/{name}", "library://pods", false),
            ("library://pods/{name}", "library://pods/a/b", false),
            ("library://pods/{name}", "library://pods/a b", false),
            ("library://pods/{name}", "library://pods/{name}", false),
            ("library://pods/{name}", "other://pods/web-0", false),
            ("library://{a}/{b}", "library://x/y", true),
            ("library://{a}/{b}", "library:///y", false),
            ("library://{a}/{b}", "library://x/", false),
            ("a:{x}-{y}-z", "a:1-2-z", true),
            ("a:{x}-{y}-z", "a:-z", false),
            ("a:{x}-z", "a:1-z-z", true),
            ("a:{x}ab{y}", "a:aab1", true),
        ] {
            assert_eq!(
                template(text).unwrap().matches(uri),
                matches,
                "{text} {uri}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_a_template_becomes_matches_it(a in "[a-z%-]{1,6}", b in "[a-z%-]{1,6}") {
            let text = template("library://x-{a}/{b}.y").unwrap();
            let uri = format!("library://x-{a}/{b}.y");
            assert!(text.matches(&uri), "{uri}");
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "a:[a{}/ä-]{0,12}", uri in "a:[a/ä-]{0,8}") {
            if let Ok(template) = template(&text) {
                assert!(!template.matches(&uri) || uri.starts_with("a:"));
            }
        }
    }
}
