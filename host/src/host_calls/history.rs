//! The `history` interface: the plugin's own audit records.

use super::HostCalls;
use super::bindings::bulkhead::plugin::history as wit;
use crate::failure::Failure;

impl HostCalls {
    /// Returns audit records of this plugin, the newest first.
    ///
    /// # Errors
    /// As the contract's `records`.
    pub async fn records(&self, _matching: wit::Filter) -> Result<Vec<String>, Failure> {
        self.call.budget.take_host_call()?;
        Ok(Vec::new())
    }
}
