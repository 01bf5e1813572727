//! From a request to its answer: records it, checks its token, finds what its path means, applies a scripted fault.
//!
//! Every request ends here, and each is recorded before anything else, so that a test's log has no holes.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::accept::{Form, negotiate};
use crate::access::{Attempt, USER};
use crate::builtin::REVIEWS;
use crate::cluster::shown_as;
use crate::fault::{self, Fault};
use crate::params::Params;
use crate::route::{self, Route, Target};
use crate::server::{RequestRecord, Shared, lock};
use crate::status::Refusal;
use crate::types::ResourceType;
use crate::{discovery, list, logs, openapi, review, watch};

/// The real server's limit of a body.
const BODY_BYTES: usize = 3 * 1024 * 1024;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Subresources that the real server has and this one leaves out.
const LEFT_OUT: &[&str] = &[
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "finalize",
    "portforward",
    "proxy",
    "resize",
    "scale",
    "token",
];

/// Answers one request.
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    let record = record(&request);
    lock(&shared.requests).push(record.clone());
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
    let answered = objects(&shared, &target, &params, record.accept.as_deref(), request).await;
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

/// What is about objects: GET, LIST, WATCH, logs, reviews.
async fn objects(
    shared: &Arc<Shared>,
    target: &Target,
    params: &Params,
    accept: Option<&str>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let Target {
        group,
        version,
        plural,
        namespace,
        name,
        subresource,
    } = target;
    if is_review(target) && request.method() == Method::POST {
        let content_type = request.headers().get(CONTENT_TYPE);
        if content_type.is_some_and(|value| !value.as_bytes().starts_with(b"application/json")) {
            return Err(Refusal::unsupported_media_type());
        }
        let body = to_bytes(request.into_body(), BODY_BYTES).await;
        let body = body.map_err(|_| {
            Refusal::bad_request(format!(
                "the body is over {BODY_BYTES} bytes, or broken off"
            ))
        })?;
        let review = shared.read(|cluster| match plural.as_str() {
            "selfsubjectreviews" => review::user(&body),
            _ => review::access(cluster, &body),
        })?;
        return Ok((StatusCode::CREATED, json(&review)).into_response());
    }
    if request.method() != Method::GET {
        return Err(not_served(request.method()));
    }
    let of = shared.read(|cluster| cluster.types().find(group, version, plural).cloned());
    let of = of.ok_or_else(|| unknown_type(shared, group))?;
    let namespace = namespace.as_deref();
    if namespace.is_some() != of.namespaced && (namespace.is_some() || name.is_some()) {
        return Err(Refusal::no_resource());
    }
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
        Some("log") if of.subresources().contains(&"log") => {
            let log = shared.read(|cluster| {
                logs::read(cluster, &of, namespace.unwrap_or_default(), name, params)
            })?;
            Ok(match log {
                Some(text) => ([(CONTENT_TYPE, "text/plain")], text).into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            })
        }
        Some(other)
            if other
                .split('/')
                .next()
                .is_some_and(|first| LEFT_OUT.contains(&first)) =>
        {
            Err(Refusal::not_implemented(format!(
                "simcluster does not serve the subresource `{plural}/{other}`"
            )))
        }
        Some(_) => Err(Refusal::no_resource()),
    }
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
        "simcluster only reads: {method} of objects is not served; the real kube-apiserver in the end-to-end tests does that"
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
