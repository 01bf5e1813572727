//! The one outward error.
//!
//! Each module has its own error type beside the code that raises it; on its way to a guest or a client it becomes a
//! [`Failure`]: a kind, a sentence, and the next step. A message never repeats its source's text: [`chain`] is the only
//! printer. Whoever makes a failure from foreign words (an API server's, a plugin's) cleans them first.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What stands before the next step, in every text of a failure.
pub(crate) const NEXT: &str = "; next: ";

/// What went wrong, by what the caller can do about it. The same cases as the contract's `failure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The request is wrong.
    Invalid,
    /// The gate or the API server refused it.
    Denied,
    /// There is no such thing.
    NotFound,
    /// It exists already, or has moved on.
    Conflict,
    /// A budget is spent.
    Limit,
    /// A person must decide first.
    NeedsApproval,
    /// A person said no.
    Declined,
    /// The client gave the call up.
    Cancelled,
    /// The cluster or another backend failed.
    Upstream,
    /// The plugin is at fault.
    Plugin,
    /// Bulkhead itself is at fault.
    Bug,
}

impl Kind {
    /// Returns the word that a client reads: `not-found`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Limit => "limit",
            Self::NeedsApproval => "needs-approval",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Upstream => "upstream",
            Self::Plugin => "plugin",
            Self::Bug => "bug",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed operation, fit to be shown.
#[derive(Debug)]
pub struct Failure {
    /// Decides how it is reported.
    pub kind: Kind,
    /// A sentence that names the thing and the reason.
    pub message: String,
    /// The next step; none where the message says it all.
    pub fix: Option<String>,
    /// Whether the API server did not take our credentials, so that the connection must be made anew.
    unauthorized: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// Makes a failure without a next step.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fix: None,
            unauthorized: false,
            source: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Marks the API server's 401.
    pub(crate) fn unauthorized(mut self) -> Self {
        self.unauthorized = true;
        self
    }

    /// Whether the API server did not take our credentials.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.unauthorized
    }

    /// Keeps the cause, for [`chain`].
    #[must_use]
    pub fn source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Returns message, causes and next step as one text: what a model or a person reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = chain(self);
        if let Some(fix) = &self.fix {
            text.push_str(NEXT);
            text.push_str(fix);
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}

/// A word of a stranger as a message repeats it: its first 64 characters, escaped. It may be anything.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .take(64)
        .flat_map(char::escape_default)
        .collect()
}

/// Prints an error and its causes, outermost first: `failed to read x: permission denied`.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        // Foreign libraries often repeat their source in their own words.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_word_is_short_and_on_its_line() {
        assert_eq!(shown("a\n`b`\u{202e}"), "a\\n`b`\\u{202e}");
        assert_eq!(shown(&"x".repeat(99)).len(), 64);
    }

    #[test]
    fn a_chain_names_each_cause_once() {
        let inner = std::io::Error::other("disk on fire");
        let failure = Failure::new(Kind::Upstream, "failed to read `x`")
            .source(inner)
            .fix("put it out");
        assert_eq!(
            failure.text(),
            "failed to read `x`: disk on fire; next: put it out"
        );
    }
}
