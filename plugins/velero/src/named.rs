//! One object of Velero by its name, and which names come close where there is none.

use crate::arguments::{Argument, NAMESPACE, Takes};
use crate::place::Place;
use crate::row;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query, ResourceType};
use serde_json::Value;

/// The most names to suggest.
const MOST_NAMES: usize = 5;

/// Names that have fewer letters in common at their beginning are not alike.
const LEAST_COMMON: usize = 3;

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
    let near = match near(of, place, name) {
        Ok(names) if names.is_empty() => String::new(),
        Ok(names) => format!("; there is {}", names.join(", ")),
        Err(no_velero @ Failure::NotFound(_)) => return no_velero,
        // It is not there, whatever else there may be.
        Err(_) => String::new(),
    };
    let sentence = format!("there is no {singular} `{name}` {}{near}", place.words);
    Failure::not_found(sentence).next_step(&format!("list_velero_{plural} shows their names"))
}

/// Names that begin as this one does, the most alike first, of those the last by name: Velero puts the time at the end.
fn near(of: &ResourceType, place: &Place, name: &str) -> Result<Vec<String>, Failure> {
    let query = Query::in_namespace(of.clone(), &place.namespace);
    let mut alike: Vec<(usize, String)> = Vec::new();
    row::each(&query, &["metadata.name"], &mut |row| {
        let other = row.text(0);
        let common = common(name, other);
        if common >= LEAST_COMMON {
            let entry = (common, other.to_owned());
            let at = alike.partition_point(|one| *one > entry);
            alike.insert(at, entry);
            alike.truncate(MOST_NAMES);
        }
        Ok(())
    })?;
    Ok(alike.into_iter().map(|(_, name)| name).collect())
}

/// How many letters two names have in common at their beginning.
fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}
