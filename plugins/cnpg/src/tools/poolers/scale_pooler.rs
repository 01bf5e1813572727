//! `scale_postgres_pooler`: how many pods a pooler has.

use crate::cluster::Cluster;
use crate::place::{self, NAMESPACE};
use crate::pooler::{self, Pooler};
use crate::telling;
use crate::waiting::{self, TIMEOUT};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Waited, carry_out, watch};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Output, Row, Tool};
use serde_json::json;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::text("name", "The pooler's name.").required(),
    Argument::number("instances", 1, 10, "How many pods it is to have.").required(),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "scale_postgres_pooler",
        "Proposes another number of pods for a pooler, 1 to 10. Warns where they may open more connections than PostgreSQL takes. A person approves it.",
        scale,
    )
    .title("Scale a pooler")
    .idempotent()
}

fn scale(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("name").unwrap_or_default();
    let wanted = values.count("instances").unwrap_or(1);
    let pooler = Pooler::find(&place, name)?;
    if pooler.wanted() == u64::from(wanted) {
        return Err(Failure::Conflict(format!(
            "nothing is to be changed: pooler `{name}` {} is to have {wanted} pods already, and has {}",
            place.words,
            pooler.pods()
        ))
        .next_step("look at it with list_postgres_poolers"));
    }
    let mut notes = Vec::new();
    match Cluster::find(&place, pooler.cluster()) {
        Ok(cluster) => {
            let pool_size = pooler.parameter("default_pool_size");
            notes.extend(pooler::too_many(&cluster, wanted.into(), pool_size));
        }
        Err(Failure::NotFound(_)) => notes.push(format!(
            "its cluster {} is not there: more pods have nothing to connect to",
            pooler.cluster()
        )),
        Err(Failure::Denied(_)) => {
            notes.push("not known: how many connections PostgreSQL takes (denied)".to_owned());
        }
        Err(other) => return Err(other),
    }
    if wanted == 1 {
        notes.push("with one pod nobody is let in while it moves to another node".to_owned());
    }
    let target = pooler::target(&place, name);
    let patch = json!({ "spec": { "instances": wanted } });
    let mut summary = format!(
        "scale pooler {name} of cluster {} in {} from {} to {wanted} pods",
        pooler.cluster(),
        place.namespace,
        pooler.wanted()
    );
    telling::all(&mut summary, &notes);
    if u64::from(wanted) < pooler.wanted() {
        let lost = "clients of the pods that go lose their connections";
        telling::both(&mut summary, &mut notes, lost);
    }
    let plan = Plan::new(summary).change(Change::patch_merge(target.clone(), &patch));
    carry_out(
        &values,
        plan,
        notes,
        Some(&mut || until_there(&values, &target, wanted)),
    )
}

/// Waits until as many pods are there. Whether they are ready the pooler does not say.
fn until_there(values: &Values, object: &ObjectRef, wanted: u32) -> Result<Waited, Failure> {
    let there = waiting::equals("status.instances", &json!(wanted));
    watch(waiting::waiting(values), object, &there, &mut || {
        let row = kubernetes::get_fields(object, &["status.instances"]).map(Row::of)?;
        let pods = row.number(0);
        Ok((
            pods == u64::from(wanted),
            format!("{pods} of {wanted} pods are there"),
        ))
    })
}
