//! How much an answer says, and whether it is words or JSON: two arguments of the reading tools.

use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::{Failure, Output};
use serde::Serialize;

/// Words, or the structured answer as text.
pub(crate) const FORMAT: &[Argument] = &[Argument::choice(
    "format",
    &["text", "json"],
    "`json` gives the structured answer as the text too.",
)
.or_text("text")];

/// How much is said.
pub(crate) const DETAIL_LEVEL: &[Argument] = &[Argument::choice(
    "detail_level",
    &["concise", "detailed"],
    "How much is said.",
)
.or_text("concise")];

/// Whether the caller wants to see everything.
pub(crate) fn is_detailed(values: &Values) -> bool {
    values.text("detail_level") == Some("detailed")
}

/// Returns the answer in the format that the caller asked for.
///
/// # Errors
/// `Internal` where the answer cannot be written as JSON.
pub(crate) fn answer<T: Serialize>(
    values: &Values,
    mut answer: Output<T>,
) -> Result<Output<T>, Failure> {
    if values.text("format") == Some("json") {
        answer.text = serde_json::to_string(&answer.structured).map_err(|error| {
            Failure::internal(format!("the answer cannot be written as JSON: {error}"))
        })?;
    }
    Ok(answer)
}
