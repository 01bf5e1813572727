//! `delete_postgres_pooler`: a pooler goes, with its pods and its Service. No data is in it.

use crate::cluster::Cluster;
use crate::place::{self, NAMESPACE};
use crate::pooler::{self, Pooler};
use crate::telling;
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Propagation, carry_out};
use bulkhead_plugin_sdk::document::{listed, not_known};
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, CONFIRMATION, DRY_RUN];
}

const OWN: &[Argument] = &[Argument::text("name", "The pooler's name.").required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "delete_postgres_pooler",
        "Proposes to delete a pooler with its pods and its Service. No data goes, but clients that connect to its Service lose their way. \
         A person approves it.",
        delete,
    )
    .title("Delete a pooler")
    .destructive()
}

fn delete(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("name").unwrap_or_default();
    let pooler = Pooler::find(&place, name)?;
    if pooler.is_deleting() {
        return Err(Failure::Conflict(format!(
            "pooler `{name}` {} is being deleted already",
            place.words
        ))
        .next_step("look again with list_postgres_poolers"));
    }
    let cluster = pooler.cluster();
    let mut notes = Vec::new();
    let mut summary = format!(
        "delete pooler {name} of cluster {cluster} in {}",
        place.namespace
    );
    let lost = "clients that connect to its Service lose their connections and find no other behind that name";
    telling::both(&mut summary, &mut notes, lost);
    match Cluster::find(&place, cluster) {
        Ok(_) => {
            let mut left = Vec::new();
            let read = others(&place, &pooler, &mut left);
            match not_known(&read) {
                Some(why) => notes.push(format!("not known: its other poolers ({why})")),
                None => read?,
            }
            left.push(format!("{cluster}-{}", pooler.kind()));
            notes.push(format!(
                "what is left to connect to with the same reach: {}",
                listed(&left)
            ));
        }
        Err(Failure::NotFound(_)) => notes.push(format!(
            "its cluster {cluster} is not there: it has nothing to connect to anyway"
        )),
        Err(Failure::Denied(_)) => notes.push(format!("not known: cluster {cluster} (denied)")),
        Err(other) => return Err(other),
    }
    let change = Change::delete(pooler::target(&place, name), Propagation::Background);
    let plan = Plan::new(summary).change(change);
    carry_out(&values, plan, notes, None)
}

/// Collects the other poolers of the cluster that lead to the same instances.
fn others(place: &Place, gone: &Pooler, left: &mut Vec<String>) -> Result<(), Failure> {
    Pooler::each(place, &mut |other| {
        let leads_there = other.cluster() == gone.cluster() && other.kind() == gone.kind();
        if leads_there && !other.is_deleting() && other.name() != gone.name() {
            left.push(other.name().to_owned());
        }
        Ok(())
    })
}
