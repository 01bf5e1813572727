//! Which of a cluster's Velero installations a call is about: they are told apart by their namespace.

use crate::settings::settings;
use bulkhead_plugin_sdk::Failure;

/// Where Velero installs itself unless it is told otherwise.
const DEFAULT: &str = "velero";

/// A namespace of Velero, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) namespace: String,
    /// Such as `in namespace velero (the default)`.
    pub(crate) words: String,
}

impl Place {
    /// Takes the caller's namespace, else the operator's, else `velero`.
    ///
    /// # Errors
    /// `Invalid` where the operator's settings do not fit.
    pub(crate) fn choose(asked: Option<&str>) -> Result<Self, Failure> {
        let given = |text: &str| !text.is_empty();
        if let Some(asked) = asked.filter(|text| given(text)) {
            return Ok(Self::new(asked, ""));
        }
        let set = settings()?.namespace;
        Ok(match set.as_deref().filter(|text| given(text)) {
            Some(set) => Self::new(set, " (as set)"),
            None => Self::new(DEFAULT, " (the default)"),
        })
    }

    fn new(namespace: &str, how: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            words: format!("in namespace {namespace}{how}"),
        }
    }
}
