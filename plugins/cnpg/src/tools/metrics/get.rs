//! `get_postgres_metrics`: how the instances of a cluster fare, by what the operator's exporter tells Prometheus.
//!
//! Where there is no Prometheus to ask it says so, and how the metrics come to one: that is an answer, not a failure. A metric that
//! Prometheus does not know is left out.

use super::known::Known;
use super::{expressions, reasons, shown};
use crate::cluster::Cluster;
use crate::format::{self, FORMAT};
use crate::place::{self, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::{Document, Failure, Output, Tool, context};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[WHICH, NAMESPACE, FORMAT];
}

const WHICH: &[Argument] =
    &[Argument::text("cluster_name", "The cluster's name, such as `main-db`.").required()];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_postgres_metrics",
        "Shows how a cluster fares by the operator's metrics in Prometheus: connections, transactions and cache hits of each instance, \
         replication lag, WAL archiving, backups, checkpoints, sizes of databases, volumes.",
        get,
    )
    .title("Read PostgreSQL's metrics")
}

fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("cluster_name").unwrap_or_default();
    let cluster = Cluster::find(&place, name)?;
    let mut instances = cluster.object().texts("/status/instanceNames");
    // They are put into a pattern; the operator writes no others.
    instances.retain(|name| expressions::is_name(name));
    let mut document = Document::new("clusters.postgresql.cnpg.io", name, &place);
    if instances.is_empty() {
        document.summary("no metrics: it has no instance yet");
        document.note("get_cluster_status says why");
        shown::exporter(&mut document, &cluster);
        return format::answer(&values, document.in_words());
    }
    match Known::ask(&place.namespace, &instances) {
        Ok(known) => {
            let now = context::now()?;
            shown::all(&mut document, &cluster, &instances, &known, now);
            reasons::note(&mut document, &instances, cluster.primary(), &known);
        }
        Err(failure) => without(&mut document, failure)?,
    }
    shown::exporter(&mut document, &cluster);
    format::answer(&values, document.in_words())
}

/// Says that there is no Prometheus to ask, and who can change that.
///
/// # Errors
/// Where it is no lack of Prometheus, but one of the call or of this plugin.
fn without(document: &mut Document, failure: Failure) -> Result<(), Failure> {
    let (why, next) = match &failure {
        Failure::NotFound(_) => (
            "no Prometheus is configured".to_owned(),
            "tell the user: the operator of Bulkhead sets `url` under [prometheus] and `prometheus = true` in this plugin's table of \
             config.toml, and starts it again",
        ),
        Failure::Denied(why) => (
            format!("Prometheus may not be asked ({why})"),
            "tell the user what was wanted and why",
        ),
        Failure::Upstream(why) => (
            format!("Prometheus does not answer ({why})"),
            "tell the user",
        ),
        Failure::Invalid(_)
        | Failure::Conflict(_)
        | Failure::Limit(_)
        | Failure::NeedsApproval(_)
        | Failure::Declined(_)
        | Failure::Cancelled
        | Failure::Internal(_) => return Err(failure),
    };
    document.summary(format!("no metrics: {why}"));
    document.note(next);
    document.note("get_cluster_status shows what can be known without metrics");
    Ok(())
}
