//! Why a tool or a host call did not succeed.
//!
//! The same ten cases as in the contract. A message says what is wrong, where, and what to do next: a model reads it
//! and acts on it. It never holds a secret.

use std::fmt;

/// Before the next step: the host writes its own in the same way.
const NEXT: &str = "; next: ";

/// Why a tool or a host call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request is wrong: what, where, and how to mend it.
    Invalid(String),
    /// The gate refused it: no grant covers it.
    Denied(String),
    /// There is no such object, resource type, container or tool.
    NotFound(String),
    /// The object exists already, or has changed since it was read.
    Conflict(String),
    /// A budget of this call is spent: time, host calls, objects, memory or bytes.
    Limit(String),
    /// A person must decide first. The text says how that happens and what to call afterwards.
    NeedsApproval(String),
    /// A person said no.
    Declined(String),
    /// The client gave the call up.
    Cancelled,
    /// The cluster or another backend failed: in its own words, cleaned of secrets.
    Upstream(String),
    /// The plugin itself is at fault.
    Internal(String),
}

impl Failure {
    /// The request is wrong: say what, where, and how to mend it.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    /// There is no such thing: say which, and how to find the ones that exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(message.into())
    }

    /// The plugin itself is at fault: say what it expected.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into())
    }

    /// Returns the case in the contract's spelling, such as `not-found`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Denied(_) => "denied",
            Self::NotFound(_) => "not-found",
            Self::Conflict(_) => "conflict",
            Self::Limit(_) => "limit",
            Self::NeedsApproval(_) => "needs-approval",
            Self::Declined(_) => "declined",
            Self::Cancelled => "cancelled",
            Self::Upstream(_) => "upstream",
            Self::Internal(_) => "internal",
        }
    }

    /// Returns the message; empty for [`Failure::Cancelled`].
    pub fn message(&self) -> &str {
        match self {
            Self::Invalid(message)
            | Self::Denied(message)
            | Self::NotFound(message)
            | Self::Conflict(message)
            | Self::Limit(message)
            | Self::NeedsApproval(message)
            | Self::Declined(message)
            | Self::Upstream(message)
            | Self::Internal(message) => message,
            Self::Cancelled => "",
        }
    }

    /// Says what to do next, where the message does not say so already.
    #[must_use]
    pub fn next_step(self, step: &str) -> Self {
        if self.message().contains(NEXT) {
            return self;
        }
        self.with_next(self.message().to_owned(), step)
    }

    /// Returns the message without its next step, and the next step; none where the message has none. It is the last one: the API
    /// server's own words may hold another.
    pub(crate) fn parted(&self) -> (&str, Option<&str>) {
        let message = self.message();
        // From the front: a search from the back would be half a kilobyte more in each component.
        let last = message.split(NEXT).last().unwrap_or(message);
        let before = message.len().checked_sub(NEXT.len() + last.len());
        match before.and_then(|end| message.get(..end)) {
            Some(why) => (why, Some(last)),
            None => (message, None),
        }
    }

    /// Returns a failure of this kind with another message and next step; [`Failure::Cancelled`] has none.
    pub(crate) fn with_next(&self, mut text: String, step: &str) -> Self {
        text.push_str(NEXT);
        text.push_str(step);
        match self {
            Self::Invalid(_) => Self::Invalid(text),
            Self::Denied(_) => Self::Denied(text),
            Self::NotFound(_) => Self::NotFound(text),
            Self::Conflict(_) => Self::Conflict(text),
            Self::Limit(_) => Self::Limit(text),
            Self::NeedsApproval(_) => Self::NeedsApproval(text),
            Self::Declined(_) => Self::Declined(text),
            Self::Upstream(_) => Self::Upstream(text),
            Self::Internal(_) => Self::Internal(text),
            Self::Cancelled => Self::Cancelled,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            "" => f.write_str(self.kind()),
            message => write!(f, "{}: {message}", self.kind()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_reads_as_its_kind_and_its_message() {
        assert_eq!(
            Failure::not_found("no pod `x`").to_string(),
            "not-found: no pod `x`"
        );
        assert_eq!(Failure::Cancelled.to_string(), "cancelled");
    }

    #[test]
    fn the_first_next_step_stands_at_the_end_of_the_message() {
        let failure = Failure::not_found("no pod `x`")
            .next_step("list the pods")
            .next_step("give up");
        assert_eq!(failure.message(), "no pod `x`; next: list the pods");
        assert_eq!(Failure::Cancelled.next_step("anything"), Failure::Cancelled);
    }
}
