//! The instances, and what can be known of replication.

use super::View;
use crate::concern::Weight;
use crate::instances::{self, Instance};
use bulkhead_plugin_sdk::{Failure, row};

/// Reads the pods; none where that is not granted. Adds what only they tell to what is to be looked at.
pub(super) fn read(view: &mut View<'_>) -> Result<Option<Vec<Instance>>, Failure> {
    let mut found = Vec::new();
    let read = instances::of(view.cluster).map(|instances| found = instances);
    if !view.document.known("the pods of its instances", read)? {
        return Ok(None);
    }
    if !view.cluster.is_hibernated() {
        for instance in found
            .iter()
            .filter(|it| it.trouble.contains("no disk space"))
        {
            view.concerns.add(
                Weight::Urgent,
                format!("{} has no disk space left for WAL", instance.name),
                "a person sets a larger request in its claim, and then the same size in the spec (resize_postgres_storage); delete nothing by hand in it",
            );
        }
    }
    Ok(Some(found))
}

pub(super) fn say(view: &mut View<'_>, instances: Option<&[Instance]>) {
    let cluster = view.cluster;
    let document = &mut view.document;
    document.section("instances");
    for instance in instances.unwrap_or_default() {
        document.fact(&instance.name, instance.words(cluster));
    }
    let names = cluster.object().texts("/status/instanceNames");
    if let Some(instances) = instances {
        let missing = names
            .into_iter()
            .filter(|name| instances.iter().all(|one| one.name != *name));
        if !cluster.is_hibernated() {
            missing.for_each(|name| document.fact(&name, "no pod"));
        }
    } else {
        // Without the pods, what the operator last saw of them.
        let states = cluster
            .object()
            .part("/status/instancesStatus")
            .0
            .as_object();
        for (state, names) in states.into_iter().flatten() {
            document.fact(state, row::texts(names).join(", "));
        }
    }
    timelines(view);
    if cluster.instances() == 1 {
        let words = "none: there is one instance, and nothing to fail over to";
        view.document.fact("replication", words);
    } else if !cluster.is_hibernated() {
        view.document.fact(
            "replication lag",
            "not in the Kubernetes API; get_postgres_metrics has it (cnpg_pg_replication_lag) where Prometheus scrapes the pods",
        );
    }
}

/// A replica on another timeline than the cluster does not follow the primary.
fn timelines(view: &mut View<'_>) {
    let object = view.cluster.object();
    let current = object.number("/status/timelineID");
    let reported = object.part("/status/instancesReportedState").0.as_object();
    for (name, state) in reported.into_iter().flatten() {
        let timeline = state.get("timeLineID").and_then(serde_json::Value::as_u64);
        if let Some(timeline) = timeline.filter(|one| *one != current) {
            let words = format!("{name} is on timeline {timeline}, the cluster on {current}");
            view.document.fact("behind", words);
        }
    }
}
