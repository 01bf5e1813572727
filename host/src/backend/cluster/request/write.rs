//! The requests that change something: sent once, and a refusal is told from silence.

use http::{Method, StatusCode};
use serde_json::Value;

use super::super::url::Url;
use super::{Accept, Connection, FIELD_MANAGER};
use crate::failure::Failure;
use crate::redact;

/// A request that changes something, or would if it were not dry. It is sent once.
#[derive(Debug)]
pub(in super::super) struct Write {
    pub(in super::super) method: Method,
    pub(in super::super) url: Url,
    pub(in super::super) content_type: &'static str,
    pub(in super::super) body: Value,
}

/// What the server answered to a [`Write`].
pub(in super::super) struct Answer {
    pub(in super::super) object: Value,
    pub(in super::super) warnings: Vec<String>,
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
    /// Sends a write, once.
    ///
    /// # Errors
    /// [`WriteFailure`], which tells a refusal from silence.
    pub(in super::super) async fn write(
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
