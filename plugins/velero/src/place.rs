//! Which of a cluster's Velero installations a call is about: they are told apart by their namespace.

use crate::settings::settings;
use bulkhead_plugin_sdk::arguments::Argument;
use bulkhead_plugin_sdk::{Failure, Place};

/// Where Velero installs itself unless it is told otherwise.
const DEFAULT: &str = "velero";

/// Where Velero is installed.
pub(crate) const NAMESPACE: &[Argument] = &[Argument::text(
    "namespace",
    "Where Velero is installed; the operator's setting where left out.",
)];

/// Takes the caller's namespace, else the operator's, else `velero`.
///
/// # Errors
/// `Invalid` where the operator's settings do not fit.
pub(crate) fn choose(asked: Option<&str>) -> Result<Place, Failure> {
    let given = |text: &str| !text.is_empty();
    if let Some(asked) = asked.filter(|text| given(text)) {
        return Ok(Place::new(asked, ""));
    }
    let set = settings()?.namespace;
    Ok(match set.as_deref().filter(|text| given(text)) {
        Some(set) => Place::new(set, " (as set)"),
        None => Place::new(DEFAULT, " (the default)"),
    })
}
