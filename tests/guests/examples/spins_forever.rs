//! Never comes back, and never calls the host either.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};

fn spins_forever(_: Nothing) -> Result<Text, Failure> {
    loop {
        std::hint::spin_loop();
    }
}

bulkhead_guests::hostile!("spins-forever", spins_forever);
