//! Looks for what the host left lying about: variables and arguments.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};
use std::env;

fn reads_the_environment(_: Nothing) -> Result<Text, Failure> {
    let variables: Vec<_> = env::vars_os().collect();
    let arguments: Vec<_> = env::args_os().collect();
    Ok(Text(format!(
        "variables: {variables:?}\narguments: {arguments:?}\n"
    )))
}

bulkhead_guests::hostile!("reads-the-environment", reads_the_environment);
