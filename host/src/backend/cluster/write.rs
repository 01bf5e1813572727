//! Changing one object: the request that is run dry, and the same request in earnest.
//!
//! Both are made by [`request_of`], so that what is applied is what was run dry, and they differ in two ways alone: `dryRun=All`,
//! and the [`Claimed`] that [`Cluster::execute`] takes and only the store gives. A write is sent once: again, and then with
//! `force`, only where the server has refused it for fields that Bulkhead itself set by another verb. Every request carries the
//! resourceVersion, or the uid, of what was observed: the server refuses it where the object has moved on.

use http::Method;
use serde_json::{Value, json};

use super::request::{Accept, Answer, FIELD_MANAGER, Write, WriteFailure};
use super::url::Url;
use super::{Cluster, Place, names};
use crate::call::Actor;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit, Reach, Resource};
use crate::proposal::{Change, PatchKind, Propagation, Target};
use crate::store::Claimed;

/// An object as the server has it, for the host alone: it never crosses into a guest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observed(pub(crate) Value);

impl Observed {
    /// Returns the object's `metadata.uid`.
    pub(crate) fn uid(&self) -> Option<&str> {
        self.0["metadata"]["uid"].as_str()
    }

    /// Returns the object's `metadata.resourceVersion`.
    pub(crate) fn version(&self) -> Option<&str> {
        self.0["metadata"]["resourceVersion"].as_str()
    }
}

/// One change, with what it needs to be sent.
#[derive(Clone, Copy)]
pub(crate) struct Sending<'a> {
    /// Was given for this change of this object.
    pub(crate) permit: &'a Permit,
    /// In whose name.
    pub(crate) actor: &'a Actor,
    /// Which object.
    pub(crate) target: &'a Target,
    /// With the values that the host makes in it.
    pub(crate) change: &'a Change,
    /// The object as it was looked at; none where there is none.
    pub(crate) observed: Option<&'a Observed>,
}

/// What the server answered to a change, dry or in earnest.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The object as it would come out, or came out; none for a deletion or an eviction.
    pub(crate) object: Option<Value>,
    /// The server's warnings.
    pub(crate) warnings: Vec<String>,
}

impl Cluster {
    /// Reads the object that a change is about, as it is; none where there is none.
    ///
    /// # Errors
    /// `Upstream`, `Denied` by the API server, `NotFound` where the type is not served.
    pub(crate) async fn observe(
        &self,
        permit: &Permit,
        actor: &Actor,
        target: &Target,
    ) -> Result<Option<Observed>, Failure> {
        let place = self.place_of(permit, target).await?;
        let connection = self.connection_as(actor).await?;
        let mut url = place.url().join(&target.name);
        if let Some(subresource) = subresource(permit).filter(|name| *name == "scale") {
            url = url.join(subresource);
        }
        let object = connection.get_json(&url, Accept::Json);
        match self.noting_expiry(object.await) {
            Err(failure) if failure.kind == Kind::NotFound => Ok(None),
            other => Ok(Some(Observed(whole(other?)))),
        }
    }

    /// Reads the metadata of the object that a Scale is of; none where there is none.
    ///
    /// # Errors
    /// As [`Cluster::observe`].
    pub(crate) async fn scaled(
        &self,
        permit: &Permit,
        actor: &Actor,
        target: &Target,
    ) -> Result<Option<Observed>, Failure> {
        let place = self.place_of(permit, target).await?;
        let connection = self.connection_as(actor).await?;
        let url = place.url().join(&target.name);
        let object = connection.get_json(&url, Accept::Metadata);
        match self.noting_expiry(object.await) {
            Err(failure) if failure.kind == Kind::NotFound => Ok(None),
            other => Ok(Some(Observed(other?))),
        }
    }

    /// Has the server run a change dry: admission and validation, but nothing is stored.
    ///
    /// # Errors
    /// What the server refuses it with.
    pub(crate) async fn dry_run(&self, sending: Sending<'_>) -> Result<Written, Failure> {
        let place = self.place_of(sending.permit, sending.target).await?;
        let request = request_of(&place, &sending, true)?;
        let written = self.send_write(sending.actor, request, None).await;
        written.map_err(WriteFailure::into_failure)
    }

    /// Changes the object.
    ///
    /// # Errors
    /// [`WriteFailure::Refused`] where the server said no; [`WriteFailure::Unknown`] where its answer did not come.
    pub(crate) async fn execute(
        &self,
        _claimed: &Claimed,
        sending: Sending<'_>,
        audit_id: &str,
    ) -> Result<Written, WriteFailure> {
        let place = self.place_of(sending.permit, sending.target).await;
        let place = place.map_err(WriteFailure::Refused)?;
        let request = request_of(&place, &sending, false).map_err(WriteFailure::Refused)?;
        self.send_write(sending.actor, request, Some(audit_id))
            .await
    }

    async fn send_write(
        &self,
        actor: &Actor,
        mut request: Write,
        audit_id: Option<&str>,
    ) -> Result<Written, WriteFailure> {
        let connection = self.connection_as(actor).await;
        let connection = connection.map_err(WriteFailure::Refused)?;
        let gone = request.method == Method::DELETE || request.url.path.ends_with("/eviction");
        let mut answer = connection.write(&request, audit_id).await;
        if let Err(WriteFailure::OwnFields(_)) = &answer {
            // The request is pinned to the object as it was looked at: nobody's fields but ours are taken.
            request.url = request.url.with("force", "true");
            answer = connection.write(&request, audit_id).await;
        }
        if let Err(WriteFailure::Refused(failure)) = &answer {
            self.note_expiry(failure);
        }
        let Answer { object, warnings } = answer?;
        Ok(Written {
            object: (!gone).then(|| whole(object)),
            warnings,
        })
    }

    /// Finds where a change goes, and that the permit was given for it.
    async fn place_of(&self, permit: &Permit, target: &Target) -> Result<Place, Failure> {
        let Operation::Change {
            resource,
            reach,
            name,
            ..
        } = permit.operation()
        else {
            return Err(super::read::wrong_permit());
        };
        let plural = resource.plural.split('/').next().unwrap_or_default();
        if *name != target.name
            || plural != target.plural
            || resource.group != target.group
            || *reach != Reach::of(target)
        {
            return Err(super::read::wrong_permit());
        }
        names::object(name)?;
        let whole = Resource::new(target.group.clone(), target.plural.clone());
        self.place(&whole, target.version.as_deref(), reach).await
    }
}

fn subresource(permit: &Permit) -> Option<&str> {
    match permit.operation() {
        Operation::Change { resource, .. } => resource.plural.split_once('/').map(|(_, name)| name),
        Operation::Get { .. }
        | Operation::List { .. }
        | Operation::Watch { .. }
        | Operation::Logs { .. }
        | Operation::Discover
        | Operation::Review => None,
    }
}

/// The server leaves a zero out of a Scale (`replicas,omitempty` in autoscaling/v1): nobody may take that for no number.
fn whole(mut object: Value) -> Value {
    if object["kind"] == "Scale" && object["apiVersion"] == "autoscaling/v1" {
        if !object["spec"].is_object() {
            object["spec"] = json!({});
        }
        if object["spec"]["replicas"].is_null() {
            object["spec"]["replicas"] = json!(0);
        }
    }
    object
}

/// Makes the request of a change. The one place where `dryRun` is decided.
fn request_of(place: &Place, sending: &Sending<'_>, dry: bool) -> Result<Write, Failure> {
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
mod tests {
    use super::*;

    fn place(group: &str, plural: &str, kind: &str) -> Place {
        Place {
            resource: Resource::new(group, plural),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            reach: Reach::Namespace("shop".to_owned()),
        }
    }

    fn target(group: &str, plural: &str) -> Target {
        Target {
            group: group.to_owned(),
            version: None,
            plural: plural.to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        }
    }

    fn changes() -> Vec<Change> {
        let object = json!({"metadata": {"name": "web", "namespace": "shop"}});
        let patch = |how, body| Change::Patch {
            how,
            body,
            expected_version: None,
        };
        vec![
            Change::Create {
                object: object.clone(),
            },
            Change::Apply { object },
            patch(PatchKind::Merge, json!({"spec": {}})),
            patch(PatchKind::Strategic, json!({"spec": {}})),
            patch(
                PatchKind::JsonPatch,
                json!([{"op": "remove", "path": "/spec"}]),
            ),
            Change::Scale { replicas: 3 },
            Change::Delete {
                propagation: Propagation::Background,
            },
            Change::Evict,
        ]
    }

    fn request(change: &Change, dry: bool) -> Write {
        let observed = Observed(json!({"metadata": {"uid": "u-1", "resourceVersion": "7"}}));
        // The permit and the actor are no part of a request.
        made(
            &place("", "pods", "Pod"),
            &target("", "pods"),
            change,
            Some(&observed),
            dry,
        )
        .unwrap()
    }

    #[test]
    fn a_dry_request_says_so_wherever_the_server_looks() {
        for change in changes() {
            let (dry, real) = (request(&change, true), request(&change, false));
            assert!(dry.url.text().contains("dryRun=All"), "{change:?}");
            assert!(!real.url.text().contains("dryRun"), "{change:?}");
            assert!(!real.body.to_string().contains("dryRun"), "{change:?}");
            let in_body = match change {
                // With a body the server ignores the query.
                Change::Delete { .. } => &dry.body["dryRun"],
                Change::Evict => &dry.body["deleteOptions"]["dryRun"],
                _ => continue,
            };
            assert_eq!(*in_body, json!(["All"]), "{change:?}");
        }
    }

    #[test]
    fn every_change_of_what_exists_says_which_object_it_is_about() {
        for change in changes() {
            let body = request(&change, false).body.to_string();
            let is_new = matches!(change, Change::Create { .. });
            assert_eq!(body.contains("u-1"), !is_new, "{change:?}: {body}");
            let by_version = !is_new && !matches!(change, Change::Evict);
            assert_eq!(body.contains("\"7\""), by_version, "{change:?}: {body}");
        }
    }

    #[test]
    fn a_change_of_what_is_not_there_is_not_made() {
        for change in changes() {
            let request = made(
                &place("", "pods", "Pod"),
                &target("", "pods"),
                &change,
                None,
                false,
            );
            match change {
                Change::Create { .. } | Change::Apply { .. } => {
                    assert_eq!(request.unwrap().method, Method::POST, "{change:?}");
                }
                _ => assert_eq!(request.unwrap_err().kind, Kind::NotFound, "{change:?}"),
            }
        }
    }
}
