//! The way of every change of this plugin: the host's proposal, what Velero makes of it, notes.

use crate::manifest::Manifest;
use crate::telling;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Wait, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output};
use serde_json::Value;

/// Names an object that is to be created.
pub(crate) fn target(of: ResourceType, object: &Value) -> ObjectRef {
    let text = |at: &str| {
        object
            .pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    ObjectRef::in_namespace(of, text("/metadata/namespace"), text("/metadata/name"))
}

/// Proposes to create an object.
///
/// # Errors
/// As [`carry_out`].
pub(crate) fn create(
    values: &Values,
    summary: &str,
    manifest: Manifest,
    wait: Option<Wait<'_>>,
) -> Result<Output<ChangeAnswer>, Failure> {
    let change = Change::create(&manifest.object);
    run(values, summary, change, manifest.notes, wait)
}

/// Proposes a change, has it applied where the caller says that the user asked for it, and waits where asked to.
///
/// # Errors
/// As [`carry_out`].
pub(crate) fn run(
    values: &Values,
    summary: &str,
    change: Change,
    notes: Vec<String>,
    wait: Option<Wait<'_>>,
) -> Result<Output<ChangeAnswer>, Failure> {
    let plan = Plan::new(telling::shortened(summary)).change(change);
    carry_out(values, plan, notes, wait)
}

/// Says what is taken: `namespaces shop, till`, and what narrows that down or puts it elsewhere.
pub(crate) fn taken(values: &Values) -> String {
    let included = values.texts("included_namespaces");
    let mut words = match included.as_slice() {
        [] => "every namespace".to_owned(),
        [one] if one == "*" => "every namespace".to_owned(),
        [one] => format!("namespace {one}"),
        several => format!("namespaces {}", listed(several)),
    };
    for (name, before) in [
        ("excluded_namespaces", "but"),
        ("included_resources", "only"),
        ("excluded_resources", "without"),
    ] {
        let texts = values.texts(name);
        if !texts.is_empty() {
            words = format!("{words}, {before} {}", listed(&texts));
        }
    }
    if let Some(selector) = values.text("label_selector") {
        words = format!("{words}, only with {selector}");
    }
    let pairs = values.pairs("namespace_mapping");
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(from, to)| format!("{from} into {to}"))
        .collect();
    match pairs.is_empty() {
        true => words,
        false => format!("{words}, {}", listed(&pairs)),
    }
}

/// Returns `1 error`, `2 errors`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
