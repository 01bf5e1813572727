//! Calls itself until the stack is gone.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn deeper(depth: u64) -> u64 {
    // Through black boxes, so that the compiler makes no loop of it.
    match std::hint::black_box(true) {
        true => std::hint::black_box(deeper(depth + 1)) + 1,
        false => depth,
    }
}

fn recurses(_: Nothing) -> Result<Text, Failure> {
    Ok(Text(deeper(0).to_string()))
}

bulkhead_guests::hostile!("recurses", recurses);
