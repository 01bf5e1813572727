//! Changing one object: the request that is run dry, and the same request in earnest.
//!
//! Both are made by [`request_of`], so that what is applied is what was run dry, and they differ in two ways alone: `dryRun=All`,
//! and the [`Claimed`] that [`Cluster::execute`] takes and only the store gives. A write is sent once: again, and then with
//! `force`, only where the server has refused it for fields that Bulkhead itself set by another verb. Every request carries the
//! resourceVersion, or the uid, of what was observed: the server refuses it where the object has moved on.

mod made;

use http::Method;
use serde_json::{Value, json};

use self::made::request_of;
use super::request::{Accept, Answer, Write, WriteFailure};
use super::{Cluster, Place, names};
use crate::call::Actor;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit, Reach, Resource};
use crate::proposal::{Change, Target};
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
