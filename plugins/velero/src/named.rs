//! One object of Velero by its name, and which names come close where there is none.

use crate::place::NAMESPACE;
use crate::row;
use bulkhead_plugin_sdk::arguments::{Argument, Takes};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::names::near;
use bulkhead_plugin_sdk::{Failure, Place};
use serde_json::Value;

/// Takes a name, and where Velero is installed.
pub(crate) enum ByName {}

impl Takes for ByName {
    const TABLES: &'static [&'static [Argument]] = &[NAME, NAMESPACE];
}

const NAME: &[Argument] = &[Argument::text("name", "Its name.").required()];

/// Reads one object of Velero, whole.
///
/// # Errors
/// `NotFound` with names that begin alike, else as [`row::one`].
pub(crate) fn find(of: ResourceType, place: &Place, name: &str) -> Result<Value, Failure> {
    let object = ObjectRef::in_namespace(of, &place.namespace, name);
    row::one(&object).map_err(|failure| match failure {
        Failure::NotFound(_) => missing(&object.of, place, name),
        other => other,
    })
}

fn missing(of: &ResourceType, place: &Place, name: &str) -> Failure {
    let plural = &of.plural;
    let singular = plural.trim_end_matches('s');
    let near = match near(&Query::in_namespace(of.clone(), &place.namespace), name)
        .map_err(|failure| row::installed(of, failure))
    {
        Ok(names) if names.is_empty() => String::new(),
        Ok(names) => format!("; there is {}", names.join(", ")),
        Err(no_velero @ Failure::NotFound(_)) => return no_velero,
        // It is not there, whatever else there may be.
        Err(_) => String::new(),
    };
    let sentence = format!("there is no {singular} `{name}` {}{near}", place.words);
    Failure::not_found(sentence).next_step(&format!("list_velero_{plural} shows their names"))
}
