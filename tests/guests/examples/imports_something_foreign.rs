//! Imports an interface that is neither the contract's nor WASI's.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package foreign:thing;
            interface cellar { open: func() -> string; }
            world needs-it { import cellar; }
        ",
    });
}

fn imports_something_foreign(_: Nothing) -> Result<Text, Failure> {
    Ok(Text(bindings::foreign::thing::cellar::open()))
}

bulkhead_guests::hostile!("imports-something-foreign", imports_something_foreign);
