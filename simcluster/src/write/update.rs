//! PUT and PATCH: an object becomes another.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::create::{expect_namespace, write_strings};
use super::decode::{Decoder, expect_kind, unreadable};
use super::incoming::Incoming;
use super::{Part, Subject, Written, delete, patch};
use crate::cluster::{Cluster, shown_as};
use crate::status::{Cause, Refusal};
use crate::types::ResourceType;
use crate::{deployments, events};

/// What a client cannot change.
const SERVERS: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "selfLink",
];

/// # Errors
/// 400 and 422 for an object that its type does not allow, 404, 409 if it is not the one that the client saw.
pub(super) fn replace(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    part: Part,
    incoming: &Incoming,
) -> Result<Written, Refusal> {
    let (of, name) = (subject.of, subject.name);
    let mut object = incoming.object(of)?;
    expect_kind(of, &mut object)?;
    let decoder = Decoder::of(cluster, of);
    let excused = subject
        .current(cluster)
        .map(|before| decoder.flaws(&before))
        .unwrap_or_default();
    let warnings = decoder
        .read(&mut object, &excused, &incoming.options)
        .map_err(|problem| unreadable(of, &problem))?;
    if object["metadata"]["name"]
        .as_str()
        .is_none_or(str::is_empty)
    {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({name} based on URL) was undeterminable: name must be provided"
        )));
    }
    expect_place(subject, &mut object)?;
    let before = subject.current(cluster)?;
    if of.custom && text(&object, "resourceVersion").is_empty() {
        let cause = Cause::invalid(
            "metadata.resourceVersion",
            &0.into(),
            "must be specified for an update",
        );
        return Err(Refusal::invalid_object(of, name, &[cause]));
    }
    let (asked, found) = (text(&object, "uid"), text(&before, "uid"));
    if !asked.is_empty() && asked != found {
        return Err(Refusal::other_uid(of, name, asked, found));
    }
    let mut written = finish(cluster, subject, part, &before, object)?;
    written.warnings = warnings;
    Ok(written)
}

/// # Errors
/// As [`replace`], and for a patch that cannot be read or does not fit.
pub(super) fn patch(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    part: Part,
    incoming: &Incoming,
) -> Result<Written, Refusal> {
    let of = subject.of;
    let before = subject.current(cluster)?;
    let mut object = patch::apply(of, &before, incoming)?;
    let patched = object.clone();
    let decoder = Decoder::of(cluster, of);
    let excused = decoder.flaws(&before);
    let warnings = decoder
        .read(&mut object, &excused, &incoming.options)
        .map_err(|problem| Refusal::invalid_patch(&patched, &problem))?;
    expect_kind(of, &mut object)?;
    expect_place(subject, &mut object)?;
    let uid = text(&object, "uid");
    if uid != text(&before, "uid") && !uid.is_empty() {
        let cause = Cause::invalid("metadata.uid", &uid.into(), "field is immutable");
        return Err(Refusal::invalid_object(of, subject.name, &[cause]));
    }
    let mut written = finish(cluster, subject, part, &before, object)?;
    written.warnings = warnings;
    Ok(written)
}

/// Writes `object` in place of `before`, as far as `part` lets it; the same object is not written again.
///
/// # Errors
/// 409 if the object is no longer what the client saw, 422 for what its type does not allow.
pub(super) fn finish(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    part: Part,
    before: &Value,
    mut object: Value,
) -> Result<Written, Refusal> {
    let of = subject.of;
    let version = text(&object, "resourceVersion");
    if !version.is_empty() && version != text(before, "resourceVersion") {
        return Err(Refusal::modified(of, subject.name));
    }
    write_strings(of, &mut object);
    keep_the_servers(of, part, before, &mut object);
    Decoder::of(cluster, of).check(of, subject.name, &object, Some(before))?;
    check_immutable(subject, before, &object)?;
    if object == *before {
        return Ok(Written::object(StatusCode::OK, object));
    }
    if of.counts_generations() && part != Part::Status && wants_other(of, before, &object) {
        let generation = before["metadata"]["generation"]
            .as_u64()
            .unwrap_or_default();
        object["metadata"]["generation"] = (generation + 1).into();
    }
    if delete::is_finished(&object) {
        let at = subject.address();
        delete::take(cluster, &at, &object, delete::Owned::Delete);
        return Ok(Written::object(StatusCode::OK, object));
    }
    let stored = if of.group == "events.k8s.io" {
        events::to_core(object)
    } else {
        object
    };
    let at = subject.address();
    let earlier = cluster.at(&at).cloned();
    let stored = cluster.keep(&at, stored);
    deployments::follow(cluster, &at, earlier.as_deref());
    Ok(Written::object(StatusCode::OK, shown_as(&stored, of)))
}

/// # Errors
/// 400 if the object says another name or namespace than the URL.
pub(super) fn expect_place(subject: &Subject<'_>, object: &mut Value) -> Result<(), Refusal> {
    expect_namespace(object, subject.namespace)?;
    let found = text(object, "name");
    if found != subject.name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({found}) does not match the name on the URL ({})",
            subject.name
        )));
    }
    Ok(())
}

/// Brings back what the client had no say in: the server's part of the metadata, and the other side of the object.
fn keep_the_servers(of: &ResourceType, part: Part, before: &Value, object: &mut Value) {
    let (Some(old), Some(new)) = (before["metadata"].as_object(), metadata_of(object)) else {
        return;
    };
    for field in SERVERS {
        restore(old, new, field);
    }
    for field in ["uid", "resourceVersion", "managedFields"] {
        if !new.contains_key(field) {
            restore(old, new, field);
        }
    }
    let (Some(old), Some(new)) = (before.as_object(), object.as_object_mut()) else {
        return;
    };
    match part {
        Part::Status => {
            let status = new.remove("status");
            new.clone_from(old);
            new.extend(status.map(|status| ("status".to_owned(), status)));
        }
        Part::Whole | Part::Scale if of.has_status => restore(old, new, "status"),
        Part::Whole | Part::Scale => {}
    }
}

fn metadata_of(object: &mut Value) -> Option<&mut Map<String, Value>> {
    object.get_mut("metadata")?.as_object_mut()
}

fn restore(old: &Map<String, Value>, new: &mut Map<String, Value>, field: &str) {
    match old.get(field) {
        Some(value) => new.insert(field.to_owned(), value.clone()),
        None => new.remove(field),
    };
}

/// # Errors
/// 422 for another selector of a workload.
fn check_immutable(subject: &Subject<'_>, before: &Value, object: &Value) -> Result<(), Refusal> {
    let selector = &object["spec"]["selector"];
    if subject.of.group != "apps" || *selector == before["spec"]["selector"] {
        return Ok(());
    }
    let cause = Cause::invalid("spec.selector", selector, "field is immutable");
    Err(Refusal::invalid_object(subject.of, subject.name, &[cause]))
}

/// Whether more than the metadata, and the status where that stands apart, differs.
fn wants_other(of: &ResourceType, before: &Value, object: &Value) -> bool {
    let wanted = |object: &Value| {
        let mut wanted = object.as_object().cloned().unwrap_or_default();
        wanted.remove("metadata");
        if of.has_status {
            wanted.remove("status");
        }
        wanted
    };
    wanted(before) != wanted(object)
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}
