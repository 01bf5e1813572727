//! What an operator sets under `[plugins.velero.settings]`.

use bulkhead_plugin_sdk::{Failure, context};
use serde_json::{Map, Value};

/// The operator's settings. Every one has a default.
#[derive(Default)]
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
    let mut settings = Settings::default();
    let Value::Object(table) = context::settings()? else {
        return Err(unfit("they are no table"));
    };
    for (key, value) in table {
        match (key.as_str(), value) {
            ("namespace", Value::String(namespace)) => settings.namespace = Some(namespace),
            ("objectives", Value::Object(objectives)) => settings.objectives = Some(objectives),
            ("namespace", _) => return Err(unfit("`namespace` is no text")),
            ("objectives", _) => return Err(unfit("`objectives` is no table")),
            (other, _) => return Err(unfit(&format!("there is no `{other}`"))),
        }
    }
    Ok(settings)
}

fn unfit(why: &str) -> Failure {
    Failure::invalid(format!("the plugin's settings do not fit: {why}"))
        .next_step("tell the operator: under `[plugins.velero.settings]` stand `namespace`, a text, and `objectives`, a table")
}
