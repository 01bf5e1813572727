//! `generate_velero_restore_yaml`: a restore as YAML for a repository. Reads and writes nothing in the cluster.

use crate::generated::{self, Generated};
use crate::manifest;
use crate::place;
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::{Failure, Output, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMES, manifest::RESTORE];
}

const NAMES: &[Argument] = &[
    Argument::text("name", "The name of the new restore.").required(),
    Argument::text(
        "velero_namespace",
        "Where Velero is installed; the operator's setting where left out.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "generate_velero_restore_yaml",
        "Writes the YAML of a Velero restore for a repository, checked as Velero would check it. Nothing is written to the cluster; create_velero_restore proposes that. Assess it first: assess_velero_restore.",
        generate,
    )
    .title("restore as YAML")
}

fn generate(given: Given<Arguments>) -> Result<Output<Generated>, Failure> {
    let place = place::choose(given.values.text("velero_namespace"))?;
    let manifest = manifest::restore(&given.values, &place)?;
    Ok(generated::in_words(manifest, &place, &[]))
}
