//! What the generating tools answer: the YAML of one object for a repository, and what to know about it.

use crate::manifest::Manifest;
use crate::yaml;
use bulkhead_plugin_sdk::{Output, Place, Time};
use schemars::JsonSchema;
use serde::Serialize;

/// An object for `kubectl apply`. Nothing was written anywhere.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Generated {
    yaml: String,
    /// The namespace of Velero that it is for.
    namespace: String,
    /// What it means, and what to look at.
    notes: Vec<String>,
    /// When a schedule comes next, in UTC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_times: Vec<String>,
}

/// Returns the object as YAML with the words for it.
pub(crate) fn in_words(manifest: Manifest, place: &Place, next: &[Time]) -> Output<Generated> {
    let mut notes = vec![format!("for Velero {}; nothing is written", place.words)];
    notes.extend(manifest.notes);
    let answer = Generated {
        yaml: yaml::write(&manifest.object),
        namespace: place.namespace.clone(),
        notes,
        next_times: next.iter().map(Time::to_string).collect(),
    };
    let mut text = format!("```yaml\n{}```", answer.yaml);
    for note in &answer.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    if !answer.next_times.is_empty() {
        text.push_str("\nnext: ");
        text.push_str(&answer.next_times.join(", "));
    }
    Output {
        text,
        structured: answer,
    }
}
