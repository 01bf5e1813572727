//! `generate_velero_schedule_yaml`: a schedule as YAML for a repository. Reads and writes nothing in the cluster.

use crate::generated::{self, Generated};
use crate::manifest;
use crate::place;
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::{Failure, Output, Tool, context};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMES, manifest::CRON, manifest::BACKUP];
}

const NAMES: &[Argument] = &[
    Argument::text("name", "The name of the new schedule.").required(),
    Argument::text(
        "velero_namespace",
        "Where Velero is installed; the operator's setting where left out.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "generate_velero_schedule_yaml",
        "Writes the YAML of a Velero schedule for a repository. The cron expression is checked, said in words, and its next three \
         times are given in UTC. Nothing is written to the cluster; create_velero_schedule proposes that.",
        generate,
    )
    .title("schedule as YAML")
}

fn generate(given: Given<Arguments>) -> Result<Output<Generated>, Failure> {
    let place = place::choose(given.values.text("velero_namespace"))?;
    let (manifest, cron) = manifest::schedule(&given.values, &place)?;
    let next = manifest::next_three(&cron, context::now()?)?;
    Ok(generated::in_words(manifest, &place, &next))
}
