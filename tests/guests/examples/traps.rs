//! Dies in the middle of a call.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn traps(_: Nothing) -> Result<Text, Failure> {
    std::process::abort()
}

bulkhead_guests::hostile!("traps", traps);
