//! Answers with what fits into its memory, but not into an answer.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn returns_a_megabyte(_: Nothing) -> Result<Text, Failure> {
    Ok(Text("x".repeat(1024 * 1024)))
}

bulkhead_guests::hostile!("returns-a-megabyte", returns_a_megabyte);
