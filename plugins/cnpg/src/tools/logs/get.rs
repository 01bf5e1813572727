//! `get_postgres_logs`: what the instances of a cluster logged, summed up and the newest lines first.
//!
//! Read from the end, a bounded piece of each instance. What was left out is said. Credentials are masked by the host before a line
//! comes here; a line that is no JSON, before that or since, is shown as it is.

use super::found::{Found, count};
use super::line::LEVELS;
use super::pods::{self, Pod};
use super::since;
use crate::place::{self, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes, Values};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{self, LogQuery};
use bulkhead_plugin_sdk::{Document, Failure, Output, Place, Tool};

/// The most pods that are read: a cluster of more instances is rare.
const MOST_PODS: usize = 10;

/// The most lines that are read of a pod.
const LINES: u32 = 5000;

/// The most bytes that are read of all pods together: they are parsed within the call's time.
const BYTES: u32 = 3 * 1024 * 1024;

/// Lines where the caller named no limit.
const SHOWN: u32 = 20;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[WHOSE, NAMESPACE, WHICH];
}

const WHOSE: &[Argument] = &[
    Argument::text(
        "cluster_name",
        "The cluster's name: all its instances, each in turn.",
    ),
    Argument::text(
        "instance",
        "Only this instance of the cluster: its name, its number, or `primary`.",
    ),
    Argument::text(
        "pod",
        "In place of a cluster, one pod: of a job, or a pooler's with container `pgbouncer`.",
    ),
];

const WHICH: &[Argument] = &[
    Argument::choice("level", LEVELS, "Only lines as grave as this; ERROR, FATAL and PANIC of PostgreSQL are `error`."),
    Argument::text("logger", "Only lines of this logger, such as `postgres`, `pgaudit`, `wal-archive`, `instance-manager`."),
    Argument::text("since", "How far back, such as `15m`, `2h` or `1d`; left out, the newest lines."),
    Argument::number("limit", 1, 100, "The most lines to show.").or_number(SHOWN),
    Argument::text("container", "The container.").or_text("postgres"),
    Argument::switch("previous", "Of the run before the last restart: what a crashed container said."),
    Argument::number("slow_ms", 0, 86_400_000, "Statements count as slow from so many milliseconds; left out, all whose duration was logged.")
        .or_number(0),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_postgres_logs",
        "Reads the JSON logs of a cluster's instances: errors and slow statements summed up with counts, then the newest lines, by \
         level, logger and time. Literals in statements are left out, credentials masked.",
        get,
    )
    .title("Read PostgreSQL's logs")
}

fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let seconds = values.text("since").map(since::seconds).transpose()?;
    let mut pods = pods::choose(&values, &place)?;
    let left_out: Vec<_> = pods
        .iter()
        .skip(MOST_PODS)
        .map(|pod| pod.name.clone())
        .collect();
    pods.truncate(MOST_PODS);
    let name = values
        .text("cluster_name")
        .or_else(|| values.text("pod"))
        .unwrap_or_default();
    let mut document = Document::new("pods/log", name, &place);
    document.section("read");
    let mut found = Found::new(&values);
    let mut failed = None;
    let each = BYTES / u32::try_from(pods.len()).unwrap_or(1).max(1);
    for pod in &pods {
        let query = query(&values, &place, pod, seconds, each);
        match kubernetes::logs(&query) {
            Ok(log) => {
                let lines = found.take(&pod.name, &log.text);
                document.fact(&pod.name, read(pod, lines, log.truncated, seconds));
            }
            Err(failure @ (Failure::Cancelled | Failure::Limit(_))) => return Err(failure),
            Err(failure) => {
                document.fact(&pod.name, format!("could not be read: {failure}"));
                failed.get_or_insert(failure);
            }
        }
    }
    if let Some(failure) = failed.filter(|_| !found.any_read) {
        return Err(failure);
    }
    if !left_out.is_empty() {
        document.note(format!(
            "not read: {}; name one as `instance`",
            listed(&left_out)
        ));
    }
    found.show(&mut document, pods.len());
    Ok(document.in_words())
}

fn query(values: &Values, place: &Place, pod: &Pod, seconds: Option<u32>, bytes: u32) -> LogQuery {
    let mut query = LogQuery::new(&place.namespace, &pod.name, bytes);
    query.container = values.text("container").map(str::to_owned);
    query.previous = values.is_on("previous");
    query.tail_lines = Some(LINES);
    query.since_seconds = seconds;
    query.timestamps = true;
    query
}

/// Says what was read of a pod, and that there is more where something was cut.
fn read(pod: &Pod, lines: u32, truncated: bool, seconds: Option<u32>) -> String {
    let mut words = vec![count(lines.into(), "line")];
    if !pod.state.is_empty() {
        words.insert(0, pod.state.clone());
    }
    if truncated || lines >= LINES {
        let of = if seconds.is_some() {
            " of that time"
        } else {
            ""
        };
        words.push(format!("the newest{of}: older ones were not read"));
    }
    words.join(", ")
}
