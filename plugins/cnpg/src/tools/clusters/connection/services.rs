//! The services of a cluster: the three of the operator's own, which may be disabled, and those that the spec adds
//! (`pkg/specs/services.go`, `ManagedServices`).

use crate::cluster::Cluster;
use crate::kinds::{CLUSTER_LABEL, core};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Document, Failure, Row, row};

/// By its suffix, and where it leads.
const DEFAULT: [(&str, &str); 3] = [
    ("rw", "the primary, to read and write"),
    ("ro", "the replicas, to read"),
    ("r", "any instance, to read"),
];

/// What is read of each Service.
const PATHS: [&str; 4] = [
    "metadata.name",
    "spec.type",
    "status.loadBalancer.ingress[*].hostname",
    "status.loadBalancer.ingress[*].ip",
];

/// Returns the host to write to; none where that service is disabled.
pub(super) fn host(cluster: &Cluster) -> Option<String> {
    (!is_disabled(cluster, "rw"))
        .then(|| format!("{}-rw.{}.svc", cluster.name(), cluster.namespace()))
}

/// Says which services there are, and which of them are missing where that can be known.
pub(super) fn say(document: &mut Document, cluster: &Cluster) -> Result<(), Failure> {
    let mut found: Vec<Row> = Vec::new();
    let selector = format!("{CLUSTER_LABEL}={}", cluster.name());
    let query = Query::in_namespace(core("services"), cluster.namespace());
    let read = row::all(&query.label_selector(selector), &PATHS).map(|rows| found = rows);
    let known = document.known("whether the services are there", read)?;
    for (suffix, leads) in DEFAULT {
        let name = format!("{}-{suffix}", cluster.name());
        let words = match (is_disabled(cluster, suffix), find(&found, &name)) {
            (true, _) => "disabled by spec.managed.services.disabledDefaultServices".to_owned(),
            (false, None) if known => {
                format!("{} (not there yet)", words(cluster, &name, leads, None))
            }
            (false, service) => words(cluster, &name, leads, service),
        };
        document.fact(suffix, words);
    }
    for added in cluster.object().items("/spec/managed/services/additional") {
        let name = added.text("/serviceTemplate/metadata/name");
        let leads = DEFAULT
            .iter()
            .find(|one| one.0 == added.text("/selectorType"));
        let leads = leads.map_or("", |one| one.1);
        document.fact("added", words(cluster, name, leads, find(&found, name)));
    }
    document.fact("port", "5432");
    Ok(())
}

fn words(cluster: &Cluster, name: &str, leads: &str, service: Option<&Row>) -> String {
    let mut words = format!("{name}.{}.svc: {leads}", cluster.namespace());
    let Some(service) = service else {
        return words;
    };
    let kind = service.text(1);
    let outside = [service.texts(2), service.texts(3)].concat();
    if kind != "ClusterIP" && !kind.is_empty() {
        words = format!("{words}; {kind} {}", outside.join(", "));
    }
    words
}

fn find<'a>(found: &'a [Row], name: &str) -> Option<&'a Row> {
    found.iter().find(|row| row.text(0) == name)
}

fn is_disabled(cluster: &Cluster, suffix: &str) -> bool {
    let disabled = cluster
        .object()
        .texts("/spec/managed/services/disabledDefaultServices");
    disabled.iter().any(|one| one == suffix)
}
