//! The fields of a cluster that a list reads: put together again, they are a cluster with gaps, and read like a whole one.
//!
//! A whole cluster is 10 KB and more, most of it spec that nobody lists.

use bulkhead_plugin_sdk::Row;
use serde_json::Value;

/// Where the fields stand, as JSON pointers. None of them is within another.
const FIELDS: &[&str] = &[
    "/metadata/name",
    "/metadata/namespace",
    "/metadata/creationTimestamp",
    "/metadata/deletionTimestamp",
    "/metadata/annotations/cnpg.io~1hibernation",
    "/metadata/annotations/cnpg.io~1fencedInstances",
    "/metadata/annotations/cnpg.io~1reconciliationLoop",
    "/spec/instances",
    "/spec/imageName",
    "/spec/imageCatalogRef",
    "/spec/storage",
    "/spec/walStorage",
    "/spec/backup",
    "/spec/plugins",
    "/spec/replica",
    "/spec/certificates",
    "/status/phase",
    "/status/phaseReason",
    "/status/readyInstances",
    "/status/currentPrimary",
    "/status/targetPrimary",
    "/status/image",
    "/status/pgDataImageInfo",
    "/status/conditions",
    "/status/pluginStatus",
    "/status/certificates",
    "/status/lastSuccessfulBackup",
    "/status/firstRecoverabilityPoint",
    "/status/lastFailedBackup",
    "/status/danglingPVC",
    "/status/unusablePVC",
    "/status/managedRolesStatus/cannotReconcile",
];

/// Returns the paths by which the host projects, in the order of [`FIELDS`].
pub(super) fn paths() -> Vec<String> {
    FIELDS.iter().map(|field| path(field)).collect()
}

/// `/metadata/annotations/cnpg.io~1hibernation` becomes `metadata.annotations['cnpg.io/hibernation']`.
fn path(field: &str) -> String {
    let mut path = String::new();
    for segment in segments(field) {
        if segment.contains('.') {
            path = format!("{path}['{segment}']");
        } else if path.is_empty() {
            path = segment;
        } else {
            path = format!("{path}.{segment}");
        }
    }
    path
}

fn segments(field: &str) -> impl Iterator<Item = String> {
    let segments = field.split('/').skip(1);
    segments.map(|segment| segment.replace("~1", "/"))
}

/// Returns the object that has the values of a row in their places.
pub(super) fn object(row: Row) -> Value {
    let mut object = Value::Null;
    for (field, value) in FIELDS.iter().zip(row.0) {
        if value.is_null() {
            continue;
        }
        let mut place = &mut object;
        for segment in segments(field) {
            // What is not there yet becomes an object, since no field is within another.
            place = &mut place[segment.as_str()];
        }
        *place = value;
    }
    object
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, object, path};
    use bulkhead_plugin_sdk::{Object, Row};
    use serde_json::{Value, json};

    #[test]
    fn a_field_becomes_a_path_of_the_host() {
        assert_eq!(path("/spec/instances"), "spec.instances");
        let annotation = "/metadata/annotations/cnpg.io~1hibernation";
        assert_eq!(
            path(annotation),
            "metadata.annotations['cnpg.io/hibernation']"
        );
    }

    #[test]
    fn the_fields_of_a_row_are_where_they_were() {
        let row = (0..FIELDS.len()).map(|number| json!(number)).collect();
        let object = object(Row(row));
        for (number, field) in FIELDS.iter().enumerate() {
            assert_eq!(Object(&object).part(field).0, &json!(number), "{field}");
        }
        assert_eq!(super::object(Row(vec![Value::Null])), Value::Null);
    }
}
