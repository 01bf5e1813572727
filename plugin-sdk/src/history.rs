//! The audit records of this plugin, and of no other.

pub use crate::bindings::bulkhead::plugin::history::Filter;

use crate::{Failure, host};
use serde_json::Value;

impl Filter {
    /// The newest records of every tool; 1 to 200.
    pub fn newest(limit: u32) -> Self {
        Self {
            tool: None,
            outcome: None,
            change_id: None,
            limit,
        }
    }

    /// Only those of this tool.
    #[must_use]
    pub fn of_tool(mut self, tool: impl Into<String>) -> Self {
        self.tool = Some(tool.into());
        self
    }

    /// Only those with this outcome, such as `applied`, `denied`, `ok`.
    #[must_use]
    pub fn with_outcome(mut self, outcome: impl Into<String>) -> Self {
        self.outcome = Some(outcome.into());
        self
    }

    /// Only those about this change.
    #[must_use]
    pub fn about(mut self, change_id: impl Into<String>) -> Self {
        self.change_id = Some(change_id.into());
        self
    }
}

/// Reads the records that match, the newest first: JSON objects.
///
/// # Errors
/// [`Failure::Invalid`] for a limit out of range; [`Failure::Internal`] where a record is no JSON.
pub fn records(matching: &Filter) -> Result<Vec<Value>, Failure> {
    let records = host::current().records(matching)?;
    records
        .iter()
        .map(|record| {
            serde_json::from_str(record)
                .map_err(|error| Failure::internal(format!("a record is no JSON: {error}")))
        })
        .collect()
}
