//! Changes: create, update, patch, delete, scale and evict.
//!
//! A dry run goes the whole way of a change, on a copy of the cluster that is thrown away. Nothing is changed before
//! everything that could refuse the change has been looked at. After a change, the controller of `deployments` follows
//! at once; its changes have resource versions of their own, as in a real cluster.

mod create;
mod decode;
mod delete;
mod eviction;
mod incoming;
mod patch;
mod scale;
mod strategic;
mod update;

use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, HeaderValue, WARNING};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

pub(crate) use self::incoming::{Incoming, read_body};
pub(crate) use self::scale::scale_of;
use crate::accept::Form;
use crate::cluster::{Address, Cluster, shown_as};
use crate::list::partial;
use crate::route::Target;
use crate::server::Shared;
use crate::status::Refusal;
use crate::types::ResourceType;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Replace(Part),
    Patch(Part),
    Delete,
    Evict,
}

/// Which side of an object a change may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All but the status, if that is a subresource.
    Whole,
    Status,
    Scale,
}

/// Which object a change is about.
#[derive(Debug)]
struct Subject<'a> {
    of: &'a ResourceType,
    /// Empty for an object of the cluster.
    namespace: &'a str,
    /// Empty for one that is to be created.
    name: &'a str,
}

/// What came of a change.
#[derive(Debug)]
struct Written {
    code: StatusCode,
    answer: Value,
    /// Such as `unknown field "spec.replcas"`.
    warnings: Vec<String>,
}

impl Action {
    /// # Errors
    /// 405 where the API has no such method, 501 for what this server leaves out, 404 for a subresource that there is not.
    pub(crate) fn of_request(
        method: &Method,
        of: &ResourceType,
        target: &Target,
    ) -> Result<Self, Refusal> {
        let part = match target.subresource.as_deref() {
            None => Part::Whole,
            Some("eviction") if of.has_subresource("eviction") && *method == Method::POST => {
                return Ok(Self::Evict);
            }
            Some("status") if of.has_status => Part::Status,
            Some("scale") if of.has_subresource("scale") => Part::Scale,
            Some(other) if of.has_subresource(other) => return Err(Refusal::method_not_allowed()),
            Some(_) => return Err(Refusal::no_resource()),
        };
        let is_placed = target.namespace.is_some() == of.namespaced;
        match (method, &target.name, part) {
            _ if of.is_read_only() => Err(Refusal::method_not_allowed()),
            (&Method::POST, None, Part::Whole) if is_placed => Ok(Self::Create),
            (&Method::PUT, Some(_), part) => Ok(Self::Replace(part)),
            (&Method::PATCH, Some(_), part) => Ok(Self::Patch(part)),
            (&Method::DELETE, Some(_), Part::Whole) => Ok(Self::Delete),
            (&Method::DELETE, None, _) => Err(Refusal::not_implemented(
                "simcluster deletes one object at a time: deletecollection is not served",
            )),
            _ => Err(Refusal::method_not_allowed()),
        }
    }

    /// As access reviews and RBAC call it.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Create | Self::Evict => "create",
            Self::Replace(_) => "update",
            Self::Patch(_) => "patch",
            Self::Delete => "delete",
        }
    }
}

/// Does it, or as a dry run shows what would come of it.
///
/// # Errors
/// As the real server: 400 and 422 for what cannot be read or is not allowed, 404, 409 for what stands in the way.
pub(crate) fn write(
    shared: &Arc<Shared>,
    of: &ResourceType,
    target: &Target,
    action: Action,
    incoming: &Incoming,
    form: Form,
) -> Result<Response, Refusal> {
    let subject = Subject {
        of,
        namespace: target.namespace.as_deref().unwrap_or_default(),
        name: target.name.as_deref().unwrap_or_default(),
    };
    let written = if incoming.options.dry_run {
        let mut copy = shared.read(Cluster::clone);
        let mut written = perform(&mut copy, &subject, action, incoming)?;
        shared.read(|cluster| undate(&mut written.answer, cluster, &subject));
        written
    } else {
        shared.change(|cluster| perform(cluster, &subject, action, incoming))?
    };
    Ok(respond(&written, form))
}

fn perform(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    action: Action,
    incoming: &Incoming,
) -> Result<Written, Refusal> {
    match action {
        Action::Create => create::create(cluster, subject, incoming),
        Action::Replace(Part::Scale) | Action::Patch(Part::Scale) => {
            scale::scale(cluster, subject, incoming, action)
        }
        Action::Replace(part) => update::replace(cluster, subject, part, incoming),
        Action::Patch(part) => update::patch(cluster, subject, part, incoming),
        Action::Delete => delete::delete(cluster, subject, &incoming.options),
        Action::Evict => eviction::evict(cluster, subject, incoming),
    }
}

/// A dry run gives out no resource version: the answer keeps the one that the object has, if it has one.
fn undate(answer: &mut Value, cluster: &Cluster, subject: &Subject<'_>) {
    let current = cluster.at(&subject.address());
    let Some(metadata) = answer["metadata"].as_object_mut() else {
        return;
    };
    if let Some(version) = metadata.get_mut("resourceVersion") {
        match current {
            Some(current) => *version = current["metadata"]["resourceVersion"].clone(),
            None => {
                metadata.remove("resourceVersion");
            }
        }
    }
}

fn respond(written: &Written, form: Form) -> Response {
    let body = match form {
        Form::Metadata if written.answer["kind"] != "Status" => {
            partial(&written.answer).to_string()
        }
        Form::Whole | Form::Metadata | Form::MetadataList | Form::AggregatedDiscovery => {
            written.answer.to_string()
        }
    };
    let mut response = (written.code, [(CONTENT_TYPE, "application/json")], body).into_response();
    for warning in &written.warnings {
        // 299 is "miscellaneous persistent warning".
        let quoted = Value::String(warning.clone());
        if let Ok(value) = HeaderValue::from_str(&format!("299 - {quoted}")) {
            response.headers_mut().append(WARNING, value);
        }
    }
    response
}

impl Subject<'_> {
    fn address(&self) -> Address {
        Address::new(self.of.stored_as(), self.namespace, self.name)
    }

    /// The object as its type shows it.
    ///
    /// # Errors
    /// 404 if there is none.
    fn current(&self, cluster: &Cluster) -> Result<Value, Refusal> {
        let object = cluster.at(&self.address());
        let object = object.ok_or_else(|| Refusal::no_object(self.of, self.name))?;
        Ok(shown_as(object, self.of))
    }
}

impl Written {
    fn object(code: StatusCode, answer: Value) -> Self {
        Self {
            code,
            answer,
            warnings: Vec::new(),
        }
    }
}
