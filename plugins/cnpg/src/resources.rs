//! MCP resources: the clusters that a person may pick from, and one of them.

use crate::kinds::clusters;
use crate::row;
use crate::tools::clusters::{list, status};
use bulkhead_plugin_sdk::arguments::Given;
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Place, Resource, Template, Typed};

/// The most names that are suggested, as the contract has it.
const MOST_NAMES: u32 = 100;

pub(crate) fn all() -> Resource {
    Resource::new(
        "cnpg://clusters",
        "clusters",
        "The PostgreSQL clusters in the context's namespace: state, instances, primary, version, what needs a person.",
        || Ok(list::list(Given::default())?.structured),
    )
    .title("PostgreSQL clusters")
}

pub(crate) fn one() -> Template {
    Template::new(
        "cnpg://clusters/{namespace}/{name}",
        "cluster",
        "One PostgreSQL cluster: its state, what to do next, instances, storage, backups, certificates, version.",
        |given| Ok(status::get(given)?.structured),
    )
    .title("A PostgreSQL cluster")
    .completes("namespace", namespaces)
    .completes("name", names)
}

/// The namespaces that have clusters: all that may be seen, else that of the context.
fn namespaces(typed: Typed<'_>) -> Result<Vec<String>, Failure> {
    begin("metadata.namespace", typed.value())
}

/// The names of clusters, where a namespace was filled in before of those in it.
pub(crate) fn names(typed: Typed<'_>) -> Result<Vec<String>, Failure> {
    match typed.before("namespace") {
        None => begin("metadata.name", typed.value()),
        chosen => values(&Place::chosen(chosen), "metadata.name", typed.value()),
    }
}

/// Values of a field of clusters that begin as typed, by the alphabet, each once.
fn begin(path: &str, typed: &str) -> Result<Vec<String>, Failure> {
    let found = values(&Place::everywhere(), path, typed);
    match found {
        Err(Failure::Denied(_)) => values(&Place::chosen(None), path, typed),
        found => found,
    }
}

fn values(place: &Place, path: &str, typed: &str) -> Result<Vec<String>, Failure> {
    let mut first = First::new(Some(MOST_NAMES), None)?;
    let mut seen = Vec::new();
    row::each(&place.query(clusters()), &[path], &mut |row| {
        let value = row.text(0);
        if value.starts_with(typed) && !seen.iter().any(|one| one == value) {
            seen.push(value.to_owned());
            first.add(format!("0/{value}"), || vec![value.to_owned()]);
        }
        Ok(())
    })?;
    Ok(first
        .page()
        .rows
        .into_iter()
        .flat_map(|(_, value)| value)
        .collect())
}
