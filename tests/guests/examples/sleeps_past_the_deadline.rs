//! Waits on the clock for an hour, and uses no CPU meanwhile.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};
use std::time::Duration;

fn sleeps_past_the_deadline(_: Nothing) -> Result<Text, Failure> {
    std::thread::sleep(Duration::from_secs(3600));
    Ok(Text("good morning".to_owned()))
}

bulkhead_guests::hostile!("sleeps-past-the-deadline", sleeps_past_the_deadline);
