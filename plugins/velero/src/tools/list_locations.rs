//! `list_velero_locations`: where backups and snapshots are kept, and what Velero does not reach.

use crate::kinds::velero;
use crate::place::{self, NAMESPACE};
use crate::{location, row};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Tool, context, document, when};

/// Velero 1.18 writes no phase to a volume snapshot location.
const NOT_LOOKED_AT: &str = "not looked at";

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, PAGE];
}

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_locations",
        "Lists where Velero keeps backups and snapshots: backup storage locations with phase, when Velero last looked, access \
         mode, bucket and why one is not available, and volume snapshot locations.",
        list,
    )
    .title("List locations")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let limit = values.count("limit");
    let mut first = First::new(limit, values.text("continue"))?;
    let locations = location::all(&place.namespace)?;
    let now = context::now()?;
    let mut totals: Vec<Total> = Vec::new();
    let mut notes = Vec::new();
    for location in &locations {
        tally(&mut totals, location.shown_phase());
        let trouble = location.trouble(now);
        let rank = u8::from(trouble.is_none());
        if let Some(trouble) = trouble {
            let next = match location.is_available() {
                true => "",
                false => {
                    "; nothing is backed up to it or restored from it: a person looks at its bucket and credentials"
                }
            };
            notes.push(format!("{}: {trouble}{next}", location.name));
        }
        let default = if location.default { "yes" } else { "" };
        let cells = || {
            vec![
                "backup storage".to_owned(),
                location.name.clone(),
                location.shown_phase().to_owned(),
                when::from(now, location.validated),
                location.access_mode().to_owned(),
                default.to_owned(),
                location.provider.clone(),
                location.bucket.clone(),
                when::from(now, location.synced),
            ]
        };
        first.add(format!("{rank}/{}", location.name), cells);
    }
    if locations.is_empty() {
        notes
            .push("without a backup storage location no backup can be made or restored".to_owned());
    } else if locations.iter().all(|location| !location.default) {
        notes.push("none of them is the default: a backup that names none goes to the one called `default`, unless the server is told otherwise".to_owned());
    }
    let query = Query::in_namespace(velero("volumesnapshotlocations"), &place.namespace);
    let paths = ["metadata.name", "status.phase", "spec.provider"];
    let read = row::each(&query, &paths, &mut |row| {
        let phase = match row.text(1) {
            "" => NOT_LOOKED_AT,
            phase => phase,
        };
        tally(&mut totals, phase);
        first.add(format!("2/{}", row.text(0)), || {
            let cells = [
                "volume snapshots",
                row.text(0),
                phase,
                "",
                "",
                "",
                row.text(2),
                "",
                "",
            ];
            cells.map(str::to_owned).to_vec()
        });
        Ok(())
    });
    match document::not_known(&read) {
        Some(why) => notes.push(format!("not known: volume snapshot locations ({why})")),
        None => read?,
    }
    let columns = [
        "KIND",
        "NAME",
        "PHASE",
        "LOOKED AT",
        "ACCESS",
        "DEFAULT",
        "PROVIDER",
        "BUCKET",
        "SYNCED",
    ];
    let plural = "volumesnapshotlocations.velero.io,backupstoragelocations";
    let mut listing = Listing::new(crate::kinds::named(plural), &place, totals, &columns, limit);
    let page = first.page();
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    for note in notes {
        listing.note(note);
    }
    Ok(listing.in_words())
}
