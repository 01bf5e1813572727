//! Making clusters, changing them as a whole, and ending them.
//!
//! Each tool reads what stands there, says what would become of it, and proposes. What the operator would refuse is refused before
//! anything is sent; what cannot be read is a note.

mod create;
mod delete;
mod hibernate;
mod promote;
mod resize;
mod restart;
mod rolling;
mod scale;
mod upgrade;

use crate::cluster::Cluster;
use crate::place;

use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::changes::Waiting;
use bulkhead_plugin_sdk::{Failure, Place, Tool};
use std::time::Duration;

/// The tools of this subject.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        create::tool(),
        scale::tool(),
        delete::tool(),
        promote::tool(),
        restart::tool(),
        hibernate::tool(),
        hibernate::wake(),
        upgrade::tool(),
        resize::tool(),
    ]
}

/// The cluster that a tool is about.
const NAME: &[Argument] = &[Argument::text("name", "The cluster's name.").required()];

/// The longest that a caller can ask for.
const LONGEST: u32 = 600;

/// Begins to wait as long as the caller said, else 60 seconds for each instance.
fn waiting(values: &Values, instances: u64) -> Waiting {
    let usual = u32::try_from(instances.saturating_mul(60)).unwrap_or(LONGEST);
    let seconds = values.count("timeout").unwrap_or(usual.min(LONGEST));
    Waiting::at_most(Duration::from_secs(seconds.into()))
}

/// Finds the cluster that a call names.
///
/// # Errors
/// As [`Cluster::find`], and `Conflict` where it is on its way out.
fn find(values: &Values) -> Result<(Place, Cluster), Failure> {
    let place = place::choose(values);
    let cluster = Cluster::find(&place, values.text("name").unwrap_or_default())?;
    if !cluster.is_going() {
        return Ok((place, cluster));
    }
    let what = format!(
        "cluster `{}` {} is being deleted",
        cluster.name(),
        place.words
    );
    Err(Failure::Conflict(what)
        .next_step("tell the user; list_postgres_clusters shows when it is gone"))
}

/// Refuses what cannot be done to a cluster without pods.
fn refuse_hibernated(place: &Place, cluster: &Cluster) -> Result<(), Failure> {
    if !cluster.is_hibernated() {
        return Ok(());
    }
    let what = format!(
        "cluster `{}` {} is hibernated: it has no pods",
        cluster.name(),
        place.words
    );
    Err(Failure::Conflict(what)
        .next_step("propose wake_postgres_cluster first, if the user wants it"))
}

/// Says that nothing would change.
fn unchanged(place: &Place, name: &str, how: &str) -> Failure {
    Failure::Conflict(format!(
        "cluster `{name}` {} {how} already; nothing would change",
        place.words
    ))
    .next_step("tell the user; get_cluster_status shows how it stands")
}

/// Returns `1 replica`, `2 replicas`.
fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
