//! One request to the API server: retry, and what its answers mean.
//!
//! GET alone is retried: on 429, 503, 504 and where the connection failed. What the server says is cleaned before it becomes
//! part of a failure, since admission webhooks and proxies put anything there.
#![expect(clippy::disallowed_types, reason = "the one door to the API server")]

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use serde::Deserialize;
use serde_json::Value;

use super::url::Url;
use crate::call::Actor;
use crate::failure::{Failure, Kind, chain};
use crate::redact;

/// The largest answer that is read whole. A page of 500 large objects stays far below it.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Who sets the fields, as the server keeps it in `managedFields`.
pub(super) const FIELD_MANAGER: &str = "bulkhead";

/// The longest that a `Retry-After` is obeyed.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// A client with what bounds its requests.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) client: kube::Client,
    pub(super) context: String,
    pub(super) server: String,
    pub(super) timeout: Duration,
    pub(super) retries: u32,
    /// In whose name.
    pub(super) actor: Actor,
    /// SHA-256 of the trusted certificates in hex; empty where the system's are used.
    pub(super) ca: String,
}

/// Which form of an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accept {
    Json,
    Text,
    /// One object's metadata alone.
    Metadata,
    /// A list of metadata alone.
    MetadataList,
    Discovery,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain,*/*",
            Self::Metadata => "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            Self::MetadataList => {
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
            }
            Self::Discovery => {
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
            }
        }
    }
}

/// A request that changes something, or would if it were not dry. It is sent once.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) content_type: &'static str,
    pub(super) body: Value,
}

/// What the server answered to a [`Write`].
pub(super) struct Answer {
    pub(super) object: Value,
    pub(super) warnings: Vec<String>,
}

/// Why a [`Write`] has no answer to go on with.
#[derive(Debug)]
pub(crate) enum WriteFailure {
    /// The server said no: nothing has changed.
    Refused(Failure),
    /// The server said no to an apply, since Bulkhead itself set the fields by another verb: nothing has changed.
    OwnFields(Failure),
    /// No answer came, or one that does not say: it may have changed.
    Unknown(Failure),
}

impl WriteFailure {
    /// Returns the failure alone, where it makes no difference.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Refused(failure) | Self::OwnFields(failure) | Self::Unknown(failure) => failure,
        }
    }
}

impl Connection {
    /// The same connection in the name of another user, whom the server's RBAC and audit then see.
    pub(super) fn acting_as(&self, actor: &Actor) -> Self {
        Self {
            actor: actor.clone(),
            ..self.clone()
        }
    }

    /// Sends a write, once.
    ///
    /// # Errors
    /// [`WriteFailure`], which tells a refusal from silence.
    pub(super) async fn write(
        &self,
        write: &Write,
        audit_id: Option<&str>,
    ) -> Result<Answer, WriteFailure> {
        let request = self
            .request(write.method.clone(), &write.url, Accept::Json)
            .header(http::header::CONTENT_TYPE, write.content_type);
        let request = match audit_id {
            Some(id) => request.header("Audit-ID", id),
            None => request,
        };
        let answer = self
            .send(request, &write.url, write.body.to_string().into_bytes())
            .await
            .map_err(|attempt| WriteFailure::Unknown(attempt.into_failure()))?;
        let (parts, body) = answer.into_parts();
        let body = self.collect(body).await.map_err(WriteFailure::Unknown)?;
        if !parts.status.is_success() {
            let failure = self.refused(parts.status, &body, &write.url);
            if parts.status == StatusCode::CONFLICT && is_own_conflict(&body) {
                return Err(WriteFailure::OwnFields(failure));
            }
            // A server error may come after the change was stored.
            return Err(if parts.status.is_client_error() {
                WriteFailure::Refused(failure)
            } else {
                WriteFailure::Unknown(failure)
            });
        }
        let object = serde_json::from_slice(&body).map_err(|error| {
            WriteFailure::Unknown(
                self.upstream("answered something that is no Kubernetes answer".to_owned())
                    .source(error),
            )
        })?;
        Ok(Answer {
            object,
            warnings: warnings(&parts.headers),
        })
    }

    async fn collect(&self, body: Body) -> Result<Bytes, Failure> {
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect();
        let body = tokio::time::timeout(self.timeout, body)
            .await
            .map_err(|_| self.too_slow())?;
        let body = body.map_err(|error| {
            self.upstream("broke off its answer".to_owned())
                .source(Words(error.to_string()))
        })?;
        Ok(body.to_bytes())
    }

    /// Reads JSON.
    pub(super) async fn get_json<T: serde::de::DeserializeOwned>(
        &self,
        url: &Url,
        accept: Accept,
    ) -> Result<T, Failure> {
        let bytes = self.get(url, accept).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(80)).unwrap_or_default()).into_owned();
            let start: String = redact::text(&start).chars().filter(|c| !c.is_control()).collect();
            self.upstream(format!("answered something that is no Kubernetes answer, beginning `{start}`"))
                .source(error)
                .fix("look whether a proxy or a login page stands before the API server: `bulkhead doctor`")
        })
    }

    /// Reads bytes, trying again where that may help.
    pub(super) async fn get(&self, url: &Url, accept: Accept) -> Result<Bytes, Failure> {
        let mut attempt = 0;
        loop {
            let (failure, pause) = match self.try_get(url, accept).await {
                Ok(bytes) => return Ok(bytes),
                Err(Attempt::Final(failure)) => return Err(failure),
                Err(Attempt::Again(failure, pause)) => (failure, pause),
            };
            if attempt == self.retries {
                return Err(failure);
            }
            let pause =
                pause.unwrap_or_else(|| Duration::from_millis(100) * 2_u32.saturating_pow(attempt));
            attempt += 1;
            tracing::debug!(
                path = url.path,
                attempt,
                "trying again: {}",
                chain(&failure)
            );
            tokio::time::sleep(pause.min(MAX_PAUSE)).await;
        }
    }

    async fn try_get(&self, url: &Url, accept: Accept) -> Result<Bytes, Attempt> {
        let request = self.request(Method::GET, url, accept);
        let answer = self.send(request, url, Vec::new()).await?;
        let (parts, body) = answer.into_parts();
        let collected =
            tokio::time::timeout(self.timeout, Limited::new(body, MAX_ANSWER_BYTES).collect())
                .await;
        let bytes = match collected {
            Err(_) => return Err(Attempt::Final(self.too_slow())),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(Attempt::Final(
                    Failure::new(
                        Kind::Limit,
                        format!("the answer is larger than {} MiB", MAX_ANSWER_BYTES >> 20),
                    )
                    .fix("ask for a smaller page"),
                ));
            }
            Ok(Err(error)) => {
                let failure = self
                    .upstream("broke off its answer".to_owned())
                    .source(Words(error.to_string()));
                return Err(Attempt::Again(failure, None));
            }
            Ok(Ok(body)) => body.to_bytes(),
        };
        if parts.status.is_success() {
            return Ok(bytes);
        }
        let failure = self.refused(parts.status, &bytes, url);
        let again = matches!(parts.status.as_u16(), 429 | 503 | 504);
        let pause = parts
            .headers
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        if again {
            Err(Attempt::Again(failure, pause.map(Duration::from_secs)))
        } else {
            Err(Attempt::Final(failure))
        }
    }

    /// Sends a POST once and reads JSON: for reviews, which change nothing.
    pub(super) async fn post_review(&self, url: &Url, body: &Value) -> Result<Value, Failure> {
        let request = self
            .request(Method::POST, url, Accept::Json)
            .header(http::header::CONTENT_TYPE, "application/json");
        let answer = self
            .send(request, url, body.to_string().into_bytes())
            .await
            .map_err(Attempt::into_failure)?;
        let (parts, body) = answer.into_parts();
        let bytes = self.collect(body).await?;
        if !parts.status.is_success() {
            return Err(self.refused(parts.status, &bytes, url));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            self.upstream("answered something that is no Kubernetes answer".to_owned())
                .source(error)
        })
    }

    /// Opens a watch; its lines come as they happen. The caller bounds the time.
    pub(super) async fn watch(&self, url: &Url) -> Result<Body, Failure> {
        let request = self.request(Method::GET, url, Accept::Json);
        let answer = self
            .send(request, url, Vec::new())
            .await
            .map_err(Attempt::into_failure)?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let status = answer.status();
        let bytes = Limited::new(answer.into_body(), 64 * 1024)
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        Err(self.refused(status, &bytes, url))
    }

    fn request(&self, method: Method, url: &Url, accept: Accept) -> http::request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(url.text())
            .header(http::header::ACCEPT, accept.header())
            .header(
                http::header::USER_AGENT,
                concat!("bulkhead/", env!("CARGO_PKG_VERSION")),
            );
        let Some(impersonation) = &self.actor.impersonate else {
            return request;
        };
        let request = request.header("Impersonate-User", &impersonation.user);
        impersonation.groups.iter().fold(request, |request, group| {
            request.header("Impersonate-Group", group)
        })
    }

    async fn send(
        &self,
        request: http::request::Builder,
        url: &Url,
        body: Vec<u8>,
    ) -> Result<Response<Body>, Attempt> {
        let request = request.body(Body::from(body)).map_err(|error| {
            Attempt::Final(
                Failure::new(
                    Kind::Bug,
                    format!("made a wrong request for `{}`", url.path),
                )
                .source(error),
            )
        })?;
        match tokio::time::timeout(self.timeout, self.client.send(request)).await {
            Err(_) => Err(Attempt::Final(self.too_slow())),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.unreachable(&error)),
        }
    }

    fn unreachable(&self, error: &kube::Error) -> Attempt {
        let words = redact::text(&chain(error)).into_owned();
        let again = !words.contains("certificate") && !matches!(error, kube::Error::Auth(_));
        let fix = if words.contains("certificate") {
            "check the certificate authority of this context in the kubeconfig: `bulkhead doctor`"
        } else if matches!(error, kube::Error::Auth(_)) {
            "log in again with the tool that this context uses: `bulkhead doctor` says which"
        } else {
            "check that the cluster runs and can be reached from here (VPN, proxy): `bulkhead doctor`"
        };
        let failure = Failure::new(
            Kind::Upstream,
            format!(
                "failed to reach cluster `{}` at `{}`",
                self.context, self.server
            ),
        )
        .source(Words(words))
        .fix(fix);
        if again {
            Attempt::Again(failure, None)
        } else {
            Attempt::Final(failure)
        }
    }

    fn too_slow(&self) -> Failure {
        self.upstream(format!(
            "did not answer within {} s",
            self.timeout.as_secs()
        ))
        .fix("ask for less at once, or let the operator raise `cluster.request_timeout`")
    }

    /// A failure of the cluster; `what` goes on behind its name.
    pub(super) fn upstream(&self, what: String) -> Failure {
        Failure::new(Kind::Upstream, format!("cluster `{}` {what}", self.context))
    }

    /// Turns an answer that is no success into a failure with a next step.
    pub(super) fn refused(&self, status: StatusCode, body: &[u8], url: &Url) -> Failure {
        let said: ApiStatus = serde_json::from_slice(body).unwrap_or_default();
        let words = if said.message.is_empty() {
            format!("HTTP status {}", status.as_u16())
        } else {
            said.message
        };
        let words = redact::text(&words).into_owned();
        let failure = |kind, fix: &str| Failure::new(kind, words.clone()).fix(fix);
        match status.as_u16() {
            400 | 406 | 422 => failure(Kind::Invalid, "correct the request as the API server says"),
            401 => failure(
                Kind::Upstream,
                "the credentials of this context are missing or have expired: log in again, then `bulkhead doctor`",
            )
            .unauthorized(),
            403 => failure(
                Kind::Denied,
                "the API server's own RBAC refuses the identity that Bulkhead uses; tell the person, who can ask the cluster's administrator",
            ),
            404 => failure(Kind::NotFound, "list what there is first; names and namespaces must be exact"),
            409 => failure(Kind::Conflict, "read the object again"),
            410 => failure(Kind::Conflict, "the continue token is too old: start the list again without one"),
            429 if url.path.ends_with("/eviction") => failure(
                Kind::Conflict,
                "a disruption budget does not allow it now: wait until more pods are ready, then propose it again",
            ),
            429 => failure(Kind::Upstream, "the API server is busy: wait a little, and ask for less at once"),
            _ => Failure::new(Kind::Upstream, format!("cluster `{}` failed to answer `{}`", self.context, url.path))
                .source(Words(words.clone()))
                .fix("try again; if it stays, the cluster's administrator should look at the API server"),
        }
    }
}

/// The texts of `Warning` headers, cleaned: `299 - "text"`.
fn warnings(headers: &http::HeaderMap) -> Vec<String> {
    let text = |value: &http::HeaderValue| {
        let value = value.to_str().ok()?;
        let (_, quoted) = value.split_once('"')?;
        let (text, _) = quoted.rsplit_once('"')?;
        Some(redact::text(&text.replace("\\\"", "\"")).into_owned())
    };
    headers
        .get_all(http::header::WARNING)
        .iter()
        .filter_map(text)
        .collect()
}

/// How one attempt failed.
enum Attempt {
    Final(Failure),
    Again(Failure, Option<Duration>),
}

impl Attempt {
    fn into_failure(self) -> Failure {
        match self {
            Self::Final(failure) | Self::Again(failure, _) => failure,
        }
    }
}

/// Foreign words, already cleaned.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Words(String);

/// Whether the only ones who set the fields of an apply before are we. An object that Bulkhead created, it did not apply.
fn is_own_conflict(body: &[u8]) -> bool {
    let status: Value = serde_json::from_slice(body).unwrap_or_default();
    let causes = status["details"]["causes"].as_array();
    causes.is_some_and(|causes| {
        !causes.is_empty()
            && causes.iter().all(|cause| {
                let message = cause["message"].as_str().unwrap_or_default();
                cause["reason"] == "FieldManagerConflict"
                    && message.starts_with(&format!("conflict with \"{FIELD_MANAGER}\""))
            })
    })
}

/// `meta/v1.Status`, as far as it is read.
#[derive(Debug, Default, Deserialize)]
struct ApiStatus {
    #[serde(default)]
    message: String,
}
