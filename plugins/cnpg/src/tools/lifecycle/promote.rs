//! `promote_postgres_instance`: another instance becomes the primary.
//!
//! The operator takes the request in `status.targetPrimary`, as `kubectl cnpg promote` writes it (`internal/cmd/plugin/promote`). That
//! one also writes the time, which is only logged (`LogTimestampsWithMessage`, `api/v1/cluster_funcs.go`): a plan holds none.

use super::{NAME, find, refuse_hibernated, unchanged, waiting};
use crate::cluster::Cluster;
use crate::phase::Meaning;
use crate::place::NAMESPACE;
use crate::telling;
use crate::waiting::{TIMEOUT, equals, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::Comparison;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[Argument::text(
    "instance",
    "The replica that shall be the primary, such as `orders-2`.",
)
.required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "promote_postgres_instance",
        "Proposes a switchover: a replica becomes the primary, and the primary a replica. Connections are cut, and writes fail for \
         moments. A person approves it, with risk high.",
        promote,
    )
    .title("Promote an instance")
    .idempotent()
}

fn promote(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, found) = find(&values)?;
    let instance = values.text("instance").unwrap_or_default();
    refuse_hibernated(&place, &found)?;
    refuse(&place, &found, instance)?;
    let patch = json!({
        "targetPrimary": instance,
        "phase": "Switchover in progress",
        "phaseReason": format!("Switching over to {instance}"),
    });
    let (name, primary) = (found.name(), found.primary());
    let mut summary = format!(
        "make {instance} the primary of cluster {name} in {} in place of {primary}",
        place.namespace
    );
    let notes = notes(&found, instance);
    telling::all(&mut summary, &notes);
    let target = found.target();
    // Between proposal and approval the primary may move, or the instance fall ill.
    let expected = [
        ("status.currentPrimary", primary),
        ("status.instancesStatus.healthy[*]", instance),
    ]
    .map(|(at, value)| Comparison {
        at: at.to_owned(),
        value: Value::from(value).to_string(),
    });
    let change = Change::patch_status(target.clone(), &patch, expected.to_vec());
    let plan = Plan::new(summary).change(change);
    let wakes = equals("status.currentPrimary", &instance.into());
    let mut wait = || {
        until_past(
            found.phase(),
            &target,
            waiting(&values, found.instances()),
            &wakes,
            &|cluster| Ok(cluster.text("/status/currentPrimary") == instance),
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// Refuses an instance that cannot take over.
fn refuse(place: &Place, cluster: &Cluster, instance: &str) -> Result<(), Failure> {
    let name = cluster.name();
    let names = cluster.object().texts("/status/instanceNames");
    if !names.iter().any(|one| one == instance) {
        let what = format!(
            "cluster `{name}` {} has no instance `{instance}`",
            place.words
        );
        let next = format!("name one of {}", listed(&names));
        return Err(Failure::not_found(what).next_step(&next));
    }
    let why = if cluster.is_moving() {
        format!(
            "a switchover to `{}` is under way",
            cluster.target_primary()
        )
    } else if cluster.primary() == instance {
        let how = format!("has `{instance}` as its primary");
        return Err(unchanged(place, name, &how));
    } else if cluster.is_left_alone() {
        // The instances change their parts, and nobody their labels (`pkg/reconciler/instance/metadata.go`), by which `-rw` selects.
        "the operator is told to leave it alone, so service -rw would go on leading to the old primary"
            .to_owned()
    } else if cluster.is_fenced(instance) {
        format!("`{instance}` is fenced: PostgreSQL does not run there")
    } else if !is_healthy(cluster, instance) {
        format!("`{instance}` is not healthy")
    } else {
        return Ok(());
    };
    let what = format!("cluster `{name}` {}: {why}", place.words);
    Err(Failure::Conflict(what)
        .next_step("tell the user; get_cluster_status shows the instances and what to do next"))
}

fn is_healthy(cluster: &Cluster, instance: &str) -> bool {
    let healthy = cluster.object().texts("/status/instancesStatus/healthy");
    healthy.iter().any(|one| one == instance)
}

fn notes(cluster: &Cluster, instance: &str) -> Vec<String> {
    let primary = cluster.primary();
    let mut notes = Vec::new();
    let mut leads = format!(", and service `{}-rw` leads to it", cluster.name());
    if cluster.meaning() == Meaning::Stuck {
        leads.clear();
        notes.push(format!(
            "the operator cannot go on (`{}`): service -rw may go on leading to `{primary}`, which takes no writes then",
            cluster.phase()
        ));
    }
    if !is_healthy(cluster, primary) {
        notes.push(format!(
            "`{primary}` is not healthy: what it has not sent to `{instance}` is lost"
        ));
    }
    notes.push(format!(
        "`{primary}` is shut down fast, which cuts its connections; `{instance}` then takes all that was written and is promoted{leads}"
    ));
    if cluster.meaning() == Meaning::Person {
        notes.push("the update that waits for a person goes on with it".to_owned());
    }
    notes.push(format!("the way back is to promote `{primary}` again"));
    notes
}
