//! Reading the cluster. Every function passes the host's gate first.
//!
//! What crosses into the plugin is clean: values of Secrets are left out, what looks like a credential is masked, and
//! `managedFields` are dropped. Ask for paths instead of whole objects wherever that is enough: the host then reads and
//! sends less. A path is `metadata.name`, `spec.containers[*].image` or `metadata.labels['app.kubernetes.io/name']`; one that
//! leads nowhere gives `null`, one with `[*]` gives a list.

mod query;

pub use crate::bindings::bulkhead::plugin::kubernetes::{
    ApiResource, Comparison, Condition, Count, LogQuery, LogText, ObjectRef, Query, ResourceType,
    Scope,
};

use crate::bindings::bulkhead::plugin::kubernetes as contract;
use crate::{Failure, host};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In the server's order.
    pub items: Vec<T>,
    /// Gives the next page; none on the last.
    pub continue_token: Option<String>,
    /// How many objects follow; none where the server does not say, as with a selector.
    pub remaining: Option<u32>,
    /// Of the collection.
    pub resource_version: String,
}

/// Reads one object.
///
/// # Errors
/// [`Failure::Denied`], [`Failure::NotFound`], [`Failure::Upstream`], [`Failure::Limit`], [`Failure::Cancelled`]; [`Failure::Internal`]
/// where the object does not fit `T`.
pub fn get<T: DeserializeOwned>(what: &ObjectRef) -> Result<T, Failure> {
    fit(&host::current().get(what, &contract::Projection::Whole)?)
}

/// Reads the values at some paths of one object: `T` is a tuple or a tuple struct with a field per path.
///
/// # Errors
/// As [`get`].
pub fn get_fields<T: DeserializeOwned>(what: &ObjectRef, paths: &[&str]) -> Result<T, Failure> {
    fit(&host::current().get(what, &contract::Projection::Rows(owned(paths)))?)
}

/// Reads one page of at most `limit` whole objects (1 to 500).
///
/// # Errors
/// As [`get`], and [`Failure::Conflict`] for a continue token that is too old.
pub fn list<T: DeserializeOwned>(
    what: &Query,
    limit: u32,
    continue_token: Option<&str>,
) -> Result<Page<T>, Failure> {
    page(what, &contract::Projection::Whole, limit, continue_token)
}

/// Reads one page of at most `limit` objects (1 to 500), of each the values at some paths: `T` is a tuple or a tuple struct with
/// a field per path.
///
/// # Errors
/// As [`list`].
pub fn list_fields<T: DeserializeOwned>(
    what: &Query,
    paths: &[&str],
    limit: u32,
    continue_token: Option<&str>,
) -> Result<Page<T>, Failure> {
    page(
        what,
        &contract::Projection::Rows(owned(paths)),
        limit,
        continue_token,
    )
}

/// Counts on the host, grouped by the values at some paths; most frequent first, then by key. Reads the whole collection.
///
/// # Errors
/// As [`get`], and [`Failure::Limit`] for more than 100 000 objects.
pub fn count_by(what: &Query, paths: &[&str]) -> Result<Vec<Count>, Failure> {
    host::current().count_by(what, &owned(paths))
}

/// Reads a container's log.
///
/// # Errors
/// As [`get`]; the server's own words where a container has to be chosen.
pub fn logs(what: &LogQuery) -> Result<LogText, Failure> {
    host::current().logs(what)
}

/// Finds the type that a kind, plural, singular, short name or `plural.group` means.
///
/// # Errors
/// [`Failure::NotFound`] where the cluster serves no such type, [`Failure::Upstream`].
pub fn resolve(word: &str) -> Result<ApiResource, Failure> {
    host::current().resolve(word)
}

/// Returns every type that the cluster serves in its preferred version, by group, then plural.
///
/// # Errors
/// [`Failure::Upstream`].
pub fn api_resources() -> Result<Vec<ApiResource>, Failure> {
    host::current().api_resources()
}

/// Returns the documented schema at a path: `type`, `description`, and `fields` one level deep.
///
/// # Errors
/// [`Failure::NotFound`] where the type or the path is not documented, [`Failure::Upstream`].
pub fn explain(of: &ResourceType, at: &str) -> Result<Value, Failure> {
    fit(&host::current().explain(of, at)?)
}

/// Says whether both the gate and the API server would allow it. A namespace of none is the cluster, or all namespaces.
///
/// # Errors
/// [`Failure::Upstream`] where the server cannot be asked.
pub fn can_i(verb: &str, of: &ResourceType, namespace: Option<&str>) -> Result<bool, Failure> {
    host::current().can_i(verb, of, namespace)
}

/// Waits until the condition holds and gives the object, or `null` for [`Condition::Deleted`].
///
/// # Errors
/// As [`get`], and [`Failure::Limit`] when the time is over.
pub fn wait_for<T: DeserializeOwned>(
    what: &ObjectRef,
    until: &Condition,
    timeout: Duration,
) -> Result<T, Failure> {
    let seconds = u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX);
    fit(&host::current().wait_for(what, until, seconds)?)
}

fn page<T: DeserializeOwned>(
    what: &Query,
    fields: &contract::Projection,
    limit: u32,
    continue_token: Option<&str>,
) -> Result<Page<T>, Failure> {
    let page = host::current().list_page(what, fields, limit, continue_token)?;
    Ok(Page {
        items: page
            .items
            .iter()
            .map(|item| fit(item))
            .collect::<Result<_, _>>()?,
        continue_token: page.continue_token,
        remaining: page.remaining,
        resource_version: page.resource_version,
    })
}

fn fit<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        Failure::Internal(format!(
            "the cluster's answer does not fit the plugin's type: {error}"
        ))
    })
}

fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}
