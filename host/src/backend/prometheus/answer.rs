//! What an answer of Prometheus's HTTP API means. Its shape is that of every function of the API: `status`, then `data` or `errorType`
//! and `error`, and `warnings` beside them.

use http::{StatusCode, Uri};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::Words;
use crate::clean::Metrics;
use crate::failure::{Failure, Kind};
use crate::redact;

/// Most bytes of foreign words in a failure.
const MAX_WORDS: usize = 1024;

/// Most bytes that are shown of what is no answer of Prometheus.
const MAX_START: usize = 80;

/// Why there are no metrics.
#[derive(Debug)]
pub(super) enum NoMetrics {
    /// Prometheus cannot read or execute the expression.
    Expression(String),
    /// It gave up.
    TooLong(String),
    /// It, or what stands before it, does not take our credentials.
    Credentials,
    /// It forbids it.
    Forbidden(String),
    /// There is nothing of Prometheus's at that address.
    Elsewhere(String),
    /// It failed.
    Failed(StatusCode, String),
}

/// Reads an answer. It keeps the `turn` for as long as it lives.
pub(super) fn read(
    status: StatusCode,
    body: &[u8],
    turn: OwnedSemaphorePermit,
) -> Result<Metrics, NoMetrics> {
    let mut answer: Value = serde_json::from_slice(body).unwrap_or_default();
    if status.is_success() && answer["status"] == "success" && answer["data"].is_object() {
        return Ok(Metrics {
            data: answer["data"].take(),
            warnings: warnings(&answer["warnings"]),
            turn,
        });
    }
    let words = words(answer["error"].as_str().unwrap_or_default());
    Err(match (status.as_u16(), answer["errorType"].as_str()) {
        (401, _) => NoMetrics::Credentials,
        (403, _) => NoMetrics::Forbidden(words),
        (_, Some("bad_data" | "execution")) => NoMetrics::Expression(words),
        (_, Some("timeout" | "canceled")) => NoMetrics::TooLong(words),
        (_, Some(_)) | (500..=599, None) => NoMetrics::Failed(status, words),
        (_, None) => NoMetrics::Elsewhere(start(body)),
    })
}

fn warnings(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The start of a text, cleaned as a whole before it is cut.
fn words(text: &str) -> String {
    let cleaned = redact::text(text);
    let end = cleaned.floor_char_boundary(MAX_WORDS);
    cleaned.get(..end).unwrap_or_default().to_owned()
}

fn start(body: &[u8]) -> String {
    let body = body.get(..body.len().min(MAX_WORDS)).unwrap_or_default();
    let text = words(&String::from_utf8_lossy(body));
    let visible = text.chars().filter(|c| !c.is_control());
    visible.take(MAX_START).collect()
}

impl NoMetrics {
    /// Says it, with the address that was asked.
    pub(super) fn at(self, url: &Uri) -> Failure {
        match self {
            Self::Expression(words) => Failure::new(
                Kind::Invalid,
                "Prometheus cannot evaluate the expression",
            )
            .source(Words(words))
            .fix("correct the expression as Prometheus says"),
            Self::TooLong(words) => {
                Failure::new(Kind::Limit, "Prometheus took too long over the expression")
                    .source(Words(words))
                    .fix("ask for fewer series or a shorter range, or let the operator raise `prometheus.timeout`")
            }
            Self::Credentials => Failure::new(
                Kind::Upstream,
                format!("Prometheus at `{url}` does not take Bulkhead's credentials"),
            )
            .fix("tell the operator to look at `bearer_token_file` under [prometheus]"),
            Self::Forbidden(words) => {
                Failure::new(Kind::Denied, format!("Prometheus at `{url}` forbids the question"))
                    .source(Words(words))
                    .fix("tell the person: whoever runs Prometheus decides what the token under [prometheus] may ask")
            }
            Self::Elsewhere(start) => Failure::new(
                Kind::Upstream,
                format!("what answers at `{url}` is no Prometheus; it begins with `{start}`"),
            )
            .fix("tell the operator to look at `url` under [prometheus]: `/api/v1/query` must stand below it, without a login page before it"),
            Self::Failed(status, words) => Failure::new(
                Kind::Upstream,
                format!("Prometheus at `{url}` failed with HTTP status {}", status.as_u16()),
            )
            .source(Words(words))
            .fix("try again; if it stays, whoever runs Prometheus should look at it"),
        }
    }
}
