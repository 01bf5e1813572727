//! Calls the host for ever, and does not care what it says.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text, kubernetes};

fn floods_host_calls(_: Nothing) -> Result<Text, Failure> {
    loop {
        std::hint::black_box(kubernetes::resolve("pods").is_ok());
    }
}

bulkhead_guests::hostile!("floods-host-calls", floods_host_calls);
