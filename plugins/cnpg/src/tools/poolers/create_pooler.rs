//! `create_postgres_pooler`: PgBouncer in front of a cluster. Never its pods, and never how it logs in: that the operator sets up.

use crate::cluster::Cluster;
use crate::kinds::{API_VERSION, clusters};
use crate::place::{self, NAMESPACE};
use crate::{pooler, row, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::not_known;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::json;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, CONFIRMATION, DRY_RUN];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "The cluster that it is for.").required(),
    Argument::text("name", "The pooler's name, which its Service has too.").required(),
    Argument::choice(
        "type",
        &["rw", "ro", "r"],
        "Where it leads: the primary, the replicas, or every instance.",
    )
    .or_text("rw"),
    Argument::number("instances", 1, 10, "How many pods.").or_number(1),
    Argument::choice(
        "pool_mode",
        &["session", "transaction"],
        "For how long a client keeps its connection to PostgreSQL.",
    )
    .or_text("session"),
    Argument::pairs(
        "parameters",
        "Of PgBouncer, numbers as texts: sizes, times and what is logged, such as default_pool_size and max_client_conn.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_pooler",
        "Proposes a pooler (PgBouncer) in front of a cluster: clients then connect to the Service of its name. The operator sets up how it \
         logs in. A person approves it.",
        create,
    )
    .title("Create a pooler")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let text = |name| values.text(name).unwrap_or_default();
    let (name, cluster_name, kind) = (text("name"), text("cluster_name"), text("type"));
    let parameters = pooler::check_parameters(&values.pairs("parameters"))?;
    pooler::check_name(name, &[])?;
    let cluster = Cluster::find(&place, cluster_name)?;
    let mut notes = Vec::new();
    let mut names = vec![cluster_name.to_owned()];
    let read = others(&place, &mut names);
    match not_known(&read) {
        Some(why) => notes.push(format!("not known: the names of other clusters ({why})")),
        None => read?,
    }
    pooler::check_name(name, &names)?;
    let instances = values.count("instances").unwrap_or(1);
    if kind == "ro" && cluster.instances() < 2 {
        notes.push(
            "the cluster has no replica: a pooler of type ro has nothing to connect to".to_owned(),
        );
    }
    if cluster.is_hibernated() {
        notes.push(
            "the cluster is hibernated: the pooler has nothing to connect to until it is woken"
                .to_owned(),
        );
    }
    let mut summary = format!(
        "create pooler {name} ({kind}, {instances} pods) for cluster {cluster_name} in {}",
        place.namespace
    );
    telling::all(&mut summary, &notes);
    if text("pool_mode") == "transaction" {
        let lost = "in mode transaction nothing of a session lasts beyond a transaction: SET, LISTEN, advisory locks, temporary tables";
        telling::both(&mut summary, &mut notes, lost);
    }
    let pool_size = parameters.get("default_pool_size");
    let pool_size = pool_size.and_then(serde_json::Value::as_str);
    if let Some(why) = pooler::too_many(&cluster, instances.into(), pool_size) {
        telling::both(&mut summary, &mut notes, &why);
    }
    notes.push(format!(
        "clients connect to Service {name}, port 5432, with the roles and passwords that they have"
    ));
    let mut manifest = json!({
        "apiVersion": API_VERSION, "kind": "Pooler",
        "metadata": { "name": name, "namespace": place.namespace },
        "spec": {
            "cluster": { "name": cluster_name }, "type": kind, "instances": instances,
            "pgbouncer": { "poolMode": text("pool_mode") },
        },
    });
    if !parameters.is_empty() {
        manifest["spec"]["pgbouncer"]["parameters"] = parameters.into();
    }
    let plan = Plan::new(summary).change(Change::create(&manifest));
    carry_out(&values, plan, notes, None)
}

fn others(place: &Place, names: &mut Vec<String>) -> Result<(), Failure> {
    row::each(&place.query(clusters()), &["metadata.name"], &mut |row| {
        names.push(row.text(0).to_owned());
        Ok(())
    })
}
