//! Puts a credential together from parts that are none, and tries every way out.

use bulkhead_plugin_sdk::{Failure, Output, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Way {
    fail: bool,
}

#[derive(Serialize, JsonSchema)]
struct Seen {
    found: String,
}

fn puts_a_credential_together(way: Way) -> Result<Output<Seen>, Failure> {
    let token = ["gh", "p_16C7e42F292c6912", "E7710c838347Ae178B4a"].concat();
    context::log_warning(&format!("found {token}"));
    eprintln!("printed {token}");
    context::progress(1.0, None, &format!("at {token}"));
    if way.fail {
        return Err(Failure::internal(format!("failed with {token}")));
    }
    Ok(Output {
        text: format!("told {token}"),
        structured: Seen { found: token },
    })
}

bulkhead_guests::hostile!("puts-a-credential-together", puts_a_credential_together);
