//! Writes 40 MB each to the log, to stdout and to stderr, and then answers as if nothing had happened.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text, context};
use std::io::Write as _;

fn floods_logs(_: Nothing) -> Result<Text, Failure> {
    let line = "x".repeat(4096);
    for _ in 0..10_000 {
        context::log(&line);
        // Whether it is taken is the host's business.
        std::hint::black_box(writeln!(std::io::stdout(), "{line}").is_ok());
        std::hint::black_box(writeln!(std::io::stderr(), "{line}").is_ok());
    }
    Ok(Text("answered".to_owned()))
}

bulkhead_guests::hostile!("floods-logs", floods_logs);
