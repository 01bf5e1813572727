//! Who may read what: everything, but for what a test denies.
//!
//! A denial holds for the access review and for the read itself, so that the two never disagree.

/// The only user.
pub(crate) const USER: &str = "sim:admin";

/// What the user may not do. `*` matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Such as `list`.
    pub verb: String,
    /// The core group is the empty string.
    pub group: String,
    /// Such as `pods`, or `pods/log` for a subresource.
    pub resource: String,
    /// None denies it everywhere; a namespace also denies the request over all of them.
    pub namespace: Option<String>,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    /// With its subresource.
    pub(crate) resource: &'a str,
    /// None is the cluster, or all namespaces.
    pub(crate) namespace: Option<&'a str>,
}

impl Denial {
    pub(crate) fn covers(&self, attempt: &Attempt<'_>) -> bool {
        let is = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        is(&self.verb, attempt.verb)
            && is(&self.group, attempt.group)
            && is(&self.resource, attempt.resource)
            && match (self.namespace.as_deref(), attempt.namespace) {
                (None, _) | (Some(_), None) => true,
                (Some(denied), Some(namespace)) => is(denied, namespace),
            }
    }
}
