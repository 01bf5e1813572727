//! `create_velero_schedule`: backups again and again.

use crate::kinds::schedules;
use crate::place::{self, NAMESPACE};
use crate::{change, manifest, obstacle, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, Given, Takes};
use bulkhead_plugin_sdk::changes::ChangeAnswer;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool, context};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[
        OWN,
        NAMESPACE,
        manifest::CRON,
        manifest::BACKUP,
        CONFIRMATION,
    ];
}

const OWN: &[Argument] = &[Argument::text("name", "The name of the new schedule.").required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_velero_schedule",
        "Proposes a schedule of backups. A person approves it. The cron expression is checked and said in words, with its next three \
         times in UTC. For a repository use generate_velero_schedule_yaml.",
        create,
    )
    .title("Create a schedule")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let (mut manifest, cron) = manifest::schedule(&values, &place)?;
    let next = manifest::next_three(&cron, context::now()?)?;
    let wanted = Object(&manifest.object)
        .text("/spec/template/storageLocation")
        .to_owned();
    manifest
        .notes
        .extend(obstacle::location(&place, &wanted, true)?);
    let object = change::target(schedules(), &manifest.object);
    obstacle::taken("schedules", &place, &object.name)?;
    let mut summary = format!(
        "back up {} again and again by schedule {} of Velero in {}",
        change::taken(&values),
        object.name,
        place.namespace
    );
    telling::all(&mut summary, &manifest.notes);
    if !next.is_empty() {
        let times: Vec<_> = next.iter().map(ToString::to_string).collect();
        manifest
            .notes
            .push(format!("next times: {}", times.join(", ")));
    }
    change::create(&values, &summary, manifest, None)
}
