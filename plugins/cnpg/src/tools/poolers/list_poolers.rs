//! `list_postgres_poolers`: what stands in front of which cluster, and which pooler has none behind it.

use crate::format::{self, FORMAT};
use crate::kinds::{self, clusters};
use crate::place::{self, EVERYWHERE, NAMESPACE};
use crate::pooler::Pooler;
use crate::row;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::{listed, not_known};
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};

const COLUMNS: [&str; 9] = [
    "NAMESPACE",
    "POOLER",
    "STATE",
    "CLUSTER",
    "TYPE",
    "PODS",
    "MODE",
    "PARAMETERS",
    "WHY",
];

/// As many pods as are wanted; whether they are ready the pooler does not say.
const DEPLOYED: &str = "deployed";

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, EVERYWHERE, FORMAT, PAGE];
}

const OWN: &[Argument] = &[Argument::text(
    "cluster_name",
    "Only the poolers of this cluster.",
)];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_poolers",
        "Lists the poolers (PgBouncer) of a namespace: cluster, type, pods there and wanted, pool mode, parameters, what was set by hand, \
         and poolers whose cluster is gone, which come first.",
        list,
    )
    .title("List poolers")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose_wide(&values)?;
    let only = values.text("cluster_name");
    let limit = values.count("limit");
    let mut page = First::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let mut there = Vec::new();
    let read = names(&place, &mut there);
    let not_known = not_known(&read);
    if not_known.is_none() {
        read?;
    }
    Pooler::each(&place, &mut |pooler| {
        if only.is_some_and(|only| only != pooler.cluster()) {
            return Ok(());
        }
        let is_cluster = |(namespace, name): &(String, String)| {
            namespace == pooler.namespace() && name == pooler.cluster()
        };
        let is_orphan = not_known.is_none() && !there.iter().any(is_cluster);
        let (rank, state, mut why) = judged(&pooler, is_orphan);
        tally(&mut totals, state);
        why.extend(pooler.by_hand());
        let key = format!("{rank}/{}/{}", pooler.namespace(), pooler.name());
        page.add(key, || {
            let namespace = if place.is_everywhere() {
                pooler.namespace()
            } else {
                ""
            };
            vec![
                namespace.to_owned(),
                pooler.name().to_owned(),
                state.to_owned(),
                pooler.cluster().to_owned(),
                pooler.kind().to_owned(),
                format!("{} of {}", pooler.pods(), pooler.wanted()),
                pooler.mode().to_owned(),
                listed(&pooler.parameters()),
                why.join("; "),
            ]
        });
        Ok(())
    })?;
    let page = page.page();
    let mut listing = Listing::new(kinds::named("poolers"), &place, totals, &COLUMNS, limit);
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    if let Some(why) = not_known {
        listing.note(format!(
            "not known: whether their clusters are there ({why})"
        ));
    }
    format::answer(&values, listing.in_words())
}

/// Says how it is: its rank in the list, a word that can be counted, and why.
fn judged(pooler: &Pooler, is_orphan: bool) -> (char, &'static str, Vec<&'static str>) {
    if is_orphan {
        let why = "its cluster is not there: it has nothing to connect to";
        return ('0', "no cluster", vec![why]);
    }
    if pooler.is_deleting() {
        return ('1', "deleting", Vec::new());
    }
    if pooler.is_paused() {
        return ('0', "paused", vec!["clients wait until `paused` is off"]);
    }
    if pooler.pods() == pooler.wanted() {
        return ('2', DEPLOYED, Vec::new());
    }
    ('1', "changing", Vec::new())
}

fn names(place: &Place, found: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let paths = ["metadata.namespace", "metadata.name"];
    row::each(&place.query(clusters()), &paths, &mut |row| {
        found.push((row.text(0).to_owned(), row.text(1).to_owned()));
        Ok(())
    })
}
