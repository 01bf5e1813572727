//! `list_velero_backups`: totals by phase, then a page of backups, newest first.

use crate::backup::{Backup, PATHS, query};
use crate::place::{self, NAMESPACE};
use crate::{phase, row, spec};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{Failure, Output, Tool, context, when};

pub(crate) enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, OWN, PAGE];
}

const OWN: &[Argument] = &[
    Argument::text("phase", "Only backups in this phase, such as `Failed`."),
    Argument::text("schedule", "Only backups that this schedule made."),
];

/// What a list shows of a backup beside [`PATHS`], and where a row has it.
const MORE: [&str; 3] = [
    "spec.includedNamespaces",
    "spec.excludedNamespaces",
    "spec.ttl",
];
const INCLUDED: usize = PATHS.len();
const EXCLUDED: usize = INCLUDED + 1;
const TTL: usize = INCLUDED + 2;

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_backups",
        "Lists Velero's backups: totals by phase, then a table page, newest first, then a token for the next page. Partial \
         failures are a phase of their own, with error and warning counts. Use it to find names; get_velero_backup for one \
         of them. Reads the whole collection.",
        list,
    )
    .title("List backups")
}

pub(crate) fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let (wanted, limit) = (values.text("phase"), values.count("limit"));
    let mut newest = Newest::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let query = query(&place.namespace, values.text("schedule"))?;
    let paths = [&PATHS[..], &MORE].concat();
    row::each(&query, &paths, &mut |row| {
        let backup = Backup::read(&row);
        let phase = phase::shown(&backup.phase);
        if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(phase)) {
            return Ok(());
        }
        tally(&mut totals, phase);
        newest.add(Key::new(backup.began, &backup.name), row);
        Ok(())
    })?;
    let now = context::now()?;
    let columns = [
        "NAME",
        "PHASE",
        "ERRORS",
        "WARNINGS",
        "AGE",
        "EXPIRES",
        "TTL",
        "LOCATION",
        "SCHEDULE",
        "NAMESPACES",
        "WITHOUT",
    ];
    let mut listing = Listing::new(
        crate::kinds::named("backups"),
        &place,
        totals,
        &columns,
        limit,
    );
    let page = newest.page();
    for (token, row) in page.rows {
        let backup = Backup::read(&row);
        let expires = match backup.expires {
            Some(expires) if expires <= now => "expired".to_owned(),
            expires => when::from(now, expires),
        };
        let cells = vec![
            backup.name,
            phase::shown(&backup.phase).to_owned(),
            backup.errors.to_string(),
            backup.warnings.to_string(),
            backup.began.map(|began| now.age(began)).unwrap_or_default(),
            expires,
            row.text(TTL).to_owned(),
            backup.location,
            backup.schedule,
            spec::all_or(&row.texts(INCLUDED)),
            listed(&row.texts(EXCLUDED)),
        ];
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    Ok(listing.in_words())
}
