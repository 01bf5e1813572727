//! `list_velero_restores`: totals by phase, then a page of restores, newest first.

use crate::kinds::velero;
use crate::place::{self, NAMESPACE};
use crate::{phase, row, spec};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{Failure, Output, Tool, context, when};

/// In the order in which they are read below.
const PATHS: [&str; 10] = [
    "metadata.name",
    "metadata.creationTimestamp",
    "status.phase",
    "status.startTimestamp",
    "status.completionTimestamp",
    "status.errors",
    "status.warnings",
    "spec.backupName",
    "spec.includedNamespaces",
    "spec.namespaceMapping",
];

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, OWN, PAGE];
}

const OWN: &[Argument] = &[
    Argument::text(
        "phase",
        "Only restores in this phase, such as `PartiallyFailed`.",
    ),
    Argument::text("backup", "Only restores from this backup."),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_restores",
        "Lists Velero's restores: totals by phase, then a table page, newest first, with the backup that each was made from and \
         into which namespaces. Use it to find names; get_velero_restore for one of them.",
        list,
    )
    .title("List restores")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let (wanted, backup) = (values.text("phase"), values.text("backup"));
    let limit = values.count("limit");
    let mut newest = Newest::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let query = Query::in_namespace(velero("restores"), &place.namespace);
    row::each(&query, &PATHS, &mut |row| {
        let phase = phase::shown(row.text(2));
        let other = |wanted: &str| !wanted.eq_ignore_ascii_case(phase);
        if wanted.is_some_and(other) || backup.is_some_and(|backup| backup != row.text(7)) {
            return Ok(());
        }
        tally(&mut totals, phase);
        let began = row.time(3).or_else(|| row.time(1));
        newest.add(Key::new(began, row.text(0)), row);
        Ok(())
    })?;
    let now = context::now()?;
    let columns = [
        "NAME",
        "PHASE",
        "ERRORS",
        "WARNINGS",
        "AGE",
        "TOOK",
        "BACKUP",
        "NAMESPACES",
        "MAPPING",
    ];
    let mut listing = Listing::new(
        crate::kinds::named("restores"),
        &place,
        totals,
        &columns,
        limit,
    );
    let page = newest.page();
    for (token, row) in page.rows {
        let began = row.time(3).or_else(|| row.time(1));
        let cells = vec![
            row.text(0).to_owned(),
            phase::shown(row.text(2)).to_owned(),
            row.number(5).to_string(),
            row.number(6).to_string(),
            began.map(|began| now.age(began)).unwrap_or_default(),
            when::took(began, row.time(4)),
            row.text(7).to_owned(),
            spec::all_or(&row.texts(8)),
            spec::mapping(row.value(9)),
        ];
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    Ok(listing.in_words())
}
