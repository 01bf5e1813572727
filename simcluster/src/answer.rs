//! From a request to its answer: records it, checks its token, finds what its path means, applies a scripted fault.
//!
//! Every request ends here, and each is recorded before anything else, so that a test's log has no holes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::accept::{Form, negotiate};
use crate::access::{Attempt, USER};
use crate::builtin::REVIEWS;
use crate::cluster::{Cluster, shown_as};
use crate::fault::{self, Fault};
use crate::params::Params;
use crate::route::{self, Route, Target};
use crate::server::{RequestRecord, Shared, lock};
use crate::status::Refusal;
use crate::types::ResourceType;
use crate::write::{self, Action, Incoming};
use crate::{discovery, list, logs, openapi, review, watch};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Subresources that the real server has and this one leaves out.
const LEFT_OUT: &[&str] = &[
    "attach",
    "binding",
    "ephemeralcontainers",
    "exec",
    "finalize",
    "portforward",
    "proxy",
    "resize",
    "token",
];

/// Answers one request.
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    let record = record(&request);
    let number = {
        let mut requests = lock(&shared.requests);
        requests.push(record.clone());
        requests.len() - 1
    };
    if !is_authenticated(&shared, &request) {
        return Refusal::unauthorized().into_response();
    }
    let route = route::parse(&record.path);
    let Route::Objects(target) = route else {
        let answered = if request.method() == Method::GET {
            document(&shared, &route, record.accept.as_deref())
        } else {
            Err(not_served(request.method()))
        };
        return answered.unwrap_or_else(|refusal| refusal.into_response());
    };
    let params = match Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
        Ok(Query(pairs)) => Params::new(pairs),
        Err(error) => return Refusal::bad_request(error.to_string()).into_response(),
    };
    let fault = fault::take(&mut lock(&shared.faults), &record.path);
    match fault {
        Some(Fault::Status { code, retry_after }) => return fault::status(code, retry_after),
        Some(Fault::NotJson) => return fault::not_json(),
        Some(Fault::Hang) => {
            shared.stopping().changed().await.ok();
            return Refusal::internal("the server stopped").into_response();
        }
        Some(Fault::CutInTheMiddle) | None => {}
    }
    let is_watch = params.flag("watch");
    let accept = record.accept.as_deref();
    let answered = if request.method() == Method::GET {
        objects(&shared, &target, &params, accept)
    } else {
        let is_change = |is_change| lock(&shared.requests)[number].is_change = is_change;
        change(&shared, &target, &params, accept, request, is_change).await
    };
    let response = answered.unwrap_or_else(|refusal| refusal.into_response());
    if fault.is_some() {
        fault::cut(response, is_watch).await
    } else {
        response
    }
}

fn record(request: &Request<Body>) -> RequestRecord {
    let header = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    RequestRecord {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        user_agent: header(USER_AGENT),
        accept: header(ACCEPT),
        is_change: !matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::OPTIONS
        ),
    }
}

fn is_authenticated(shared: &Shared, request: &Request<Body>) -> bool {
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    lock(&shared.token)
        .as_deref()
        .is_none_or(|wanted| given == Some(wanted))
}

/// What is not about objects: discovery, schemas, health.
fn document(shared: &Shared, route: &Route, accept: Option<&str>) -> Result<Response, Refusal> {
    let aggregated =
        |value: Value| ([(CONTENT_TYPE, AGGREGATED)], value.to_string()).into_response();
    let is_aggregated = || negotiate(accept).map(|form| form == Form::AggregatedDiscovery);
    shared.read(|cluster| {
        let types = cluster.types();
        let value = match route {
            Route::Health => return Ok("ok".into_response()),
            Route::Version => discovery::version(),
            Route::CoreVersions if is_aggregated()? => {
                return Ok(aggregated(discovery::aggregated_core(types)));
            }
            Route::Groups if is_aggregated()? => {
                return Ok(aggregated(discovery::aggregated_groups(types)));
            }
            Route::CoreVersions => discovery::core_versions(),
            Route::Groups => discovery::groups(types),
            Route::Group(group) => discovery::group(types, group).ok_or(Refusal::PageNotFound)?,
            Route::Resources { group, version } => discovery::resources(types, group, version)
                .ok_or_else(|| unknown_type(shared, group))?,
            Route::OpenApiIndex => openapi::index(cluster),
            Route::OpenApi { group, version } => {
                openapi::document(cluster, group, version).ok_or(Refusal::PageNotFound)?
            }
            Route::Objects(_) | Route::Unknown => return Err(Refusal::PageNotFound),
        };
        Ok(json(&value))
    })
}

/// What changes objects, and the reviews. `is_change` is told whether the request is meant to change something.
async fn change(
    shared: &Arc<Shared>,
    target: &Target,
    params: &Params,
    accept: Option<&str>,
    request: Request<Body>,
    is_change: impl Fn(bool),
) -> Result<Response, Refusal> {
    if REVIEWS.iter().any(|review| review.0 == target.group) {
        is_change(false);
        return answer_review(shared, target, request).await;
    }
    let method = request.method().clone();
    let incoming = Incoming::read(request, params).await?;
    is_change(!incoming.is_dry_run());
    let of = type_of(shared, target)?;
    if let Some(subresource) = &target.subresource {
        check_left_out(&of, subresource)?;
    }
    let action = Action::of_request(&method, &of, target)?;
    check_access(shared, &of, target, action.verb())?;
    write::write(shared, &of, target, action, &incoming, negotiate(accept)?)
}

async fn answer_review(
    shared: &Shared,
    target: &Target,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    if !is_review(target) || request.method() != Method::POST {
        return Err(not_served(request.method()));
    }
    let content_type = request.headers().get(CONTENT_TYPE);
    if content_type.is_some_and(|value| !value.as_bytes().starts_with(b"application/json")) {
        return Err(Refusal::unsupported_media_type());
    }
    let body = write::read_body(request.into_body()).await?;
    let review = shared.read(|cluster| match target.plural.as_str() {
        "selfsubjectreviews" => review::user(&body),
        _ => review::access(cluster, &body),
    })?;
    Ok((StatusCode::CREATED, json(&review)).into_response())
}

/// The type that a path means.
///
/// # Errors
/// 404 if it is not served, or not in such a place.
fn type_of(shared: &Shared, target: &Target) -> Result<ResourceType, Refusal> {
    let (group, namespace) = (&target.group, &target.namespace);
    let find = |cluster: &Cluster| {
        let types = cluster.types();
        types.find(group, &target.version, &target.plural).cloned()
    };
    let of = shared
        .read(find)
        .ok_or_else(|| unknown_type(shared, group))?;
    if namespace.is_some() != of.namespaced && (namespace.is_some() || target.name.is_some()) {
        return Err(Refusal::no_resource());
    }
    Ok(of)
}

/// What reads objects: GET, LIST, WATCH, logs.
fn objects(
    shared: &Arc<Shared>,
    target: &Target,
    params: &Params,
    accept: Option<&str>,
) -> Result<Response, Refusal> {
    let of = type_of(shared, target)?;
    let Target {
        namespace,
        name,
        subresource,
        ..
    } = target;
    let namespace = namespace.as_deref();
    let verb = match name {
        Some(_) => "get",
        None if params.flag("watch") => "watch",
        None => "list",
    };
    check_access(shared, &of, target, verb)?;
    let Some(name) = name else {
        let form = negotiate(accept)?;
        return match verb {
            "watch" => watch::watch(shared, &of, namespace, params, form),
            _ => shared
                .read(|cluster| list::list(cluster, &of, namespace, params, form))
                .map(|list| json(&list)),
        };
    };
    match subresource.as_deref() {
        None => get(shared, &of, namespace, name, negotiate(accept)?),
        Some("status") if of.has_status => get(shared, &of, namespace, name, negotiate(accept)?),
        Some("scale") if of.has_subresource("scale") => {
            let scale = |object: &Arc<Value>| json(&write::scale_of(object));
            let found = shared.read(|cluster| cluster.object(&of, namespace, name).map(scale));
            found.ok_or_else(|| Refusal::no_object(&of, name))
        }
        Some("log") if of.has_subresource("log") => {
            let log = shared.read(|cluster| {
                logs::read(cluster, &of, namespace.unwrap_or_default(), name, params)
            })?;
            Ok(match log {
                Some(text) => ([(CONTENT_TYPE, "text/plain")], text).into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            })
        }
        Some(other) if of.has_subresource(other) => Err(Refusal::method_not_allowed()),
        Some(other) => {
            check_left_out(&of, other)?;
            Err(Refusal::no_resource())
        }
    }
}

/// # Errors
/// 501 for a subresource that the real server has and this one leaves out.
fn check_left_out(of: &ResourceType, subresource: &str) -> Result<(), Refusal> {
    let first = subresource.split('/').next().unwrap_or_default();
    if LEFT_OUT.contains(&first) {
        return Err(Refusal::not_implemented(format!(
            "simcluster does not serve the subresource `{}/{subresource}`",
            of.plural
        )));
    }
    Ok(())
}

fn get(
    shared: &Shared,
    of: &ResourceType,
    namespace: Option<&str>,
    name: &str,
    form: Form,
) -> Result<Response, Refusal> {
    let object = shared.read(|cluster| cluster.object(of, namespace, name).cloned());
    let object = object.ok_or_else(|| Refusal::no_object(of, name))?;
    match form {
        Form::Whole | Form::AggregatedDiscovery => Ok(json(&shown_as(&object, of))),
        Form::Metadata => Ok(json(&list::partial(&object))),
        Form::MetadataList => Err(Refusal::not_acceptable(format!(
            "you requested PartialObjectMetadataList, but the requested object is not a list ({})",
            of.kind
        ))),
    }
}

fn check_access(
    shared: &Shared,
    of: &ResourceType,
    target: &Target,
    verb: &str,
) -> Result<(), Refusal> {
    let resource = match &target.subresource {
        Some(subresource) => format!("{}/{subresource}", of.plural),
        None => of.plural.clone(),
    };
    let namespace = target.namespace.as_deref();
    let attempt = Attempt {
        verb,
        group: &of.group,
        resource: &resource,
        namespace,
    };
    if !shared.read(|cluster| cluster.denies(&attempt)) {
        return Ok(());
    }
    let scope = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    Err(Refusal::forbidden(
        of,
        target.name.as_deref(),
        USER,
        verb,
        &resource,
        &scope,
    ))
}

fn is_review(target: &Target) -> bool {
    REVIEWS.iter().any(|(group, version, plural, _)| {
        (target.group == *group && target.version == *version && target.plural == *plural)
            && target.name.is_none()
    })
}

fn not_served(method: &Method) -> Refusal {
    Refusal::not_implemented(format!(
        "simcluster does not serve {method} here; the real kube-apiserver in the end-to-end tests does"
    ))
}

/// The real server answers a `Status` inside its own groups, and a plain page elsewhere.
fn unknown_type(shared: &Shared, group: &str) -> Refusal {
    let is_own = shared.read(|cluster| {
        cluster
            .types()
            .all()
            .iter()
            .any(|of| of.group == group && !of.custom)
    });
    if is_own || REVIEWS.iter().any(|review| review.0 == group) {
        Refusal::no_resource()
    } else {
        Refusal::PageNotFound
    }
}

fn json(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
