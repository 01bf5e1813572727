//! `create_velero_restore`: what was backed up comes back.

use crate::kinds::velero;
use crate::place::{self, NAMESPACE};
use crate::{change, manifest, obstacle, source, telling, waiting};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::ChangeAnswer;
use bulkhead_plugin_sdk::{Failure, Output, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, manifest::RESTORE, CONFIRMATION, WAIT];
}

const OWN: &[Argument] = &[Argument::text("name", "The name of the new restore.").required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_velero_restore",
        "Proposes a restore from a backup, or from the newest completed one of a schedule. A person approves it, with risk high: \
         Velero makes whatever is in the backup. Use assess_velero_restore first. With wait, reports its progress and how it ended.",
        create,
    )
    .title("Create a restore")
    .destructive()
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let mut manifest = manifest::restore(&values, &place)?;
    let source = source::find(&values, &place)?;
    let mut notes = source.notes;
    notes.append(&mut manifest.notes);
    notes.extend(obstacle::location(&place, &source.location, false)?);
    let object = change::target(velero("restores"), &manifest.object);
    obstacle::taken("restores", &place, &object.name)?;
    let (of, said) = match values.text("schedule") {
        None => (format!("backup {}", source.backup), 0),
        // Its first note says that this one is the newest now: until it begins that can change.
        Some(schedule) => (
            format!(
                "the newest completed backup of schedule {schedule} when it begins ({} when this was proposed)",
                source.backup
            ),
            1,
        ),
    };
    let mut summary = format!(
        "restore {} of {of} as {} by Velero in {}",
        change::taken(&values),
        object.name,
        place.namespace
    );
    telling::all(&mut summary, notes.get(said..).unwrap_or_default());
    manifest.notes = notes;
    change::create(
        &values,
        &summary,
        manifest,
        Some(&mut || waiting::for_the_end(&object)),
    )
}
