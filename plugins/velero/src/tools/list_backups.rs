//! `list_velero_backups`: totals by phase, then a page of backups, newest first.

use crate::backup::{Backup, PATHS, query};
use crate::listing::{Listing, Total, tally};
use crate::paging::{Key, Newest};
use crate::phase;
use crate::place::Place;
use crate::row;
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool, context};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// Where Velero is installed; the operator's setting where left out.
    namespace: Option<String>,
    /// Only backups in this phase, such as `Failed`.
    phase: Option<String>,
    /// Only backups that this schedule made.
    schedule: Option<String>,
    /// The most backups on this page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: u32,
    /// The token that the page before gave.
    #[serde(rename = "continue")]
    continue_token: Option<String>,
}

fn default_limit() -> u32 {
    30
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "list_velero_backups",
        "Lists Velero's backups: totals by phase, then a table page, newest first, then a token for the next page. Partial \
         failures are a phase of their own, with error and warning counts. Use it to find names; get_velero_backup for one \
         of them. Reads the whole collection, field by field.",
        list,
    )
    .title("List backups")
}

fn list(arguments: Arguments) -> Result<Output<Listing>, Failure> {
    let place = Place::choose(arguments.namespace.as_deref())?;
    let wanted = arguments.phase.as_deref().filter(|phase| !phase.is_empty());
    let mut newest = Newest::new(arguments.limit, arguments.continue_token.as_deref())?;
    let mut totals: Vec<Total> = Vec::new();
    let query = query(&place.namespace, arguments.schedule.as_deref())?;
    row::each(&query, &PATHS, &mut |row| {
        let backup = Backup::read(&row);
        let phase = phase::shown(&backup.phase);
        if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(phase)) {
            return Ok(());
        }
        tally(&mut totals, phase);
        newest.add(Key::new(backup.began, &backup.name), backup);
        Ok(())
    })?;
    let now = context::now()?;
    let page = newest.page();
    let mut table = Table::new(&[
        "NAME", "PHASE", "ERRORS", "WARNINGS", "AGE", "EXPIRES", "LOCATION", "SCHEDULE",
    ]);
    for backup in &page.rows {
        let age = |time| now.age(time);
        let left = backup.expires.map(|expires| match expires.since(now) {
            left if left.is_zero() => "expired".to_owned(),
            _ => format!("in {}", expires.age(now)),
        });
        table.push([
            backup.name.clone(),
            phase::shown(&backup.phase).to_owned(),
            backup.errors.to_string(),
            backup.warnings.to_string(),
            backup.began.map(age).unwrap_or_default(),
            left.unwrap_or_default(),
            backup.location.clone(),
            backup.schedule.clone(),
        ]);
    }
    Ok(Listing::new("backups", &place, totals, table, page.token, page.remaining).in_words())
}
