//! `create_postgres_backup`: a base backup of a cluster now, by the method that the cluster has.

use super::{TIMEOUT, waiting};
use crate::backup::{
    self, Method, Others, backups, fit_for_offline, is_done, method::HOW, obstacle, shown,
};
use crate::cluster::Cluster;
use crate::kinds::API_VERSION;
use crate::phase::{self, HEALTHY};
use crate::place::{self, NAMESPACE};
use crate::telling;
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Waited, Waiting, carry_out, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Comparison, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Output, Place, Row, Tool, when};
use serde_json::{Map, Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, HOW, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "The cluster to back up.").required(),
    Argument::text(
        "name",
        "The name of the new backup; left out: the cluster's, with a number behind it.",
    ),
];

/// A label holds the name, and names of volume snapshots are made from it.
const LONGEST_NAME: usize = 63;

/// What is read of a backup while it runs.
const PROGRESS: [&str; 6] = [
    "status.phase",
    "status.error",
    "status.startedAt",
    "status.stoppedAt",
    "status.backupId",
    "status.instanceID.podName",
];

pub(super) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_backup",
        "Proposes a base backup of a cluster now, to its object store, by its plugin or by volume snapshots. A person approves it. \
         Refused where the cluster has no backup configured, is hibernated or fenced, and while another backup of it \
         runs. Secrets with passwords are not in a backup. With wait, reports its phase and how it ended.",
        create,
    )
    .title("Create a backup")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let of = values.text("cluster_name").unwrap_or_default();
    let cluster = Cluster::find(&place, of)?;
    let (method, other_ways) = Method::choose(&cluster, values.text("method"))?;
    method.check_online(&values)?;
    method.check_served()?;
    obstacle(&cluster, &place)?;
    let mut notes = Vec::new();
    let name = name(&values, &place, of, &mut notes)?;
    if method.is_offline(&cluster, &values) {
        fit_for_offline(&cluster, &place)?;
    }
    let mut summary = format!(
        "back up cluster {of} in {} as {name} by {}",
        place.namespace,
        method.words()
    );
    let phase = phase::shown(cluster.phase());
    if phase != HEALTHY {
        notes.push(format!(
            "the cluster's phase is `{phase}`: the backup may wait for an instance, and a snapshot fail"
        ));
    }
    telling::all(&mut summary, &notes);
    method.tell(&cluster, &values, &other_ways, &mut summary, &mut notes);
    let target = ObjectRef::in_namespace(backups(), &place.namespace, &name);
    let object = object(&values, &target, &cluster, &method);
    let plan = Plan::new(summary).change(Change::create(&object));
    let mut wait = || for_the_end(waiting(&values), &target);
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// Checks the name against the backups that there are, and that none of them is under way.
fn name(
    values: &Values,
    place: &Place,
    of: &str,
    notes: &mut Vec<String>,
) -> Result<String, Failure> {
    let named = values.text("name");
    if let Some(name) = named {
        backup::checked_name("name", name, LONGEST_NAME)?;
    }
    match Others::read(place, of) {
        Ok(others) => {
            others.none_under_way(of, place)?;
            match named {
                None => Ok(others.free_name(of)),
                Some(name) => others.is_free(name, place).map(|()| name.to_owned()),
            }
        }
        Err(Failure::Denied(_)) => {
            notes.push("not known: whether another backup of it runs (denied)".to_owned());
            Ok(named.map_or_else(|| format!("{of}-backup-1"), str::to_owned))
        }
        Err(other) => Err(other),
    }
}

fn object(values: &Values, target: &ObjectRef, cluster: &Cluster, method: &Method) -> Value {
    let mut spec = Map::new();
    spec.insert("cluster".to_owned(), json!({ "name": cluster.name() }));
    method.put_into(cluster, values, &mut spec);
    json!({
        "apiVersion": API_VERSION, "kind": "Backup",
        "metadata": { "name": target.name, "namespace": target.namespace },
        "spec": spec,
    })
}

/// Waits until it is completed or has failed. While WAL archiving fails, the operator tries again and again: that is no end.
fn for_the_end(waiting: Waiting, object: &ObjectRef) -> Result<Waited, Failure> {
    let completed = Condition::Equals(Comparison {
        at: "status.phase".to_owned(),
        value: "\"completed\"".to_owned(),
    });
    watch(waiting, object, &completed, &mut || {
        let row = kubernetes::get_fields(object, &PROGRESS).map(Row::of)?;
        Ok((is_done(row.text(0)), words(&row)))
    })
}

/// Says `running on orders-3` and `completed, took 4m, id 20261122T010500`.
fn words(row: &Row) -> String {
    let mut words = shown(row.text(0)).to_owned();
    if !row.text(5).is_empty() {
        words = format!("{words} on {}", row.text(5));
    }
    let took = when::took(row.time(2), row.time(3));
    if !took.is_empty() {
        words = format!("{words}, took {took}");
    }
    if !row.text(4).is_empty() {
        words = format!("{words}, id {}", row.text(4));
    }
    if !row.text(1).is_empty() {
        words = format!("{words}: {}", row.text(1));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;
    use bulkhead_plugin_sdk::Row;
    use serde_json::{Value, json};

    fn said(row: Value) -> String {
        words(&Row::of(row))
    }

    #[test]
    fn progress_is_the_phase_and_the_end_says_how_long_it_took_or_why_it_failed() {
        assert_eq!(said(json!([null])), "new");
        assert_eq!(
            said(json!([
                "running",
                null,
                "2026-11-22T01:00:00Z",
                null,
                null,
                "orders-3"
            ])),
            "running on orders-3"
        );
        assert_eq!(
            said(json!([
                "completed",
                null,
                "2026-11-22T01:00:00Z",
                "2026-11-22T01:04:00Z",
                "20261122T010000",
                "orders-3"
            ])),
            "completed on orders-3, took 4m, id 20261122T010000"
        );
        assert_eq!(
            said(json!(["failed", "exit status 1"])),
            "failed: exit status 1"
        );
    }
}
