//! `unpause_velero_schedule`: a paused schedule runs again.

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
        "unpause_velero_schedule",
        "Proposes that a paused schedule of backups runs again, and says when it comes next. A person approves it.",
        unpause,
    )
    .title("Unpause a schedule")
    .idempotent()
}

fn unpause(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    pausing::set(&given.values, false)
}
