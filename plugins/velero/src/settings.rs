//! What an operator sets under `[plugins.velero.settings]`.

use bulkhead_plugin_sdk::{Failure, context};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The operator's settings. Every one has a default.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where Velero is installed; `velero` where nothing is set.
    pub(crate) namespace: Option<String>,
    /// How old the newest good backups may be; [`objectives`](crate::judging::objectives) checks it.
    pub(crate) objectives: Option<Map<String, Value>>,
}

/// Returns the operator's settings.
///
/// # Errors
/// `Invalid` where they do not fit.
pub(crate) fn settings() -> Result<Settings, Failure> {
    context::settings()
}
