//! The operator's objects read field by field, with one clear sentence where the cluster has no CloudNativePG.

use crate::kinds::GROUP;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Row, row};
use serde_json::Value;

/// As [`row::each`].
///
/// # Errors
/// As it, with one clear sentence where the cluster has no CloudNativePG.
pub(crate) fn each(
    query: &Query,
    paths: &[&str],
    visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    row::each(query, paths, visit).map_err(|failure| installed(&query.of, failure))
}

/// As [`row::all`].
///
/// # Errors
/// As [`each`].
pub(crate) fn all(query: &Query, paths: &[&str]) -> Result<Vec<Row>, Failure> {
    row::all(query, paths).map_err(|failure| installed(&query.of, failure))
}

/// Reads one object, whole.
///
/// # Errors
/// As [`kubernetes::get`], with one clear sentence where the cluster has no CloudNativePG.
pub(crate) fn one(object: &ObjectRef) -> Result<Value, Failure> {
    kubernetes::get(object).map_err(|failure| installed(&object.of, failure))
}

/// Says clearly where the cluster has no CloudNativePG.
pub(crate) fn installed(of: &ResourceType, failure: Failure) -> Failure {
    if of.group != GROUP {
        return failure;
    }
    let next = "tell the user; the operator is installed by its manifest or its Helm chart `cloudnative-pg`";
    row::unless_installed(of, failure, "CloudNativePG", next)
}
