//! What differs between two states of an object: a line for each leaf.
//!
//! Pure. What the server keeps for itself is left out by [`normalised`], so that two dry runs of one change give one diff. Every
//! other difference is in the lines, the order of a list included: a person decides by them, and the policy judges by them.

mod walk;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use walk::{Difference, Item, Step, differences, text_of};

/// Keys of `metadata` that the server sets, and that say nothing about what a change does.
const KEPT_BY_SERVER: [&str; 6] = [
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// An annotation that a controller counts up after each change of a deployment.
const COUNTED_REVISION: &str = "deployment.kubernetes.io/revision";

/// One leaf that differs: a value that is no object and no list, or an empty one of these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Line {
    /// Such as `spec.containers[0].image` or `metadata.labels['app.kubernetes.io/name']`. The index of an item that is removed
    /// is the one that it had; of any other item, the one that it has afterwards.
    pub path: String,
    /// As JSON text; none where the leaf is added.
    pub before: Option<String>,
    /// As JSON text; none where the leaf is removed.
    pub after: Option<String>,
}

/// Returns the object without `status` and without what the server alone writes into `metadata`.
#[must_use]
pub fn normalised(object: &Value) -> Value {
    let mut object = object.clone();
    let is_counted = object["kind"] == "Deployment";
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            normalise_metadata(metadata, is_counted);
        }
    }
    object
}

fn normalise_metadata(metadata: &mut Map<String, Value>, is_counted: bool) {
    for key in KEPT_BY_SERVER {
        metadata.remove(key);
    }
    if !is_counted {
        return;
    }
    let Some(annotations) = metadata.get_mut("annotations") else {
        return;
    };
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.remove(COUNTED_REVISION);
    }
    // The revision may have been the only one; having none and having an empty object of them mean the same.
    if annotations.as_object().is_some_and(Map::is_empty) {
        metadata.remove("annotations");
    }
}

/// Returns what differs, sorted by path; empty where the two are equal. None is an object that does not exist.
///
/// Items of a list are compared by their `name` where each has one of its own and those that stay keep their order, so that an
/// inserted one does not show all that follow it as changed. All other lists are compared index by index.
#[must_use]
pub fn lines(before: Option<&Value>, after: Option<&Value>) -> Vec<Line> {
    lines_and_items(before, after).0
}

/// Returns also the items that the paths of the lines lead through, in no order that means anything.
pub(crate) fn lines_and_items<'a>(
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> (Vec<Line>, Vec<Item<'a>>) {
    let (differences, items) = walk::differences_and_items(before, after);
    let mut lines: Vec<Line> = differences
        .into_iter()
        .map(|difference| Line {
            path: text_of(&difference.path),
            before: difference.before.map(Value::to_string),
            after: difference.after.map(Value::to_string),
        })
        .collect();
    lines.sort();
    (lines, items)
}

#[cfg(test)]
mod tests;
