//! `list_postgres_backups`: totals by phase, then a page of backups, newest first.

use super::has_cluster;
use crate::backup::{Backup, PATHS, backups, is_done, shown};
use crate::place::{self, EVERYWHERE, NAMESPACE};
use crate::{kinds, row};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{Failure, Output, Place, Time, Tool, context, one_line, when};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, EVERYWHERE, PAGE];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "Only backups of this cluster."),
    Argument::text(
        "phase",
        "Only backups in this phase, such as `completed`, `failed` or `running`.",
    ),
];

/// The most rows where the caller named no limit: they are long.
const ROWS: u32 = 15;

const COLUMNS: [&str; 10] = [
    "NAMESPACE",
    "NAME",
    "CLUSTER",
    "PHASE",
    "METHOD",
    "BEGUN",
    "TOOK",
    "INSTANCE",
    "ID",
    "ERROR",
];

pub(super) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_backups",
        "Lists backups of CloudNativePG: totals by phase, then a table, newest first. Of each \
         the cluster, phase, method, when it began, how long it took, its id in the object store or its volume snapshots, and why it \
         failed. CloudNativePG records no size. Of one cluster it also says which is the last good one. Reads the whole collection, \
         field by field.",
        list,
    )
    .title("List backups")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose_wide(&values)?;
    let (of, wanted) = (values.text("cluster_name"), values.text("phase"));
    let limit = values.count("limit");
    let mut newest = Newest::new(limit.or(Some(ROWS)), values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let mut all: Vec<Total> = Vec::new();
    let mut last = Last::default();
    row::each(&place.query(backups()), &PATHS, &mut |row| {
        let backup = Backup::read(&row);
        if of.is_some_and(|of| of != backup.cluster) {
            return Ok(());
        }
        let phase = shown(&backup.phase);
        tally(&mut all, phase);
        last.see(&backup);
        if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(phase)) {
            return Ok(());
        }
        tally(&mut totals, phase);
        let name = format!("{}/{}", backup.namespace, backup.name);
        newest.add(Key::new(backup.asked, &name), backup);
        Ok(())
    })?;
    let now = context::now()?;
    let found = !totals.is_empty();
    let mut listing = Listing::new(kinds::named("backups"), &place, totals, &COLUMNS, limit);
    let page = newest.page();
    for (token, backup) in page.rows {
        listing.row(token, cells(backup, &place, now));
    }
    listing.follow(page.remaining);
    if !found && !all.is_empty() {
        let phases: Vec<_> = all
            .iter()
            .map(|total| format!("{} {}", total.objects, total.phase))
            .collect();
        listing.note(format!(
            "none is in that phase; there are {}",
            phases.join(", ")
        ));
    }
    if let Some(name) = of {
        if all.is_empty() && has_cluster(&place, name)? {
            listing.note("the cluster has no backup; create_postgres_backup proposes one");
        }
        last.tell(&mut listing, now);
    }
    Ok(listing.in_words())
}

fn cells(backup: Backup, place: &Place, now: Time) -> Vec<String> {
    let namespace = if place.is_everywhere() {
        backup.namespace
    } else {
        String::new()
    };
    let method = match (backup.method.as_str(), backup.online) {
        ("volumeSnapshot", Some(false)) => "volumeSnapshot offline".to_owned(),
        ("plugin", _) if !backup.plugin.is_empty() => format!("plugin {}", backup.plugin),
        (method, _) => method.to_owned(),
    };
    let id = if backup.id.is_empty() {
        listed(&backup.snapshots)
    } else {
        backup.id
    };
    vec![
        namespace,
        backup.name,
        backup.cluster,
        shown(&backup.phase).to_owned(),
        method,
        when::from(now, backup.began.or(backup.asked)),
        when::took(backup.began, backup.ended),
        backup.instance,
        id,
        one_line(&backup.error),
    ]
}

/// The newest backup that ended, and the newest good one.
#[derive(Default)]
struct Last {
    ended: Option<Backup>,
    good: Option<Backup>,
}

impl Last {
    fn see(&mut self, backup: &Backup) {
        if !is_done(&backup.phase) {
            return;
        }
        let is_newer =
            |than: &Option<Backup>| than.as_ref().is_none_or(|than| than.asked < backup.asked);
        if is_newer(&self.ended) {
            self.ended = Some(backup.clone());
        }
        if backup.phase == "completed" && is_newer(&self.good) {
            self.good = Some(backup.clone());
        }
    }

    fn tell(&self, listing: &mut Listing, now: Time) {
        let Some(ended) = &self.ended else { return };
        let good = match &self.good {
            None => "no backup of it is good".to_owned(),
            Some(good) => format!(
                "the last good backup is {}, {}",
                good.name,
                when::from(now, good.time())
            ),
        };
        if ended.phase == "completed" {
            listing.note(good);
        } else {
            listing.note(format!("the newest one that ended has failed; {good}"));
        }
    }
}
