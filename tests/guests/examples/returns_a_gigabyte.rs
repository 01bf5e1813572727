//! Answers with more than its memory can hold.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn returns_a_gigabyte(_: Nothing) -> Result<Text, Failure> {
    Ok(Text("x".repeat(1024 * 1024 * 1024)))
}

bulkhead_guests::hostile!("returns-a-gigabyte", returns_a_gigabyte);
