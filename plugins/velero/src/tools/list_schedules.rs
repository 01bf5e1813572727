//! `list_velero_schedules`: each schedule, with its newest backup.

use crate::listing::{Listing, tally};
use crate::phase;
use crate::place::Place;
use crate::schedule::{all, newest_backups};
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool, context};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// Where Velero is installed; the operator's setting where left out.
    namespace: Option<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "list_velero_schedules",
        "Lists Velero's schedules: cron expression, whether paused, which namespaces, and the newest backup of each with its \
         phase. Reads all schedules and, field by field, all backups.",
        list,
    )
    .title("List schedules")
}

fn list(arguments: Arguments) -> Result<Output<Listing>, Failure> {
    let place = Place::choose(arguments.namespace.as_deref())?;
    let schedules = all(&place.namespace)?;
    let newest = newest_backups(&place.namespace)?;
    let now = context::now()?;
    let mut totals = Vec::new();
    let mut table = Table::new(&[
        "NAME",
        "SCHEDULE",
        "STATE",
        "NAMESPACES",
        "TTL",
        "LAST BACKUP",
        "PHASE",
        "AGE",
    ]);
    for schedule in &schedules {
        let state = if schedule.paused {
            "Paused"
        } else {
            phase::shown(&schedule.phase)
        };
        tally(&mut totals, state);
        let backup = newest
            .iter()
            .find(|backup| backup.schedule == schedule.name);
        let namespaces = if schedule.included.is_empty() {
            "*".to_owned()
        } else {
            schedule.included.join(",")
        };
        let age = schedule.last_backup.map(|time| now.age(time));
        table.push([
            schedule.name.clone(),
            schedule.cron.clone(),
            state.to_owned(),
            namespaces,
            schedule.ttl.clone(),
            backup.map_or_else(String::new, |backup| backup.name.clone()),
            backup
                .map_or("", |backup| phase::shown(&backup.phase))
                .to_owned(),
            age.unwrap_or_default(),
        ]);
    }
    Ok(Listing::new("schedules", &place, totals, table, None, 0).in_words())
}
