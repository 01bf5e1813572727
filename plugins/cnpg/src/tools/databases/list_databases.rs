//! `list_postgres_databases`: the Database objects of a cluster, and what became of each.

use crate::cluster::Cluster;
use crate::database::{APPLIED, Database};
use crate::format::{self, FORMAT};
use crate::place::{self, NAMESPACE};
use crate::{kinds, role, standstill};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Tool};

const COLUMNS: [&str; 9] = [
    "DATABASE",
    "STATE",
    "ENSURE",
    "OWNER",
    "WITH ITS OBJECT",
    "EXTENSIONS",
    "SCHEMAS",
    "OBJECT",
    "WHY",
];

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, FORMAT, PAGE];
}

const OWN: &[Argument] = &[Argument::text("cluster_name", "The cluster's name.").required()];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_databases",
        "Lists the databases of a cluster that the operator manages by Database objects: owner, whether it is applied and why not, whether \
         the data goes with the object, extensions and schemas. What is in trouble comes first. Other databases are not known here, \
         but for the application's own.",
        list,
    )
    .title("List databases")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("cluster_name").unwrap_or_default();
    let limit = values.count("limit");
    let mut page = First::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let cluster = Cluster::find(&place, name);
    Database::each(&place, &mut |database| {
        if database.cluster() != name {
            return Ok(());
        }
        let state = database.state();
        tally(&mut totals, state);
        let mut why = database.trouble();
        if names.iter().any(|other| other == database.name()) {
            why = format!("another object is about the same database; {why}");
        }
        names.push(database.name().to_owned());
        let rank = match (state, why.is_empty()) {
            (APPLIED, true) => '2',
            (_, true) => '1',
            (_, false) => '0',
        };
        page.add(
            format!("{rank}/{}/{}", database.name(), database.object()),
            || {
                vec![
                    database.name().to_owned(),
                    state.to_owned(),
                    if database.is_absent() { "absent" } else { "" }.to_owned(),
                    database.owner().to_owned(),
                    if database.is_dropped_with_it() {
                        "deleted"
                    } else {
                        "retained"
                    }
                    .to_owned(),
                    listed(&database.extensions()),
                    listed(&database.schemas()),
                    database.object().to_owned(),
                    why,
                ]
            },
        );
        Ok(())
    })?;
    let note = match cluster {
        Ok(cluster) => {
            let mut notes = application(&cluster, &names);
            notes.extend(standstill::note(&cluster).map(str::to_owned));
            notes
        }
        // The objects stay behind when their cluster goes.
        Err(Failure::NotFound(_)) if !names.is_empty() => {
            vec![format!(
                "there is no cluster {name} {}: nothing acts on these objects",
                place.words
            )]
        }
        Err(Failure::Denied(_)) => vec![format!("not known: cluster {name} (denied)")],
        Err(other) => return Err(other),
    };
    let resource = format!("{} of cluster {name}", kinds::named("databases"));
    let page = page.page();
    let mut listing = Listing::new(resource, &place, totals, &COLUMNS, limit);
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    for note in note {
        listing.note(note);
    }
    format::answer(&values, listing.in_words())
}

/// The application's database is made with the cluster, and mostly has no object.
fn application(cluster: &Cluster, names: &[String]) -> Vec<String> {
    let database = role::application_database(cluster);
    if database.is_empty() || names.iter().any(|name| name == database) {
        return Vec::new();
    }
    vec![format!(
        "the application's database {database}, owner {}, was made with the cluster and has no object",
        role::application_owner(cluster)
    )]
}
