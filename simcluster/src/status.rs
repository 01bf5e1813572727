//! Refusals in the API server's words.
//!
//! Each constructor is one case that kube-apiserver 1.36 was seen to answer, with its code, reason and message. The
//! shape is part of the API: clients read `reason` and `details`, people read `message`. Those of changes are in `writes`.

mod writes;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::types::ResourceType;

pub(crate) use self::writes::Cause;

/// Why a request is not served.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A `Status` object.
    Status(Box<Status>),
    /// Plain text, as for a path under no API group that exists.
    PageNotFound,
}

/// A Kubernetes `Status` that says `Failure`.
#[derive(Debug)]
pub(crate) struct Status {
    code: u16,
    /// Empty where the server gives none.
    reason: &'static str,
    message: String,
    details: Option<Value>,
    /// A token with which an expired list can go on, inconsistently.
    continue_token: Option<String>,
}

impl Status {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: None,
            continue_token: None,
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        let mut metadata = Map::new();
        if let Some(token) = &self.continue_token {
            metadata.insert("continue".into(), token.as_str().into());
        }
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }
}

impl Refusal {
    fn status(status: Status) -> Self {
        Self::Status(Box::new(status))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::status(Status::new(400, "BadRequest", message))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::status(Status::new(401, "Unauthorized", "Unauthorized"))
    }

    /// An object that does not exist.
    pub(crate) fn no_object(of: &ResourceType, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", of.qualified_plural());
        let details = object_details(of, Some(name));
        Self::status(Status {
            details: Some(details),
            ..Status::new(404, "NotFound", message)
        })
    }

    /// A namespace that does not exist.
    pub(crate) fn no_namespace(name: &str) -> Self {
        Self::status(Status {
            details: Some(json!({"name": name, "kind": "namespaces"})),
            ..Status::new(404, "NotFound", format!("namespaces \"{name}\" not found"))
        })
    }

    /// A resource type that does not exist in a group version that does.
    pub(crate) fn no_resource() -> Self {
        let message = "the server could not find the requested resource";
        Self::status(Status {
            details: Some(json!({})),
            ..Status::new(404, "NotFound", message)
        })
    }

    /// `scope` is `at the cluster scope` or `in the namespace "x"`.
    pub(crate) fn forbidden(
        of: &ResourceType,
        name: Option<&str>,
        user: &str,
        verb: &str,
        resource: &str,
        scope: &str,
    ) -> Self {
        let object = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let message = format!(
            "{}{object} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{}\" {scope}",
            of.qualified_plural(),
            of.group
        );
        let details = object_details(of, name);
        Self::status(Status {
            details: Some(details),
            ..Status::new(403, "Forbidden", message)
        })
    }

    pub(crate) fn not_acceptable(message: impl Into<String>) -> Self {
        Self::status(Status::new(406, "NotAcceptable", message))
    }

    /// A page of a list, or a watch, from a state that is no longer kept.
    pub(crate) fn expired(message: impl Into<String>, continue_token: Option<String>) -> Self {
        Self::status(Status {
            continue_token,
            ..Status::new(410, "Expired", message)
        })
    }

    /// A body that is not JSON, such as the protobuf that `kubectl auth` sends.
    pub(crate) fn unsupported_media_type() -> Self {
        let message = "the body of the request was in an unknown format - accepted media types include: application/json";
        Self::status(Status::new(415, "UnsupportedMediaType", message))
    }

    /// A parameter of `kind` (such as `PodLogOptions`) outside its range.
    pub(crate) fn invalid(kind: &str, name: &str, field: &str, problem: &str) -> Self {
        let message = format!("{kind} \"{name}\" is invalid: {field}: {problem}");
        let causes = json!([{"reason": "FieldValueInvalid", "message": problem, "field": field}]);
        let details = json!({"name": name, "kind": kind, "causes": causes});
        Self::status(Status {
            details: Some(details),
            ..Status::new(422, "Invalid", message)
        })
    }

    /// What the real server answers where it cannot decode what it was given.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::status(Status::new(500, "", message))
    }

    /// What this server leaves out. The sentence says what, and what does it.
    pub(crate) fn not_implemented(sentence: impl Into<String>) -> Self {
        Self::status(Status::new(501, "NotImplemented", sentence))
    }

    pub(crate) fn too_large_resource_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let cause =
            json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
        let details = json!({"causes": [cause], "retryAfterSeconds": 1});
        Self::status(Status {
            details: Some(details),
            ..Status::new(504, "Timeout", message)
        })
    }

    /// A failure that a test asked for.
    pub(crate) fn scripted(code: u16, retry_after: Option<u32>) -> Self {
        let reason = match code {
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        let details = retry_after.map(|seconds| json!({"retryAfterSeconds": seconds}));
        Self::status(Status {
            details,
            ..Status::new(code, reason, format!("scripted failure with code {code}"))
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::PageNotFound => {
                return (
                    StatusCode::NOT_FOUND,
                    [(CONTENT_TYPE, "text/plain; charset=utf-8")],
                    "404 page not found\n",
                )
                    .into_response();
            }
            Self::Status(status) => status,
        };
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = status
            .details
            .as_ref()
            .and_then(|details| details["retryAfterSeconds"].as_u64());
        let mut response = (
            code,
            [(CONTENT_TYPE, "application/json")],
            status.to_value().to_string(),
        )
            .into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn object_details(of: &ResourceType, name: Option<&str>) -> Value {
    let mut details = Map::new();
    if let Some(name) = name {
        details.insert("name".into(), name.into());
    }
    if !of.group.is_empty() {
        details.insert("group".into(), of.group.as_str().into());
    }
    details.insert("kind".into(), of.plural.as_str().into());
    Value::Object(details)
}
