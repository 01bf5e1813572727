//! The call that is being answered.

use crate::bindings::bulkhead::plugin::context::Level;
use crate::{Failure, Time, host};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The namespace to use where the caller named none.
pub fn default_namespace() -> String {
    host::current().default_namespace()
}

/// The name of the kubeconfig context, or `in-cluster`.
pub fn cluster_name() -> String {
    host::current().cluster_name()
}

/// The operator's `[plugins.KEY.settings]` table. Give every field a default: most operators set nothing.
///
/// # Errors
/// [`Failure::Invalid`] where the table does not fit `T`.
pub fn settings<T: DeserializeOwned>() -> Result<T, Failure> {
    serde_json::from_str(&host::current().settings())
        .map_err(|error| Failure::Invalid(format!("the plugin's settings do not fit: {error}")))
}

/// What is left of this call's wall time.
pub fn remaining() -> Duration {
    Duration::from_millis(host::current().remaining_milliseconds().into())
}

/// The time on the host's clock.
///
/// # Errors
/// [`Failure::Internal`] where the host's answer is no time.
pub fn now() -> Result<Time, Failure> {
    let now = host::current().now();
    Time::parse(&now).ok_or_else(|| {
        Failure::Internal(format!("the host's clock says `{now}`, which is no time"))
    })
}

/// Tells the client how far the call is; dropped where the client did not ask for progress.
pub fn progress(done: f64, total: Option<f64>, message: &str) {
    host::current().progress(done, total, message);
}

/// A line for the operator's log, never for the model.
pub fn log(message: &str) {
    host::current().log(Level::Info, message);
}

/// A line for the operator's log about something that should not be so.
pub fn log_warning(message: &str) {
    host::current().log(Level::Warn, message);
}
