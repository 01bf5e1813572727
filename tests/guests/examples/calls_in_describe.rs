//! Asks the cluster something before anybody has called it, and names its tool after the answer.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Plugin, Text, Tool, kubernetes, plugin};

fn calls_in_describe(_: Nothing) -> Result<Text, Failure> {
    Ok(Text("answered".to_owned()))
}

fn describe() -> Plugin {
    let served = kubernetes::resolve("pods").is_ok();
    let description = if served {
        "The cluster has pods."
    } else {
        "The cluster has none."
    };
    let tool = Tool::read("calls_in_describe", description, calls_in_describe);
    Plugin::new("calls-in-describe", "0.1.0", "A hostile guest.").tool(tool)
}

plugin!(describe);
