//! The request of a change: method, path and body, and the two ways in which the dry one differs.

use http::Method;
use serde_json::{Value, json};

use super::super::Place;
use super::super::request::{FIELD_MANAGER, Write};
use super::super::url::Url;
use super::{Observed, Sending};
use crate::failure::{Failure, Kind};
use crate::proposal::{Change, PatchKind, Propagation, Target};

/// Makes the request of a change. The one place where `dryRun` is decided.
pub(super) fn request_of(
    place: &Place,
    sending: &Sending<'_>,
    dry: bool,
) -> Result<Write, Failure> {
    made(place, sending.target, sending.change, sending.observed, dry)
}

fn made(
    place: &Place,
    target: &Target,
    change: &Change,
    observed: Option<&Observed>,
    dry: bool,
) -> Result<Write, Failure> {
    let collection = place.url();
    let object = place.url().join(&target.name);
    let uid = observed.and_then(Observed::uid);
    let version = observed.and_then(Observed::version);
    let missing = || place.absent(&target.name);
    let write = |method, url: Url, content_type, body| Write {
        method,
        url,
        content_type,
        body,
    };
    let request = match change {
        Change::Create { object } => {
            // A POST, so that it can never become a change of something that has come into being.
            let mut object = object.clone();
            place.complete(&mut object);
            write(
                Method::POST,
                collection.with("fieldValidation", "Strict"),
                "application/json",
                object,
            )
        }
        Change::Apply { object: applied } => {
            let mut applied = applied.clone();
            place.complete(&mut applied);
            // Where there is none it is a POST, which never changes something that has come into being since.
            let (Some(uid), Some(version)) = (uid, version) else {
                let create = Change::Create { object: applied };
                return made(place, target, &create, None, dry);
            };
            pin(&mut applied, uid, version);
            write(
                Method::PATCH,
                object.with("fieldValidation", "Strict"),
                "application/apply-patch+yaml",
                applied,
            )
        }
        Change::Patch { how, body, .. } => {
            let (Some(uid), Some(version)) = (uid, version) else {
                return Err(missing());
            };
            let mut body = body.clone();
            let content_type = match how {
                PatchKind::Merge => "application/merge-patch+json",
                PatchKind::Strategic => "application/strategic-merge-patch+json",
                PatchKind::JsonPatch => "application/json-patch+json",
            };
            match how {
                PatchKind::Merge | PatchKind::Strategic => pin(&mut body, uid, version),
                PatchKind::JsonPatch => pin_json_patch(&mut body, uid, version),
            }
            write(
                Method::PATCH,
                object.with("fieldValidation", "Strict"),
                content_type,
                body,
            )
        }
        Change::PatchStatus { body, .. } => {
            let (Some(uid), Some(version)) = (uid, version) else {
                return Err(missing());
            };
            let mut body = json!({ "status": body });
            pin(&mut body, uid, version);
            write(
                Method::PATCH,
                object.join("status").with("fieldValidation", "Strict"),
                "application/merge-patch+json",
                body,
            )
        }
        Change::CreateSecret { .. } | Change::RotateSecret { .. } => {
            return Err(Failure::new(
                Kind::Bug,
                "the values of a Secret were not made before it was sent",
            ));
        }
        Change::Scale { replicas } => {
            let (Some(uid), Some(version)) = (uid, version) else {
                return Err(missing());
            };
            let mut body = json!({"spec": {"replicas": replicas}});
            pin(&mut body, uid, version);
            write(
                Method::PATCH,
                object.join("scale").with("fieldValidation", "Strict"),
                "application/merge-patch+json",
                body,
            )
        }
        Change::Delete { propagation } => {
            let (Some(uid), Some(version)) = (uid, version) else {
                return Err(missing());
            };
            let propagation = match propagation {
                Propagation::Background => "Background",
                Propagation::Foreground => "Foreground",
                Propagation::Orphan => "Orphan",
            };
            write(
                Method::DELETE,
                object,
                "application/json",
                json!({
                    "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation,
                    "preconditions": {"uid": uid, "resourceVersion": version},
                }),
            )
        }
        Change::Evict => {
            let (Some(uid), Some(_)) = (uid, version) else {
                return Err(missing());
            };
            write(
                Method::POST,
                object.join("eviction"),
                "application/json",
                json!({
                    "kind": "Eviction", "apiVersion": "policy/v1",
                    "metadata": {"name": target.name, "namespace": target.namespace},
                    // The status of a pod churns: its uid says which one.
                    "deleteOptions": {"preconditions": {"uid": uid}},
                }),
            )
        }
    };
    Ok(if dry { dried(request, change) } else { request }.managed(change))
}

impl Write {
    /// Names who sets the fields, where the verb has fields.
    fn managed(mut self, change: &Change) -> Self {
        if !change.ends() {
            self.url = self.url.with("fieldManager", FIELD_MANAGER);
        }
        self
    }
}

/// Makes a request dry. In the query for all, and in the body too where the server reads it from there: with a body the
/// server ignores the query of a DELETE.
fn dried(mut request: Write, change: &Change) -> Write {
    match change {
        Change::Delete { .. } => request.body["dryRun"] = json!(["All"]),
        Change::Evict => request.body["deleteOptions"]["dryRun"] = json!(["All"]),
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::RotateSecret { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. } => {}
    }
    request.url = request.url.with("dryRun", "All");
    request
}

/// The server compares both and answers 409 where one has moved on.
fn pin(body: &mut Value, uid: &str, version: &str) {
    if !body["metadata"].is_object() {
        body["metadata"] = json!({});
    }
    body["metadata"]["uid"] = uid.into();
    body["metadata"]["resourceVersion"] = version.into();
}

fn pin_json_patch(body: &mut Value, uid: &str, version: &str) {
    if let Some(operations) = body.as_array_mut() {
        let test = |path: &str, value: &str| json!({"op": "test", "path": path, "value": value});
        operations.splice(
            0..0,
            [
                test("/metadata/uid", uid),
                test("/metadata/resourceVersion", version),
            ],
        );
    }
}

#[cfg(test)]
mod tests;
