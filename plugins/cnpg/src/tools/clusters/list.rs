//! `list_postgres_clusters`: totals by state, then a page of clusters, what needs a person first.

use crate::backup::Method;
use crate::certificate;
use crate::cluster::Cluster;
use crate::concern::{Concern, Concerns, Weight};
use crate::format::{self, DETAIL_LEVEL, FORMAT};
use crate::kinds::named;
use crate::phase::Meaning;
use crate::place::{self, EVERYWHERE, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes, Values};
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Time, Tool, context, when};

pub(crate) enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAMESPACE, EVERYWHERE, DETAIL_LEVEL, FORMAT, PAGE];
}

const CONCISE: &[&str] = &[
    "NAME",
    "NAMESPACE",
    "STATE",
    "READY",
    "PRIMARY",
    "VERSION",
    "ATTENTION",
];

/// Beside [`CONCISE`].
const MORE: &[&str] = &[
    "STORAGE",
    "BACKUPS",
    "LAST GOOD BACKUP",
    "FIRST CERTIFICATE TO EXPIRE",
    "AGE",
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_clusters",
        "Lists PostgreSQL clusters of CloudNativePG: totals by state, then a table page, what a person should look at first. Looks in one \
         namespace, or in all where that is asked for and \
         granted, and says which. Use get_cluster_status for one of them.",
        list,
    )
    .title("List PostgreSQL clusters")
}

pub(crate) fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose_wide(&values)?;
    let limit = values.count("limit");
    let mut first = First::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let now = context::now()?;
    let detailed = format::is_detailed(&values);
    let (mut fenced, mut plugins) = (false, 0);
    Cluster::each(&place, &mut |cluster| {
        let concerns = Concerns::of(&cluster, now).sorted();
        fenced |= !cluster.fenced().is_empty();
        plugins += u32::from(cluster.has_backup_plugin());
        tally(&mut totals, cluster.state());
        let key = format!(
            "{}/{}/{}",
            rank(&cluster, &concerns),
            cluster.namespace(),
            cluster.name()
        );
        first.add(key, || {
            let mut cells = concise(&cluster, &concerns);
            if detailed {
                cells.extend(more(&cluster, now));
            }
            cells
        });
        Ok(())
    })?;
    let mut columns = CONCISE.to_vec();
    if detailed {
        columns.extend(MORE);
    }
    let found = !totals.is_empty();
    let mut listing = Listing::new(named("clusters"), &place, totals, &columns, limit);
    let page = first.page();
    for (token, mut cells) in page.rows {
        if !place.is_everywhere() {
            // One namespace stands in the first line; a column without cells is left out.
            if let Some(namespace) = cells.get_mut(1) {
                namespace.clear();
            }
        }
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    hints(&mut listing, &values, found, fenced);
    if plugins > 0 {
        listing.note(format!("not judged here: whether the backups of {plugins} clusters are recent, which a plugin takes; get_cluster_status judges them"));
    }
    format::answer(&values, listing.in_words())
}

/// What needs a person has the least rank, then what the operator is at work on.
fn rank(cluster: &Cluster, concerns: &[Concern]) -> u8 {
    match concerns.first() {
        Some(concern) if concern.weight == Weight::Urgent => 0,
        _ if cluster.meaning() == Meaning::Working => 1,
        Some(_) => 2,
        None => 3,
    }
}

fn concise(cluster: &Cluster, concerns: &[Concern]) -> Vec<String> {
    let primary = match (cluster.primary(), cluster.target_primary()) {
        (primary, target) if cluster.is_moving() => format!("{primary} -> {target}"),
        (primary, _) => primary.to_owned(),
    };
    let more = match concerns.len() {
        0 | 1 => String::new(),
        concerns => format!(" (and {} more)", concerns - 1),
    };
    let attention = concerns.first();
    vec![
        cluster.name().to_owned(),
        cluster.namespace().to_owned(),
        cluster.state().to_owned(),
        format!("{}/{}", cluster.ready(), cluster.instances()),
        primary,
        cluster
            .version()
            .map_or_else(String::new, |version| version.to_string()),
        attention.map_or_else(String::new, |concern| {
            format!("{}{more}", short(&concern.words))
        }),
    ]
}

fn more(cluster: &Cluster, now: Time) -> Vec<String> {
    let storage = match cluster.wal_size() {
        "" => cluster.storage_size().to_owned(),
        wal => format!("{} and {wal} of WAL", cluster.storage_size()),
    };
    let ways = cluster.backup_ways();
    let ways: Vec<_> = ways.iter().map(Method::word).collect();
    let expires = certificate::of(cluster).into_iter().next();
    let expires = expires.and_then(|certificate| certificate.expires);
    let created = cluster.object().time("/metadata/creationTimestamp");
    vec![
        storage,
        ways.join(", "),
        when::from(now, cluster.last_good_backup()),
        when::from(now, expires),
        created.map(|created| now.age(created)).unwrap_or_default(),
    ]
}

/// Keeps a cell short: what follows stands in `get_cluster_status`.
fn short(words: &str) -> String {
    const MOST: usize = 70;
    match words.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
        None => words.to_owned(),
    }
}

fn hints(listing: &mut Listing, values: &Values, found: bool, fenced: bool) {
    if !found && !values.is_on("all_namespaces") {
        listing.note("no other namespace was looked at; `all_namespaces` looks in all of them, where that is granted");
    }
    if fenced {
        listing.note("fenced instances do not run PostgreSQL, whatever the phase says");
    }
}
