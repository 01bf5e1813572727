//! The one that means no harm: says how far it is, three times, and then answers.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text, context};

fn reports_progress(_: Nothing) -> Result<Text, Failure> {
    for step in 1..=3_u8 {
        context::progress(f64::from(step), Some(3.0), &format!("step {step}"));
    }
    Ok(Text("done".to_owned()))
}

bulkhead_guests::hostile!("reports-progress", reports_progress);
