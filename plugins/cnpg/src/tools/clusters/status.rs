//! `get_cluster_status`: how one cluster is, what is wrong first, and what to do next.
//!
//! Only the cluster itself must be readable. Pods, claims, backups and the plugin's object store are asked for where that is
//! granted, and are said to be not known where it is not.

mod backups;
mod instances;
mod rest;
mod storage;

use crate::cluster::{Cluster, Hibernation};
use crate::concern::{Concern, Concerns, WAIT};
use crate::format::{self, DETAIL_LEVEL, FORMAT};
use crate::kinds::named;
use crate::phase::{self, Meaning};
use crate::place::{self, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::{Document, Failure, Output, Place, Time, Tool, context};

pub(crate) enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAME, NAMESPACE, DETAIL_LEVEL, FORMAT];
}

const NAME: &[Argument] = &[Argument::text("name", "The cluster's name.").required()];

/// The most notes about what else is wrong.
const MOST_NOTES: usize = 6;

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_cluster_status",
        "Shows how one PostgreSQL cluster of CloudNativePG is: state and what to do next, primary, each instance, storage, the last \
         good backup and how far back a restore can go, certificates, version and pending upgrade or restart, roles that cannot be \
         reconciled, conditions. Says what the Kubernetes API does not know, such as replication lag.",
        get,
    )
    .title("Show a PostgreSQL cluster")
}

pub(crate) fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let cluster = Cluster::find(&place, values.text("name").unwrap_or_default())?;
    let detailed = format::is_detailed(&values);
    let now = context::now()?;
    let document = describe(&place, &cluster, detailed, now)?;
    format::answer(&values, document.in_words())
}

/// What a section adds to, and what it looks at.
struct View<'a> {
    document: Document,
    concerns: Concerns,
    cluster: &'a Cluster,
    detailed: bool,
    now: Time,
}

/// Says everything about a cluster.
///
/// # Errors
/// Of what is read beside the cluster, any but `Denied` and `NotFound`.
fn describe(
    place: &Place,
    cluster: &Cluster,
    detailed: bool,
    now: Time,
) -> Result<Document, Failure> {
    let mut view = View {
        document: Document::new(named("clusters"), cluster.name(), place),
        concerns: Concerns::of(cluster, now),
        cluster,
        detailed,
        now,
    };
    let instances = instances::read(&mut view)?;
    let window = backups::read(&mut view)?;
    let concerns = match cluster.is_going() {
        // Of what is on its way out nothing else is to be looked at.
        true => Concerns::of(cluster, now),
        false => std::mem::take(&mut view.concerns),
    };
    let concerns = concerns.sorted();
    state(&mut view, &concerns);
    instances::say(&mut view, instances.as_deref());
    storage::say(&mut view)?;
    backups::say(&mut view, window);
    rest::certificates(&mut view);
    rest::version(&mut view, instances.as_deref());
    rest::roles(&mut view);
    rest::conditions(&mut view);
    let more = concerns.iter().skip(1);
    for concern in more.take(MOST_NOTES) {
        view.document
            .note(format!("{}; next: {}", concern.words, concern.next));
    }
    if concerns.len() > MOST_NOTES + 1 {
        let left = concerns.len() - MOST_NOTES - 1;
        view.document
            .note(format!("{left} more of that kind are left out"));
    }
    Ok(view.document)
}

fn state(view: &mut View<'_>, concerns: &[Concern]) {
    let (cluster, now) = (view.cluster, view.now);
    let document = &mut view.document;
    let first = concerns.first();
    document.summary(match first {
        Some(concern) if concern.words.starts_with(cluster.state()) => concern.words.clone(),
        Some(concern) => format!("{}; {}", cluster.state(), concern.words),
        None => cluster.state().to_owned(),
    });
    document.section("state");
    document.fact("what to do next", next(cluster, first));
    let phase = phase::shown(cluster.phase());
    let means = if phase == cluster.state() {
        cluster.meaning().sentence()
    } else if cluster.is_going() {
        "as it was before"
    } else {
        "as it was before PostgreSQL was stopped"
    };
    document.fact("phase", format!("{phase}: {means}"));
    document.fact("reason", cluster.object().text("/status/phaseReason"));
    document.fact(
        "instances",
        format!("{} of {} ready", cluster.ready(), cluster.instances()),
    );
    let since = Time::parse(cluster.object().text("/status/currentPrimaryTimestamp"));
    let primary = match (cluster.primary(), since) {
        ("", _) => String::new(),
        (primary, None) => primary.to_owned(),
        (primary, Some(since)) => format!("{primary}, for {}", now.age(since)),
    };
    document.fact("primary", primary);
    if cluster.is_moving() {
        document.fact("next primary", cluster.target_primary());
    }
    let hibernation = match cluster.hibernation() {
        Hibernation::No | Hibernation::Wrong => "",
        Hibernation::Asked => "asked for; the operator begins once the phase is healthy",
        Hibernation::Hibernating => "begun; its pods are being deleted",
        Hibernation::Hibernated => "hibernated: no pods, the claims are kept",
    };
    document.fact("hibernation", hibernation);
    document.fact(
        "fenced",
        cluster.fenced().join(", ").replace('*', "all instances"),
    );
    if cluster.is_replica() {
        let source = cluster.object().text("/spec/replica/source");
        document.fact(
            "replica cluster",
            format!("it follows {source}, and takes no writes"),
        );
    }
    let age = cluster.object().time("/metadata/creationTimestamp");
    document.fact("age", age.map(|made| now.age(made)).unwrap_or_default());
}

/// One line, whatever the state is.
fn next(cluster: &Cluster, first: Option<&Concern>) -> String {
    if let Some(concern) = first {
        return concern.next.clone();
    }
    match (cluster.hibernation(), cluster.meaning()) {
        (Hibernation::Hibernated, _) => "nothing; wake_postgres_cluster to use it".to_owned(),
        (Hibernation::Hibernating, _) => "wait until its pods are gone".to_owned(),
        (Hibernation::No | Hibernation::Wrong, Meaning::Healthy) => "nothing".to_owned(),
        (_, _) => WAIT.to_owned(),
    }
}
