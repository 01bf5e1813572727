//! `list_velero_restores`: totals by phase, then a page of restores, newest first.

use crate::kinds::velero;
use crate::listing::{Listing, Total, tally};
use crate::paging::{Key, Newest};
use crate::place::Place;
use crate::{phase, row, spec, when};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Output, Tool, context};

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

bulkhead_plugin_sdk::arguments! {
    struct Arguments {
        /// Where Velero is installed; the operator's setting where left out.
        namespace: Option<String>,
        /// Only restores in this phase, such as `PartiallyFailed`.
        phase: Option<String>,
        /// Only restores from this backup.
        backup: Option<String>,
        /// The most restores on this page; 30 where left out.
        #[schemars(range(min = 1, max = 200))]
        limit: Option<u32>,
        /// The token that the page before gave.
        r#continue: Option<String>,
    }
}

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_restores",
        "Lists Velero's restores: totals by phase, then a table page, newest first, with the backup that each was made from and \
         into which namespaces. Use it to find names; get_velero_restore for one of them.",
        list,
    )
    .title("List restores")
}

fn list(arguments: Arguments) -> Result<Output<Listing>, Failure> {
    let place = Place::choose(arguments.namespace.as_deref())?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (wanted, backup) = (given(&arguments.phase), given(&arguments.backup));
    let mut newest = Newest::new(arguments.limit, arguments.r#continue.as_deref())?;
    let mut totals: Vec<Total> = Vec::new();
    let query = Query::in_namespace(velero("restores"), &place.namespace);
    row::each(&query, &PATHS, &mut |row| {
        let phase = phase::shown(row.text(2));
        let other = |wanted: &String| !wanted.eq_ignore_ascii_case(phase);
        if wanted.as_ref().is_some_and(other)
            || backup.as_ref().is_some_and(|backup| backup != row.text(7))
        {
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
    let mut listing = Listing::new("restores", &place, totals, &columns, arguments.limit);
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
