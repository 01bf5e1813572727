//! What is shown of the metrics: a line for each instance, database and volume, and how the exporter is set.

use super::expressions::What;
use super::known::Known;
use crate::cluster::Cluster;
use crate::quantity;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Document, Time, order};
use std::cmp::Reverse;

/// The most databases that are shown, the largest first.
const DATABASES: usize = 10;

/// The port of an instance's exporter (`pkg/management/url/url.go`).
const PORT: &str = "9187";

/// Shows all that is known.
pub(super) fn all(
    document: &mut Document,
    cluster: &Cluster,
    instances: &[String],
    known: &Known,
    now: Time,
) {
    let reporting = instances
        .iter()
        .filter(|pod| known.pod(What::Up, pod).is_some())
        .count();
    if reporting == 0 && cluster.is_hibernated() {
        document.summary("no metrics: it is hibernated, so no instance runs");
        document.note("wake_postgres_cluster wakes it");
        return;
    }
    document.summary(format!(
        "{reporting} of {} instances report to Prometheus",
        instances.len()
    ));
    if reporting == 0 {
        document.note(format!(
            "Prometheus knows nothing of {}: it must scrape port {PORT} of the instances, with labels `namespace` and `pod` as a \
             PodMonitor gives them",
            listed(instances)
        ));
    }
    document.section("instances");
    for pod in instances {
        document.fact(pod, instance(known, pod, cluster.primary() == pod));
    }
    document.section("WAL");
    for pod in instances {
        document.fact(pod, wal(known, pod));
    }
    backups(document, known, now);
    databases(document, known);
    document.section("volumes");
    let mut claims = known.names(What::Capacity, "persistentvolumeclaim");
    order::by(&mut claims, Clone::clone);
    for claim in claims {
        let of = |what| known.by(what, "persistentvolumeclaim", &claim);
        let used = of(What::Used).map(|percent| format!("{percent} % used"));
        let capacity = of(What::Capacity).map(|bytes| format!("of {}", size(bytes)));
        document.fact(
            &claim,
            [used, capacity].map(Option::unwrap_or_default).join(" "),
        );
    }
    for warning in known.warnings() {
        document.note(format!("Prometheus warns: {warning}"));
    }
}

fn instance(known: &Known, pod: &str, is_primary: bool) -> String {
    let of = |what| known.pod(what, pod);
    let mut words = Vec::new();
    match of(What::Up) {
        None => return "not known to Prometheus".to_owned(),
        Some(0) => words.push("PostgreSQL is down".to_owned()),
        Some(_) => {}
    }
    match of(What::InRecovery) {
        Some(0) => words.push("writes".to_owned()),
        Some(_) => words.push("replays".to_owned()),
        None if is_primary => words.push("primary".to_owned()),
        None => {}
    }
    if let Some(backends) = of(What::Backends) {
        let allowed = of(What::Allowed).map(|most| format!(" of {most}"));
        words.push(format!(
            "{backends}{} connections",
            allowed.unwrap_or_default()
        ));
    }
    let mut add = |what, text: &dyn Fn(i64) -> String| words.extend(of(what).map(text));
    add(What::Active, &|active| format!("{active} active"));
    add(What::Waiting, &|waiting| {
        format!("{waiting} waiting for locks")
    });
    add(What::Longest, &|longest| {
        format!("longest transaction {}", duration(longest))
    });
    add(What::Transactions, &|transactions| {
        format!("{transactions} transactions a minute")
    });
    add(What::Hits, &|hits| format!("{hits} % cache hits"));
    if of(What::InRecovery) == Some(0) {
        add(What::Standbys, &|standbys| {
            format!("standbys streaming: {standbys}")
        });
    } else {
        add(What::Lag, &|lag| format!("{} behind", duration(lag)));
    }
    words.join(", ")
}

fn wal(known: &Known, pod: &str) -> String {
    let of = |what| known.pod(what, pod);
    let mut words = Vec::new();
    let mut add = |what, text: &dyn Fn(i64) -> String| words.extend(of(what).map(text));
    add(What::Wal, &|bytes| size(bytes));
    add(What::Ready, &|files| {
        format!("{files} files wait to be archived")
    });
    // What never was is -1.
    add(What::SinceArchived, &|seconds| match seconds {
        ..0 => "nothing archived yet".to_owned(),
        seconds => format!("last archived {} ago", duration(seconds)),
    });
    add(What::Failures, &|failures| {
        format!("{failures} failures in the last hour")
    });
    if let (Some(timed), Some(requested)) = (of(What::Timed), of(What::Requested)) {
        words.push(format!(
            "checkpoints in the last hour: {timed} by time, {requested} requested"
        ));
    }
    words.join(", ")
}

fn backups(document: &mut Document, known: &Known, now: Time) {
    document.section("backups");
    for (name, what) in [
        ("recoverable since", What::Recoverable),
        ("last backup", What::LastBackup),
        ("last failed backup", What::FailedBackup),
    ] {
        if let Some(seconds) = known.cluster(what) {
            let time = Time::from_seconds(seconds);
            document.fact(name, format!("{time}, {} ago", now.age(time)));
        }
    }
    let reports = !known.names(What::Up, "pod").is_empty();
    if reports && known.cluster(What::LastBackup).is_none() {
        document.note(
            "the exporter tells of no backup; it knows only those that the operator makes without a backup plugin: list_postgres_backups \
             shows all",
        );
    }
}

fn databases(document: &mut Document, known: &Known) {
    document.section("databases");
    let of = |what, name: &str| known.by(what, "datname", name);
    let mut names = known.names(What::Size, "datname");
    order::by(&mut names, |name| Reverse(of(What::Size, name)));
    let more = names.len().saturating_sub(DATABASES);
    for name in names.iter().take(DATABASES) {
        let bytes = of(What::Size, name).map(size).unwrap_or_default();
        let age =
            of(What::Age, name).map(|age| format!(", {age} transactions since its oldest freeze"));
        document.fact(name, bytes + &age.unwrap_or_default());
    }
    if more > 0 {
        document.fact("others", format!("{more} smaller ones"));
    }
}

/// Shows how the exporter of the instances is set (`api/v1/cluster_types.go`, `MonitoringConfiguration`).
pub(super) fn exporter(document: &mut Document, cluster: &Cluster) {
    let spec = cluster.object();
    let is_on = |pointer: &str| spec.flag(pointer).unwrap_or_default();
    document.section("exporter");
    let scheme = if is_on("/spec/monitoring/tls/enabled") {
        "https"
    } else {
        "http"
    };
    document.fact(
        "port",
        format!("{PORT} of each instance, named `metrics`, over {scheme}"),
    );
    if is_on("/spec/monitoring/disableDefaultQueries") {
        document.fact(
            "default queries",
            "off: only `cnpg_collector_*` and what its own queries give",
        );
    }
    for (name, pointer) in [
        (
            "queries of ConfigMaps",
            "/spec/monitoring/customQueriesConfigMap",
        ),
        ("queries of Secrets", "/spec/monitoring/customQueriesSecret"),
    ] {
        let names: Vec<_> = spec
            .items(pointer)
            .map(|one| one.text("/name").to_owned())
            .collect();
        if !names.is_empty() {
            document.fact(name, listed(&names));
        }
    }
    if is_on("/spec/monitoring/enablePodMonitor") {
        document.fact("PodMonitor", "made by the operator, which is deprecated");
    } else {
        let selector = format!(
            "none by the operator: one with the label selector `cnpg.io/cluster: {}` and the port `metrics` has Prometheus scrape it",
            cluster.name()
        );
        document.fact("PodMonitor", selector);
    }
}

/// A length of time.
pub(super) fn duration(seconds: i64) -> String {
    Time::from_seconds(seconds).age(Time::EPOCH)
}

fn size(bytes: i64) -> String {
    quantity::words(u64::try_from(bytes).unwrap_or_default())
}
