//! Nodes: whether pods may be placed on one.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::Change;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, ResourceType};
use serde_json::{Value, json};

/// Returns the node of that name.
///
/// # Errors
/// `Invalid` for an empty name.
pub(crate) fn named(name: &str) -> Result<ObjectRef, Failure> {
    if name.is_empty() {
        return Err(Failure::invalid("`name` is empty").next_step("k8s_list of nodes shows them"));
    }
    Ok(ObjectRef::of_cluster(ResourceType::new("", "nodes"), name))
}

/// Whether the node is cordoned.
///
/// # Errors
/// As [`kubernetes::get_fields`].
pub(crate) fn is_cordoned(node: &ObjectRef) -> Result<bool, Failure> {
    let (unschedulable,): (Option<bool>,) = kubernetes::get_fields(node, &["spec.unschedulable"])?;
    Ok(unschedulable == Some(true))
}

/// Cordons the node, or takes that back.
pub(crate) fn cordon(node: ObjectRef, cordoned: bool) -> Change {
    // The server leaves the field out where it is false.
    let unschedulable = if cordoned { json!(true) } else { Value::Null };
    Change::patch_merge(node, &json!({ "spec": { "unschedulable": unschedulable } }))
}
