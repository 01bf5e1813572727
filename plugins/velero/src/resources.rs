//! MCP resources: what the lists answer, and one backup or schedule, for a person to pick.

use crate::cron::Cron;
use crate::named::{ByName, find};
use crate::place;
use crate::schedule::{Histories, Schedule};
use crate::tools::{get_backup, list_backups, list_schedules};
use crate::{kinds, row, run, spec};
use bulkhead_plugin_sdk::arguments::Given;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType};
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{
    Document, Failure, Object, Place, Resource, Template, Time, Typed, context, when,
};

/// The most names that are suggested, as the contract has it.
const MOST_NAMES: u32 = 100;

pub(crate) fn backups() -> Resource {
    Resource::new(
        "velero://backups",
        "backups",
        "The newest backups with their phases, and totals by phase.",
        || Ok(list_backups::list(Given::default())?.structured),
    )
    .title("Velero's backups")
}

pub(crate) fn schedules() -> Resource {
    Resource::new(
        "velero://schedules",
        "schedules",
        "The schedules with what became of their backups.",
        || Ok(list_schedules::list(Given::default())?.structured),
    )
    .title("Velero's schedules")
}

pub(crate) fn backup() -> Template {
    Template::new(
        "velero://backups/{name}",
        "backup",
        "One backup: its state, what it takes in, what was made of it.",
        |given| Ok(get_backup::get(given)?.structured),
    )
    .title("A backup of Velero")
    .completes("name", |typed| names(kinds::backups(), typed))
}

pub(crate) fn schedule() -> Template {
    Template::new(
        "velero://schedules/{name}",
        "schedule",
        "One schedule: when it runs, what its backups take in, what became of them.",
        one_schedule,
    )
    .title("A schedule of Velero")
    .completes("name", |typed| names(kinds::schedules(), typed))
}

fn one_schedule(given: Given<ByName>) -> Result<Document, Failure> {
    let place = place::choose(given.values.text("namespace"))?;
    let name = given.values.text("name").unwrap_or_default();
    let found = find(kinds::schedules(), &place, name)?;
    let object = Object(&found);
    let now = context::now()?;
    let mut document = Document::new(crate::kinds::named("schedules"), name, &place);
    let schedule = Schedule::of(object);
    state(&mut document, &place, &schedule, now)?;
    document.fact("ttl", run::lasting(&schedule.ttl));
    document.fact("storage location", &schedule.location);
    run::made(&mut document, object, now);
    let template = object.part("/spec/template");
    document.section("its backups take in");
    spec::takes_in(&mut document, template, spec::BY_BACKUP);
    document.section("volumes");
    spec::keeps(&mut document, template);
    document.section("hooks");
    spec::hooks(&mut document, template, &spec::OF_BACKUP);
    Ok(document.in_words().structured)
}

fn state(
    document: &mut Document,
    place: &Place,
    schedule: &Schedule,
    now: Time,
) -> Result<(), Failure> {
    let mut histories = Histories::default();
    let read =
        Histories::of_schedule(&place.namespace, &schedule.name).map(|read| histories = read);
    document.known("its backups", read)?;
    let history = histories.of(&schedule.name);
    let state = schedule.state(history, now);
    document.summary(match schedule.trouble(history, now) {
        Some(trouble) => format!("{}: {trouble}", state.words()),
        None => state.words().to_owned(),
    });
    document.section("state");
    document.fact("cron expression", &schedule.cron);
    if let Ok(cron) = Cron::parse(&schedule.cron) {
        document.fact("in words", cron.words());
    }
    document.fact("next backup", when::at(now, schedule.next()));
    document.fact("last backup", when::at(now, schedule.last_backup));
    document.fact("last skipped", when::at(now, schedule.last_skipped));
    if let Some(history) = history {
        document.fact("its backups", history.words(now));
    }
    Ok(())
}

/// Names that begin as typed, the newest first.
fn names(of: ResourceType, typed: Typed<'_>) -> Result<Vec<String>, Failure> {
    let place = place::choose(None)?;
    let query = Query::in_namespace(of, &place.namespace);
    let mut newest = Newest::new(Some(MOST_NAMES), None)?;
    row::each(
        &query,
        &["metadata.name", "metadata.creationTimestamp"],
        &mut |row| {
            if row.text(0).starts_with(typed.value()) {
                newest.add(Key::new(row.time(1), row.text(0)), row);
            }
            Ok(())
        },
    )?;
    let rows = newest.page().rows;
    Ok(rows.iter().map(|(_, row)| row.text(0).to_owned()).collect())
}
