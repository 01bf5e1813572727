//! Events in their two forms. They are one store with two faces: `v1` and `events.k8s.io/v1`.
//!
//! The core form is the one that is kept.

use serde_json::Value;

/// Core name, name in `events.k8s.io/v1`.
const RENAMED: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("source", "deprecatedSource"),
    ("reportingComponent", "reportingController"),
];

pub(crate) fn from_core(event: Value) -> Value {
    rename(event, RENAMED.iter().copied())
}

pub(crate) fn to_core(mut event: Value) -> Value {
    event["apiVersion"] = "v1".into();
    rename(event, RENAMED.iter().map(|(core, new)| (*new, *core)))
}

fn rename<'a>(mut event: Value, names: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    if let Some(event) = event.as_object_mut() {
        for (from, to) in names {
            if let Some(value) = event.remove(from) {
                event.insert(to.to_owned(), value);
            }
        }
    }
    event
}
