//! Dies before it has said what it is.

use bulkhead_plugin_sdk::{Plugin, plugin};

fn describe() -> Plugin {
    std::process::abort()
}

plugin!(describe);
