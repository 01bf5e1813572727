//! One object of CloudNativePG by its name, and which names come close where there is none.

use crate::row;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::names::near;
use bulkhead_plugin_sdk::{Failure, Place};
use serde_json::Value;

/// Reads one object of CloudNativePG, whole. `lists` is the tool that shows the names there are.
///
/// # Errors
/// `NotFound` with names that begin alike, else as [`row::one`].
pub(crate) fn find(
    of: ResourceType,
    place: &Place,
    name: &str,
    lists: &str,
) -> Result<Value, Failure> {
    let object = ObjectRef::in_namespace(of, &place.namespace, name);
    row::one(&object).map_err(|failure| match failure {
        Failure::NotFound(_) => missing(object.of.clone(), place, name, lists),
        other => other,
    })
}

fn missing(of: ResourceType, place: &Place, name: &str, lists: &str) -> Failure {
    let singular = of.plural.trim_end_matches('s').to_owned();
    let query = Query::in_namespace(of, &place.namespace);
    let alike = match near(&query, name).map_err(|failure| row::installed(&query.of, failure)) {
        Ok(names) if names.is_empty() => String::new(),
        Ok(names) => format!("; there is {}", names.join(", ")),
        Err(not_installed @ Failure::NotFound(_)) => return not_installed,
        // It is not there, whatever else there may be.
        Err(_) => String::new(),
    };
    let sentence = format!("there is no {singular} `{name}` {}{alike}", place.words);
    Failure::not_found(sentence).next_step(&format!("{lists} shows their names"))
}
