//! Failures that a test scripts, for a client's handling of a bad server.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;

use crate::status::Refusal;

/// What happens to a request instead of its answer. Discovery, OpenAPI and health are spared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A `Status` with this code.
    Status {
        /// Such as 429 or 500.
        code: u16,
        /// In seconds, as header and in the details.
        retry_after: Option<u32>,
    },
    /// 200 with a page of HTML, as a proxy's login page.
    NotJson,
    /// The headers of the whole answer, half of its body, then the connection is closed.
    CutInTheMiddle,
    /// Nothing, until the client leaves or the server stops.
    Hang,
}

/// A fault that waits for its requests.
#[derive(Debug)]
pub(crate) struct Scripted {
    path_contains: String,
    times: usize,
    fault: Fault,
}

impl Scripted {
    pub(crate) fn new(path_contains: &str, times: usize, fault: Fault) -> Self {
        Self {
            path_contains: path_contains.to_owned(),
            times,
            fault,
        }
    }
}

/// Takes the first fault that waits for `path`.
pub(crate) fn take(scripted: &mut Vec<Scripted>, path: &str) -> Option<Fault> {
    scripted.retain(|one| one.times > 0);
    let one = scripted
        .iter_mut()
        .find(|one| path.contains(&one.path_contains))?;
    one.times -= 1;
    Some(one.fault.clone())
}

/// A page where JSON was asked for.
pub(crate) fn not_json() -> Response {
    (
        [(CONTENT_TYPE, "text/html")],
        "<html><body>Please sign in.</body></html>",
    )
        .into_response()
}

pub(crate) fn status(code: u16, retry_after: Option<u32>) -> Response {
    Refusal::scripted(code, retry_after).into_response()
}

/// Half of an answer. A watch has no end to be half of, so its answer stops inside its first event.
pub(crate) async fn cut(answer: Response, is_watch: bool) -> Response {
    let (mut parts, body) = answer.into_parts();
    let whole = if is_watch {
        Bytes::from_static(b"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{}}}\n")
    } else {
        to_bytes(body, usize::MAX).await.unwrap_or_default()
    };
    parts.headers.insert(CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let broken = stream::unfold(Some(half), |half| async {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Lets the first half leave before the connection ends under it.
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((
                    Err(std::io::Error::other(
                        "the connection is cut, as the test asked",
                    )),
                    None,
                ))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(broken))
}
