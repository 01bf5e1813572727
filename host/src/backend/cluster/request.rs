//! One request to the API server: whose name it is made in, retry, and what bounds it.
//!
//! GET alone is retried: on 429, 503, 504 and where the connection failed. What the server says is cleaned before it becomes
//! part of a failure, since admission webhooks and proxies put anything there.
#![expect(clippy::disallowed_types, reason = "the one door to the API server")]

mod refused;
mod write;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use serde_json::Value;

pub(crate) use self::write::WriteFailure;
pub(super) use self::write::{Answer, Write};
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

impl Connection {
    /// The same connection in the name of another user, whom the server's RBAC and audit then see.
    pub(super) fn acting_as(&self, actor: &Actor) -> Self {
        Self {
            actor: actor.clone(),
            ..self.clone()
        }
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
