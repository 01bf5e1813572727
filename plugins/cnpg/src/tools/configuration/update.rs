//! `update_postgres_configuration`: parameters of PostgreSQL, checked against its own table and the operator's rules.

use super::{effects, rules::Outcome, version, wanted};
use crate::cluster::Cluster;
use crate::parameters::{NEWEST, OLDEST};
use crate::place::{self, NAMESPACE};
use crate::{standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool};
use serde_json::{Map, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, DRY_RUN, CONFIRMATION];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "The cluster's name.").required(),
    Argument::pairs(
        "parameters",
        "New values by parameter, as texts: { \"work_mem\": \"64MB\", \"max_connections\": \"200\" }. Empty: taken out.",
    ),
    Argument::texts(
        "remove",
        "Parameters to take out, so that their defaults count.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "update_postgres_configuration",
        "Proposes new values of PostgreSQL's server parameters. A person approves it. Names, types, units and ranges are checked for \
         the cluster's version; what the operator fixes is refused. Says which need a restart, and how the operator restarts.",
        update,
    )
    .title("Change parameters of PostgreSQL")
    .idempotent()
}

fn update(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("cluster_name").unwrap_or_default();
    let found = Cluster::find(&place, name)?;
    let cluster = found.object();
    let major = major(cluster, name)?;
    let none = Map::new();
    let current = cluster.part("/spec/postgresql/parameters").0;
    let settings = wanted::read(&values, current.as_object().unwrap_or(&none), major)?;
    let outcome = Outcome::new(cluster, &settings, major);
    if let Some(failure) = wanted::refused(&outcome.problems()) {
        return Err(failure);
    }
    let (changing, same): (Vec<_>, Vec<_>) =
        settings.iter().partition(|setting| setting.is_change());
    let names = |settings: &[&wanted::Setting]| {
        let names: Vec<_> = settings
            .iter()
            .map(|setting| setting.name.clone())
            .collect();
        listed(&names)
    };
    if changing.is_empty() {
        let sentence = format!(
            "{} of cluster `{name}` {} stand so already; nothing would change",
            names(&same),
            place.words
        );
        return Err(Failure::Conflict(sentence).next_step("tell the user"));
    }
    let mut summary = format!(
        "change {} of PostgreSQL in cluster {name} {}",
        names(&changing),
        place.words
    );
    let mut notes: Vec<String> = standstill::of_parameters(&found).into_iter().collect();
    // First: what comes of it comes only then.
    telling::all(&mut summary, &notes);
    notes.extend(effects::notes(cluster, &changing, &outcome, &mut summary));
    if !same.is_empty() {
        notes.push(format!("already so: {}", names(&same)));
    }
    if major > NEWEST {
        notes.push(format!("checked as parameters of PostgreSQL {NEWEST}, the newest that is known here; the cluster has {major}"));
    }
    // One by one: to collect them would bring a sort into the component.
    let mut patch = Map::new();
    for setting in &changing {
        patch.insert(setting.name.clone(), setting.new.clone().into());
    }
    let patch = json!({ "spec": { "postgresql": { "parameters": patch } } });
    let plan = Plan::new(summary).change(Change::patch_merge(found.target(), &patch));
    carry_out(&values, plan, notes, None)
}

/// Returns the major version of the cluster's PostgreSQL.
fn major(cluster: Object<'_>, name: &str) -> Result<u64, Failure> {
    let unknown = || {
        Failure::invalid(format!("it is not known which PostgreSQL cluster `{name}` runs, so no parameter can be checked"))
            .next_step("get_cluster_status shows its image; its tag has to begin with the version, or the cluster to name a catalogue")
    };
    let major = version::major(cluster).ok_or_else(unknown)?;
    if major < OLDEST {
        let sentence = format!(
            "cluster `{name}` runs PostgreSQL {major}, and CloudNativePG takes {OLDEST} and newer"
        );
        return Err(Failure::invalid(sentence).next_step("tell the user"));
    }
    Ok(major)
}
