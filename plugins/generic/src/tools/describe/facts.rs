//! An object in short.

use bulkhead_plugin_sdk::{Time, one_line};
use serde_json::Value;

/// What is worth a line where an object has it: where it stands, and the word for it.
const FACTS: [(&str, &str); 17] = [
    ("/status/phase", "phase"),
    ("/status/reason", "reason"),
    ("/status/message", "message"),
    ("/spec/nodeName", "node"),
    ("/spec/serviceAccountName", "service account"),
    ("/spec/replicas", "replicas wanted"),
    ("/status/readyReplicas", "replicas ready"),
    ("/spec/strategy/type", "strategy"),
    ("/spec/schedule", "schedule"),
    ("/spec/suspend", "suspended"),
    ("/spec/backoffLimit", "backoff limit"),
    ("/status/failed", "failed pods"),
    ("/status/succeeded", "succeeded pods"),
    ("/spec/type", "type"),
    ("/spec/clusterIP", "cluster IP"),
    ("/spec/storageClassName", "storage class"),
    ("/spec/unschedulable", "unschedulable"),
];

/// Returns a line per fact.
pub(super) fn of(object: &Value, now: Time) -> Vec<String> {
    let mut facts = Vec::new();
    let created = object
        .pointer("/metadata/creationTimestamp")
        .and_then(Value::as_str)
        .and_then(Time::parse);
    if let Some(created) = created {
        facts.push(format!("created {} ago", now.age(created)));
    }
    if let Some(deleted) = object
        .pointer("/metadata/deletionTimestamp")
        .and_then(Value::as_str)
    {
        let finalizers = object
            .pointer("/metadata/finalizers")
            .map_or_else(|| "none".to_owned(), plain);
        facts.push(format!(
            "deleted at {deleted}, waits for finalizers: {finalizers}"
        ));
    }
    if let Some(labels) = object
        .pointer("/metadata/labels")
        .and_then(Value::as_object)
    {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| format!("{name}={}", plain(value)))
            .collect();
        facts.push(one_line(&format!("labels: {}", labels.join(","))));
    }
    let short: Vec<_> = FACTS
        .iter()
        .filter_map(|(at, word)| Some(format!("{word} {}", plain(object.pointer(at)?))))
        .collect();
    if !short.is_empty() {
        facts.push(one_line(&short.join("; ")));
    }
    facts
}

/// Whether it has not become what it should be, as far as its phase says.
pub(super) fn is_pending(object: &Value) -> bool {
    let phase = object.pointer("/status/phase").and_then(Value::as_str);
    matches!(phase, Some("Pending" | "Failed" | "Lost"))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
