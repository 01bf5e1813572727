//! Takes memory until there is none, and touches all of it.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn allocates_without_end(_: Nothing) -> Result<Text, Failure> {
    let mut kept = Vec::new();
    loop {
        kept.push(vec![1_u8; 1024 * 1024]);
        std::hint::black_box(&kept);
    }
}

bulkhead_guests::hostile!("allocates-without-end", allocates_without_end);
