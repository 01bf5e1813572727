//! `pause_velero_schedule`: no backups for a while.

use crate::pausing;
use crate::place::NAMESPACE;
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, Given, Takes};
use bulkhead_plugin_sdk::changes::ChangeAnswer;
use bulkhead_plugin_sdk::{Failure, Output, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, CONFIRMATION];
}

const OWN: &[Argument] = &[Argument::text("name", "The schedule's name.").required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "pause_velero_schedule",
        "Proposes to pause a schedule of backups: no more are made until unpause_velero_schedule. A person approves it.",
        pause,
    )
    .title("Pause a schedule")
    .idempotent()
}

fn pause(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    pausing::set(&given.values, true)
}
