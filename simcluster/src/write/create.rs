//! POST: an object that was not there.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{Decoder, expect_kind, unreadable};
use super::incoming::Incoming;
use super::{Subject, Written};
use crate::cluster::{Address, Cluster, shown_as};
use crate::status::{Cause, Refusal};
use crate::types::ResourceType;
use crate::{defaults, deployments, events, names};

/// # Errors
/// 400 and 422 for an object that its type does not allow, 404 without its namespace, 409 if it is there already.
pub(super) fn create(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    incoming: &Incoming,
) -> Result<Written, Refusal> {
    let (of, namespace) = (subject.of, subject.namespace);
    let mut object = incoming.object(of)?;
    expect_kind(of, &mut object)?;
    let decoder = Decoder::of(cluster, of);
    let warnings = decoder
        .read(&mut object, &[], &incoming.options)
        .map_err(|problem| unreadable(of, &problem))?;
    expect_namespace(&mut object, namespace)?;
    let in_namespace = Address::new("namespaces", "", namespace);
    if of.namespaced && cluster.at(&in_namespace).is_none() {
        return Err(Refusal::no_namespace(namespace));
    }
    let version = cluster.journal().resource_version() + 1;
    let name = name_of(of, &mut object, version)?;
    let at = Address::new(of.stored_as(), namespace, &name);
    let given = &object["metadata"]["resourceVersion"];
    if given.as_str().is_some_and(|version| !version.is_empty()) {
        return Err(Refusal::internal(
            "resourceVersion should not be set on objects to be created",
        ));
    }
    if cluster.at(&at).is_some() {
        return Err(Refusal::already_exists(of, &name));
    }
    write_strings(of, &mut object);
    decoder.check(of, &name, &object, None)?;

    begin(of, &mut object, namespace, &name, version);
    let mut stored = if of.group == "events.k8s.io" {
        events::to_core(object)
    } else {
        object
    };
    defaults::fill_in(&mut stored, of, None, cluster.types(), Timestamp::now());
    let stored = cluster.keep(&at, stored);
    deployments::follow(cluster, &at, None);
    Ok(Written {
        code: StatusCode::CREATED,
        answer: shown_as(&stored, of),
        warnings,
    })
}

/// # Errors
/// 400 if the object says another namespace than the URL.
pub(super) fn expect_namespace(object: &mut Value, namespace: &str) -> Result<(), Refusal> {
    let metadata = defaults::member(object, "metadata");
    let found = metadata["namespace"].as_str().unwrap_or_default();
    if found != namespace && !found.is_empty() {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    Ok(())
}

/// The object's name, made up where it asks for that.
fn name_of(of: &ResourceType, object: &mut Value, version: u64) -> Result<String, Refusal> {
    let metadata = &mut object["metadata"];
    let text = |name: &str| metadata[name].as_str().unwrap_or_default().to_owned();
    let (mut name, generate) = (text("name"), text("generateName"));
    if name.is_empty() && !generate.is_empty() {
        name = format!("{generate}{}", names::suffix((&generate, version), 5));
        metadata["name"] = name.as_str().into();
    }
    if name.is_empty() {
        let cause = Cause {
            message: "Required value: name or generateName is required".to_owned(),
            ..Cause::required("metadata.name")
        };
        return Err(Refusal::invalid_object(of, "", &[cause]));
    }
    match names::problem(&name, &of.group) {
        Some(problem) => {
            let cause = Cause::invalid("metadata.name", &name.as_str().into(), problem);
            Err(Refusal::invalid_object(of, &name, &[cause]))
        }
        None => Ok(name),
    }
}

/// What the server says of a new object, whatever the client said.
fn begin(of: &ResourceType, object: &mut Value, namespace: &str, name: &str, version: u64) {
    let metadata = &mut object["metadata"];
    for field in [
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "selfLink",
    ] {
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.remove(field);
        }
    }
    metadata["uid"] = defaults::new_uid(&of.kind, namespace, name, version).into();
    metadata["creationTimestamp"] = defaults::seconds(Timestamp::now()).into();
    if of.counts_generations() {
        metadata["generation"] = 1.into();
    }
    if of.has_status {
        let status = if of.custom { Value::Null } else { json!({}) };
        match object.as_object_mut() {
            Some(object) if status.is_null() => {
                object.remove("status");
            }
            _ => object["status"] = status,
        }
    }
}

/// A Secret's `stringData` becomes `data`, and is never kept.
pub(super) fn write_strings(of: &ResourceType, object: &mut Value) {
    if of.group.is_empty() && of.kind == "Secret" {
        let strings = object["stringData"].take();
        if let Some(object) = object.as_object_mut() {
            object.remove("stringData");
        }
        for (key, value) in strings.as_object().into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            defaults::member(object, "data")[key] = STANDARD.encode(text).into();
        }
    }
}
