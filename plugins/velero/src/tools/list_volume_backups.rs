//! `list_velero_volume_backups`: the volumes of one backup, what failed first.

use crate::kinds::backups;
use crate::named::find;
use crate::phase::Meaning;
use crate::place::{self, NAMESPACE};
use crate::run;
use crate::volumes::{self, Movement, OF_BACKUP, size};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[BACKUP, NAMESPACE, PAGE];
}

const BACKUP: &[Argument] = &[Argument::text("backup", "Which backup.").required()];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_volume_backups",
        "Lists how the data of a backup's volumes was kept: pod volume backups and data uploads with phase, bytes done and in \
         all, and the message of what failed; what failed comes first. Says how many snapshots there are. Use it when a backup \
         failed in part, or is slow.",
        list,
    )
    .title("List a backup's volumes")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let name = values.text("backup").unwrap_or_default();
    let limit = values.count("limit");
    let found = find(backups(), &place, name)?;
    let backup = Object(&found);
    let selector = volumes::selector("backup", name, backup.text("/metadata/uid"));
    let mut first = First::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let (mut done, mut all) = (0, 0);
    let mut notes = Vec::new();
    for kind in &OF_BACKUP {
        let read = volumes::each(kind, &place.namespace, &selector, &mut |movement| {
            tally(&mut totals, &movement.phase);
            done += movement.done;
            all += movement.total;
            let key = format!("{}/{}/{}", rank(&movement), movement.volume, movement.name);
            first.add(key, || cells(kind.words, movement));
        });
        // An older Velero moves no data, and has none of them.
        match read {
            Ok(()) | Err(Failure::NotFound(_)) => {}
            Err(Failure::Denied(_)) => notes.push(format!("not known: {}s (denied)", kind.words)),
            Err(failure) => return Err(failure),
        }
    }
    let columns = [
        "KIND", "VOLUME", "PHASE", "DONE", "TOTAL", "TOOK", "NODE", "MESSAGE",
    ];
    let plural = format!("{},podvolumebackups", OF_BACKUP[1].resource());
    let mut listing = Listing::new(
        crate::kinds::named(&plural),
        &place,
        totals,
        &columns,
        limit,
    );
    let page = first.page();
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    listing.note(format!(
        "of backup {name}: {} of {} done",
        size(done),
        size(all)
    ));
    for note in notes {
        listing.note(note);
    }
    for (words, what) in [
        ("native snapshots", "volumeSnapshots"),
        ("CSI snapshots", "csiVolumeSnapshots"),
    ] {
        listing.note(match run::attempts(backup.part("/status"), what) {
            none if none.is_empty() => format!("{words}: none"),
            some => format!("{words}: {some}"),
        });
    }
    Ok(listing.in_words())
}

/// What failed first, then what is under way.
fn rank(movement: &Movement) -> u8 {
    let meaning = Meaning::of(&movement.phase);
    match meaning {
        Meaning::Completed => 2,
        Meaning::Canceled => 0,
        _ if meaning.is_trouble() => 0,
        _ => 1,
    }
}

fn cells(kind: &str, movement: Movement) -> Vec<String> {
    let took = movement.took();
    vec![
        kind.to_owned(),
        movement.volume,
        movement.phase,
        size(movement.done),
        size(movement.total),
        took,
        movement.node,
        movement.message,
    ]
}
