//! Reads and writes files, with and without a way up. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};
use std::fs;

fn opens_a_file(_: Nothing) -> Result<Text, Failure> {
    let tried = [
        ("read", fs::read_to_string("/etc/passwd")),
        ("read upwards", fs::read_to_string("../../../../etc/passwd")),
        ("read the process", fs::read_to_string("/proc/self/environ")),
        (
            "write",
            fs::write("/tmp/bulkhead-was-here", "x").map(|()| "written".to_owned()),
        ),
        (
            "look around",
            fs::read_dir(".").map(|entries| entries.count().to_string()),
        ),
    ];
    Ok(Text(
        tried
            .map(|(what, result)| format!("{what}: {result:?}"))
            .join("\n"),
    ))
}

bulkhead_guests::hostile!("opens-a-file", opens_a_file);
