//! `create_velero_backup`: a backup now, of what is named or by the template of a schedule.

use crate::kinds::{backups, schedules};
use crate::place::{self, NAMESPACE};
use crate::{change, manifest, named, obstacle, telling, waiting};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::ChangeAnswer;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, manifest::BACKUP, CONFIRMATION, WAIT];
}

const OWN: &[Argument] = &[
    Argument::text("name", "The name of the new backup.").required(),
    Argument::text(
        "from_schedule",
        "Backs up what this schedule does, in place of all below.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_velero_backup",
        "Proposes a backup now: of namespaces, or by a schedule's template. A person approves it. It copies Secrets too. Says \
         first what Velero would refuse. With wait, reports its progress and how it ended.",
        create,
    )
    .title("Create a backup")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let (mut manifest, what) = match values.text("from_schedule") {
        Some(schedule) => {
            let found = named::find(schedules(), &place, schedule)?;
            let what = format!("what schedule {schedule} does");
            (manifest::backup_from(&found, &values, &place)?, what)
        }
        None => (manifest::backup(&values, &place)?, change::taken(&values)),
    };
    let wanted = Object(&manifest.object)
        .text("/spec/storageLocation")
        .to_owned();
    manifest
        .notes
        .extend(obstacle::location(&place, &wanted, true)?);
    let object = change::target(backups(), &manifest.object);
    obstacle::taken("backups", &place, &object.name)?;
    let mut summary = format!(
        "back up {what} as {} by Velero in {}",
        object.name, place.namespace
    );
    telling::all(&mut summary, &manifest.notes);
    change::create(
        &values,
        &summary,
        manifest,
        Some(&mut || waiting::for_the_end(&object)),
    )
}
