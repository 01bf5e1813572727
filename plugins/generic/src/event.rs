//! Events: what happened to objects, newest first.

use bulkhead_plugin_sdk::kubernetes::{self, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Table, Time};
use serde::Deserialize;
use std::cmp::Reverse;

/// The server sorts by name, so the newest can only be found by reading all. Above this many, some are missing.
const MOST: usize = 2000;

const PATHS: [&str; 12] = [
    "type",
    "reason",
    "message",
    "involvedObject.kind",
    "involvedObject.name",
    "count",
    "series.count",
    "series.lastObservedTime",
    "lastTimestamp",
    "eventTime",
    "metadata.creationTimestamp",
    "involvedObject.namespace",
];

/// The values at [`PATHS`].
#[derive(Deserialize)]
struct Row(
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<u32>,
    Option<u32>,
    Option<Time>,
    Option<Time>,
    Option<Time>,
    Option<Time>,
    Option<String>,
);

/// One event, with the times that it was repeated.
#[derive(Debug)]
pub(crate) struct Event {
    /// `Normal` or `Warning`.
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// Such as `Pod/checkout-7d9f`.
    pub(crate) object: String,
    /// Empty for an object of the cluster.
    pub(crate) namespace: String,
    pub(crate) count: u32,
    /// When it was last seen.
    pub(crate) last: Option<Time>,
}

/// Events, newest first.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) newest_first: Vec<Event>,
    /// Whether there are more than were read.
    pub(crate) incomplete: bool,
}

/// Returns the type, for a [`Query`].
pub(crate) fn events() -> ResourceType {
    ResourceType::new("", "events")
}

/// Reads events.
///
/// # Errors
/// The host's.
pub(crate) fn read(query: &Query) -> Result<Events, Failure> {
    let mut newest_first = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = kubernetes::list_fields::<Row>(query, &PATHS, 500, token.as_deref())?;
        newest_first.extend(page.items.into_iter().map(Event::from));
        token = page.continue_token;
        if token.is_none() || newest_first.len() >= MOST {
            break;
        }
    }
    newest_first.sort_by_key(|event: &Event| Reverse(event.last));
    Ok(Events {
        newest_first,
        incomplete: token.is_some(),
    })
}

/// Returns events as a table, with their age at `now`.
pub(crate) fn table<'a>(
    events: impl Iterator<Item = &'a Event>,
    now: Time,
    everywhere: bool,
) -> Table {
    let columns = ["LAST", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"];
    let mut table = Table::new(&columns);
    for event in events {
        let object = if everywhere {
            format!("{}/{}", event.namespace, event.object)
        } else {
            event.object.clone()
        };
        table.push([
            event.last.map_or_else(String::new, |last| now.age(last)),
            event.kind.clone(),
            event.reason.clone(),
            object,
            event.count.to_string(),
            event.message.clone(),
        ]);
    }
    table
}

impl From<Row> for Event {
    /// Three generations of writers fill in different fields; the newest wins.
    fn from(row: Row) -> Self {
        let Row(
            kind,
            reason,
            message,
            of,
            name,
            count,
            series,
            observed,
            last,
            first,
            created,
            namespace,
        ) = row;
        Self {
            kind: kind.unwrap_or_default(),
            reason: reason.unwrap_or_default(),
            message: message.unwrap_or_default(),
            object: format!("{}/{}", of.unwrap_or_default(), name.unwrap_or_default()),
            namespace: namespace.unwrap_or_default(),
            count: series.or(count).unwrap_or(1).max(1),
            last: observed.or(last).or(first).or(created),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Row};
    use bulkhead_plugin_sdk::Time;
    use serde_json::json;

    fn event(row: serde_json::Value) -> Event {
        serde_json::from_value::<Row>(row)
            .expect("that is a row")
            .into()
    }

    #[test]
    fn an_event_of_the_new_kind_takes_count_and_time_from_its_series() {
        let event = event(json!([
            "Warning",
            "BackOff",
            "again",
            "Pod",
            "a",
            null,
            7,
            "2026-01-02T00:00:00.000001Z",
            null,
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "shop",
        ]));
        assert_eq!(
            (event.count, event.last),
            (7, Time::parse("2026-01-02T00:00:00Z"))
        );
        assert_eq!(event.object, "Pod/a");
    }

    #[test]
    fn an_event_without_a_count_happened_once() {
        let event = event(json!([
            null,
            null,
            null,
            null,
            null,
            0,
            null,
            null,
            null,
            null,
            "2026-01-01T00:00:00Z",
            null,
        ]));
        assert_eq!(
            (event.count, event.last),
            (1, Time::parse("2026-01-01T00:00:00Z"))
        );
    }
}
