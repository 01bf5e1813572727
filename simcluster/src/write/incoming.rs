//! What a client sent with a change: its body, the body's form, and how the change is to be made.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::params::Params;
use crate::status::{Cause, Refusal};
use crate::types::ResourceType;

/// The real server's limit of a body.
const BODY_BYTES: usize = 3 * 1024 * 1024;

/// A change as it came.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(super) options: Options,
    /// Without parameters; none is JSON.
    pub(super) media_type: Option<String>,
    pub(super) body: Bytes,
}

/// How a change is to be made.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) dry_run: bool,
    /// Whether a field that is not known refuses the change.
    pub(super) strict: bool,
    /// Whether it is told in a warning.
    pub(super) warns: bool,
    /// What becomes of what a deleted object owns; none is the type's own way.
    pub(super) propagation: Option<Propagation>,
    /// What must be the uid of the object that is deleted.
    pub(super) uid: Option<String>,
    /// What must be its resource version.
    pub(super) resource_version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Propagation {
    /// The owned objects go. That they go before their owner or after it cannot be seen here: all is done at once.
    Delete,
    /// They stay, without their owner.
    Orphan,
}

/// The body of a request.
///
/// # Errors
/// 400 if it is too large, or breaks off.
pub(crate) async fn read_body(body: Body) -> Result<Bytes, Refusal> {
    to_bytes(body, BODY_BYTES).await.map_err(|_| {
        Refusal::bad_request(format!(
            "the body is over {BODY_BYTES} bytes, or broken off"
        ))
    })
}

impl Incoming {
    /// # Errors
    /// 400 or 422 for a body or options that cannot be read.
    pub(crate) async fn read(request: Request<Body>, params: &Params) -> Result<Self, Refusal> {
        let media_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(|value| {
                value
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            });
        let method = request.method().clone();
        let is_eviction = request.uri().path().ends_with("/eviction");
        let body = read_body(request.into_body()).await?;
        // Real clients send their options in the body of a DELETE; then the query does not count.
        let options = if method == Method::DELETE && !body.is_empty() {
            Options::of_delete(&parse(&body, "DeleteOptions")?)?
        } else if method == Method::POST && is_eviction {
            let eviction = parse(&body, "Eviction")?;
            let of_query = Options::of_query(&method, params)?;
            let of_body = Options::of_delete(&eviction["deleteOptions"])?;
            Options {
                dry_run: of_query.dry_run || of_body.dry_run,
                ..of_body
            }
        } else {
            Options::of_query(&method, params)?
        };
        Ok(Self {
            options,
            media_type,
            body,
        })
    }

    /// Whether it is to change nothing.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.options.dry_run
    }

    /// The body as one JSON object.
    ///
    /// # Errors
    /// 400 if it is not, 415 if it says that it is something else.
    pub(super) fn object(&self, of: &ResourceType) -> Result<Value, Refusal> {
        match self.media_type.as_deref() {
            None | Some("" | "application/json") => parse(&self.body, &of.kind),
            Some(_) => Err(Refusal::unknown_media_type("application/json")),
        }
    }
}

fn parse(body: &[u8], kind: &str) -> Result<Value, Refusal> {
    let unrecognized = |problem: &str| {
        Refusal::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {problem}"
        ))
    };
    let value: Value =
        serde_json::from_slice(body).map_err(|error| unrecognized(&error.to_string()))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(unrecognized("the body is not an object"))
    }
}

impl Options {
    fn of_query(method: &Method, params: &Params) -> Result<Self, Refusal> {
        let kind = match *method {
            Method::POST => "CreateOptions",
            Method::PUT => "UpdateOptions",
            Method::PATCH => "PatchOptions",
            _ => "DeleteOptions",
        };
        let validation = params.text("fieldValidation").unwrap_or("Warn");
        if !matches!(validation, "Ignore" | "Warn" | "Strict") {
            let supported = "\"\", \"Ignore\", \"Strict\", \"Warn\"";
            let cause = Cause::not_supported("fieldValidation", &validation.into(), supported);
            return Err(Refusal::invalid_options(kind, &cause));
        }
        Ok(Self {
            dry_run: dry_run(kind, params.text("dryRun").as_slice())?,
            strict: validation == "Strict",
            warns: validation == "Warn",
            propagation: propagation(params.text("propagationPolicy"))?,
            uid: None,
            resource_version: None,
        })
    }

    /// Of the body of a DELETE, or of an eviction's `deleteOptions`.
    fn of_delete(options: &Value) -> Result<Self, Refusal> {
        let text = |pointer: &str| {
            options
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let dry_runs: Vec<&str> = options["dryRun"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        Ok(Self {
            dry_run: dry_run("DeleteOptions", &dry_runs)?,
            propagation: propagation(text("/propagationPolicy").as_deref())?,
            uid: text("/preconditions/uid"),
            resource_version: text("/preconditions/resourceVersion"),
            ..Self::default()
        })
    }
}

fn dry_run(kind: &str, given: &[&str]) -> Result<bool, Refusal> {
    if given.iter().all(|one| *one == "All") {
        return Ok(!given.is_empty());
    }
    let cause = Cause::not_supported("dryRun", &json!(given), "\"All\"");
    Err(Refusal::invalid_options(kind, &cause))
}

fn propagation(given: Option<&str>) -> Result<Option<Propagation>, Refusal> {
    match given {
        None => Ok(None),
        Some("Background" | "Foreground") => Ok(Some(Propagation::Delete)),
        Some("Orphan") => Ok(Some(Propagation::Orphan)),
        Some(other) => {
            let supported = "\"Foreground\", \"Background\", \"Orphan\", \"nil\"";
            let cause = Cause::not_supported("propagationPolicy", &other.into(), supported);
            Err(Refusal::invalid_options("DeleteOptions", &cause))
        }
    }
}
