//! Has two tools of one name.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Plugin, Text, Tool, plugin};

fn names_a_tool_twice(_: Nothing) -> Result<Text, Failure> {
    Ok(Text("which one?".to_owned()))
}

fn describe() -> Plugin {
    let tool = || Tool::read("names_a_tool_twice", "A hostile guest.", names_a_tool_twice);
    Plugin::new("names-a-tool-twice", "0.1.0", "A hostile guest.")
        .tool(tool())
        .tool(tool())
}

plugin!(describe);
