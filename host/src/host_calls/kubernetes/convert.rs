//! From the contract's types to the host's, and back. What a guest writes is judged here: it may be anything.

use serde_json::Value;

use crate::backend::cluster::{self, ListQuery, name_in_field_selector};
use crate::clean::Projection;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Reach, Resource};
use crate::host_calls::bindings::bulkhead::plugin::kubernetes as wit;
use crate::projection::Path;

/// Most paths in one projection or count.
const MAX_PATHS: usize = 64;

/// Most bytes of the JSON value that `wait-for` compares with.
const MAX_COMPARED_BYTES: usize = 64 * 1024;
pub(super) fn resource(of: &wit::ResourceType) -> Resource {
    Resource::new(of.group.clone(), of.plural.clone())
}

pub(super) fn reach_of(namespace: Option<String>) -> Reach {
    namespace.map_or(Reach::Cluster, Reach::Namespace)
}

pub(super) fn list(what: wit::Query) -> (Operation, ListQuery) {
    let reach = match what.scope {
        wit::Scope::Cluster => Reach::Cluster,
        wit::Scope::AllNamespaces => Reach::AllNamespaces,
        wit::Scope::Namespace(name) => Reach::Namespace(name),
    };
    let name = what
        .field_selector
        .as_deref()
        .and_then(name_in_field_selector);
    let operation = Operation::List {
        resource: resource(&what.of),
        reach,
        name,
    };
    let query = ListQuery {
        version: what.of.version,
        label_selector: what.label_selector,
        field_selector: what.field_selector,
        metadata_only: false,
    };
    (operation, query)
}

pub(super) fn api_resource(found: &cluster::ApiResource) -> wit::ApiResource {
    wit::ApiResource {
        of: wit::ResourceType {
            group: found.resource.group.clone(),
            version: Some(found.version.clone()),
            plural: found.resource.plural.clone(),
        },
        kind: found.kind.clone(),
        namespaced: found.namespaced,
        verbs: found.verbs.clone(),
        short_names: found.short_names.clone(),
        others: Vec::new(),
    }
}

pub(super) fn projection(fields: wit::Projection) -> Result<Projection, Failure> {
    match fields {
        wit::Projection::Whole => Ok(Projection::Whole),
        wit::Projection::Rows(rows) => paths(&rows).map(Projection::Rows),
    }
}

pub(super) fn paths(texts: &[String]) -> Result<Vec<Path>, Failure> {
    if texts.len() > MAX_PATHS {
        return Err(Failure::new(
            Kind::Invalid,
            format!(
                "{} paths are more than the {MAX_PATHS} of one call",
                texts.len()
            ),
        ));
    }
    if let Some(twice) = (1..texts.len()).find(|at| texts[..*at].contains(&texts[*at])) {
        return Err(
            Failure::new(Kind::Invalid, format!("path {} is given twice", twice + 1))
                .fix("name each path once"),
        );
    }
    texts.iter().map(|text| path(text)).collect()
}

fn path(text: &str) -> Result<Path, Failure> {
    Path::parse(text).map_err(|error| {
        Failure::new(Kind::Invalid, error.to_string())
            .fix("write paths like `spec.containers[*].image`")
    })
}

pub(super) fn condition(until: wit::Condition) -> Result<cluster::Condition, Failure> {
    Ok(match until {
        wit::Condition::Deleted => cluster::Condition::Deleted,
        wit::Condition::Exists(at) => cluster::Condition::Exists(path(&at)?),
        wit::Condition::Equals(comparison) => {
            if comparison.value.len() > MAX_COMPARED_BYTES {
                return Err(Failure::new(
                    Kind::Invalid,
                    format!("the value to compare with has more than {MAX_COMPARED_BYTES} bytes"),
                )
                .fix("wait for one field of the object"));
            }
            let value: Value = serde_json::from_str(&comparison.value).map_err(|error| {
                Failure::new(Kind::Invalid, "the value to compare with is not JSON").source(error)
            })?;
            cluster::Condition::Equals(path(&comparison.at)?, value)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_given_twice_is_refused() {
        assert!(paths(&["spec".into(), "status".into()]).is_ok());
        let failure = paths(&["spec".into(), "spec".into()]).unwrap_err();
        assert_eq!(failure.kind, Kind::Invalid);
    }
}
