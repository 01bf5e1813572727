//! An object that is gone, as it can be created anew.

use serde_json::{Value, json};

use crate::change::pointer;
use crate::proposal::Target;

/// Keys of `metadata` that belong to the object that is gone.
const OF_THE_OLD: [&str; 8] = [
    // It made the name, which stands beside it now.
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
];

/// Fields that the server fills in at creation, by plural: it refuses them, or they name what is gone.
const SET_BY_SERVER: [(&str, &[&str]); 4] = [
    ("services", &["/spec/clusterIP", "/spec/clusterIPs"]),
    ("pods", &["/spec/nodeName"]),
    ("persistentvolumeclaims", &["/spec/volumeName"]),
    (
        "jobs",
        &[
            "/spec/selector",
            "/spec/template/metadata/labels/controller-uid",
            "/spec/template/metadata/labels/batch.kubernetes.io~1controller-uid",
        ],
    ),
];

/// The object as it can be created anew.
pub(super) fn as_new(before: &Value, target: &Target) -> Value {
    let mut object = before.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            for key in OF_THE_OLD {
                metadata.remove(key);
            }
        }
    }
    let set = SET_BY_SERVER
        .iter()
        .filter(|(plural, _)| *plural == target.plural)
        .flat_map(|(_, pointers)| pointers.iter());
    for pointer in set {
        // A headless Service says so itself.
        if object
            .pointer(pointer)
            .is_some_and(|value| value == "None" || value == &json!(["None"]))
        {
            continue;
        }
        let mut steps = pointer::steps(pointer);
        if let Some(key) = steps.pop()
            && let Some(parent) = object.pointer_mut(&pointer::of(&steps))
            && let Some(parent) = parent.as_object_mut()
        {
            parent.remove(&key);
        }
    }
    object
}
