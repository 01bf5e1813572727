//! `hibernate_postgres_cluster` and `wake_postgres_cluster`: all pods of a cluster are taken away and its volumes stay, and back.
//!
//! One annotation (`docs/src/declarative_hibernation.md`). The operator begins only in the healthy phase, and takes the primary first, so
//! that the replicas have all that it wrote (`pkg/reconciler/hibernation`).

use super::{NAME, find, unchanged, waiting};
use crate::claims::{self, Claim};
use crate::cluster::Hibernation;
use crate::phase::{HEALTHY, shown};
use crate::place::NAMESPACE;
use crate::standstill::left_alone;
use crate::telling;
use crate::waiting::{TIMEOUT, equals, now_and_then, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool};
use serde_json::json;

const ANNOTATION: &str = "cnpg.io/hibernation";

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "hibernate_postgres_cluster",
        "Proposes to stop a cluster and keep its data: no pods run until wake_postgres_cluster. A person approves it, with risk high.",
        hibernate,
    )
    .title("Hibernate a PostgreSQL cluster")
    .idempotent()
}

pub(crate) fn wake() -> Tool {
    Tool::change_stored(
        "wake_postgres_cluster",
        "Proposes to start a hibernated cluster again, from the data that it has. A person approves it, with risk high.",
        start,
    )
    .title("Wake a PostgreSQL cluster")
    .idempotent()
}

fn hibernate(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, found) = find(&values)?;
    let name = found.name();
    if found.is_asked_to_hibernate() {
        return Err(unchanged(&place, name, "is hibernated, or asked to be,"));
    }
    let mut notes = telling::begun(left_alone(&found));
    notes.push(
        "the database is down from then on: the primary goes first, then the replicas; poolers stay and lead nowhere, and backups fail"
            .to_owned(),
    );
    if let Some(claims) = telling::known(&mut notes, "its volumes", claims::of(&found))? {
        let claims: Vec<_> = claims.iter().map(Claim::name_and_size).collect();
        notes.push(format!("its volumes stay: {}", listed(&claims)));
    }
    let phase = shown(found.phase());
    if phase != HEALTHY {
        notes.push(format!(
            "the operator begins only once the phase is `{HEALTHY}`; it is `{phase}`"
        ));
    }
    let target = found.target();
    let mut summary = format!(
        "hibernate cluster {name} in {}: stop it and keep its data",
        place.namespace
    );
    telling::all(&mut summary, &notes);
    let plan = Plan::new(summary).change(set(&target, "on"));
    let instances = found.instances();
    let mut wait = || {
        until_past(
            found.phase(),
            &target,
            waiting(&values, instances),
            &now_and_then(),
            &|cluster| Ok(condition(cluster) == Some("True")),
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

fn start(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, found) = find(&values)?;
    let name = found.name();
    if !found.is_asked_to_hibernate() {
        return Err(unchanged(&place, name, "is awake"));
    }
    let mut notes = vec!["its pods are made again on the volumes that it has".to_owned()];
    let mut summary = format!("wake cluster {name} in {}", place.namespace);
    if let Some(why) = left_alone(&found) {
        telling::both(&mut summary, &mut notes, why);
    }
    if found.hibernation() != Hibernation::Hibernated {
        notes.push("it is not wholly hibernated yet; the operator turns back".to_owned());
    }
    let target = found.target();
    let instances = found.instances();
    let plan = Plan::new(summary).change(set(&target, "off"));
    let wakes = equals("status.readyInstances", &instances.into());
    let mut wait = || {
        until_past(
            found.phase(),
            &target,
            waiting(&values, instances),
            &wakes,
            &|cluster| Ok(cluster.number("/status/readyInstances") == instances),
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// `off` is what `kubectl cnpg hibernate off` writes.
fn set(target: &ObjectRef, value: &str) -> Change {
    let patch = json!({ "metadata": { "annotations": { ANNOTATION: value } } });
    Change::patch_merge(target.clone(), &patch)
}

/// The status of the condition that the operator keeps while a cluster is hibernated, or is on the way there; none otherwise.
fn condition(cluster: Object<'_>) -> Option<&str> {
    let mut conditions = cluster.items("/status/conditions");
    let found = conditions.find(|condition| condition.text("/type") == ANNOTATION);
    found.map(|condition| condition.text("/status"))
}
