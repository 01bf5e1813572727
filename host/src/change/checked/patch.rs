//! Patches: what they may set, what a JSON patch writes, and what it may not read.

use serde_json::Value;

use super::is_secret;
use crate::change::pointer;
use crate::failure::{Failure, Kind, shown};
use crate::proposal::{Change, PatchKind, Target};

/// Operations that would read what they compare or copy.
pub(super) const READING: [&str; 3] = ["test", "copy", "move"];

/// Keys of `metadata` that no patch sets: they say which object it is, or whose fields are whose.
const HOSTS: [&str; 5] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "managedFields",
];

/// Returns the places that a JSON patch writes to, as the paths of a diff.
pub(in crate::change) fn written_by(operations: &Value) -> Vec<String> {
    let operations = operations.as_array().into_iter().flatten();
    let writing = operations.filter(|operation| operation["op"] != "test");
    let pointers = writing.filter_map(|operation| operation["path"].as_str());
    pointers
        .map(|pointer| {
            let steps = pointer::steps(pointer);
            // What comes to the end of a list is told by the lines of the diff.
            pointer::path(steps.iter().filter(|step| *step != "-"))
        })
        .collect()
}

/// Refuses the operations of a JSON patch that read what redaction covers. `covers` says where secrets were observed.
///
/// # Errors
/// Which operation, and why.
pub(in crate::change) fn reads_no_secret(
    target: &Target,
    change: &Change,
    covers: impl Fn(&str) -> bool,
) -> Result<(), Failure> {
    let Change::Patch {
        how: PatchKind::JsonPatch,
        body: Value::Array(operations),
        ..
    } = change
    else {
        return Ok(());
    };
    for operation in operations {
        let word = operation["op"].as_str().unwrap_or_default();
        if !READING.contains(&word) {
            continue;
        }
        let pointers = [&operation["path"], &operation["from"]];
        for pointer in pointers.into_iter().filter_map(Value::as_str) {
            // What is not masked in the object can be read anyway.
            if is_secret(target) || covers(pointer) {
                return Err(Failure::new(
                    Kind::Denied,
                    format!(
                        "`{word}` at `{}` of {target} would read what redaction covers",
                        shown(pointer)
                    ),
                )
                .fix(
                    "leave the operation out: the proposal is bound to the resourceVersion anyway",
                ));
            }
        }
    }
    Ok(())
}

/// Refuses what a plan may not set: who set which field decides what the next apply of somebody else takes away, and a status is
/// its controller's.
pub(super) fn not_set(object: &Value, keys: &[&str]) -> Result<(), String> {
    for key in keys {
        if object["metadata"].get(key).is_some() {
            return Err(format!("it sets `metadata.{key}`, which is the server's"));
        }
    }
    if object.get("status").is_some() {
        return Err("it sets `status`, which is its controller's".to_owned());
    }
    Ok(())
}

/// Checks what a patch sets.
///
/// # Errors
/// What it may not set, or why it is no patch.
pub(super) fn check(how: PatchKind, body: &Value) -> Result<(), String> {
    match how {
        PatchKind::Merge | PatchKind::Strategic => {
            if !body.is_object() {
                return Err("the patch is not a JSON object".to_owned());
            }
            not_set(body, &HOSTS)
        }
        PatchKind::JsonPatch => {
            let operations = body
                .as_array()
                .filter(|operations| !operations.is_empty())
                .ok_or("the JSON patch is not a list of operations")?;
            for operation in operations {
                let word = operation["op"].as_str().unwrap_or_default();
                if !["add", "remove", "replace"].contains(&word) && !READING.contains(&word) {
                    return Err(format!("`{}` is no operation of a JSON patch", shown(word)));
                }
                let Some(path) = operation["path"].as_str() else {
                    return Err("an operation of the JSON patch has no `path`".to_owned());
                };
                if word != "test" {
                    writes_no_more_than_a_patch(path)?;
                }
                if let (true, Some(from)) = (word == "move", operation["from"].as_str()) {
                    writes_no_more_than_a_patch(from)?;
                }
            }
            Ok(())
        }
    }
}

/// Refuses a place of a JSON patch at which a merge patch could not write either.
fn writes_no_more_than_a_patch(path: &str) -> Result<(), String> {
    let steps = pointer::steps(path);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    match steps.as_slice() {
        [] | ["metadata"] => {
            Err("an operation replaces the whole object or its metadata".to_owned())
        }
        ["status", ..] => Err("it sets `status`, which is its controller's".to_owned()),
        ["metadata", key, ..] if HOSTS.contains(key) => {
            Err(format!("it sets `metadata.{key}`, which is the server's"))
        }
        _ => Ok(()),
    }
}
