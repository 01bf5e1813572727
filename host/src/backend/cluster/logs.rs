//! The log of a container.

use super::Cluster;
use super::names;
use super::read::wrong_permit;
use super::request::Accept;
use super::url::Url;
use crate::call::Call;
use crate::clean::Raw;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit, Reach};

/// What the server is asked for at most, so that a log of gigabytes is never read.
const MAX_READ_BYTES: u32 = 16 * 1024 * 1024;

/// The API server takes a signed number.
const MAX_TAIL: u32 = i32::MAX as u32;

/// Lines before the asked ones that are read as well and cut off after cleaning: a private key, or the manifest of a Secret,
/// is known by its first line.
const MARGIN_LINES: u32 = 1000;

/// Which lines of which container.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogQuery {
    /// None is the only container, or the pod's default one.
    pub(crate) container: Option<String>,
    /// Of the container's last run before this one.
    pub(crate) previous: bool,
    /// From the end; none for all. More are read: the caller cuts after cleaning.
    pub(crate) tail_lines: Option<u32>,
    /// Not older than this; none for all.
    pub(crate) since_seconds: Option<u32>,
    /// Whether each line begins with its time.
    pub(crate) timestamps: bool,
}

/// What was read of a log.
pub(crate) struct Log {
    pub(crate) text: Raw<String>,
    /// How many lines of its end to keep after cleaning; none for all. Fewer than asked for where those are more than is read.
    pub(crate) tail_lines: Option<u32>,
    /// Whether lines that were asked for are missing.
    pub(crate) truncated: bool,
}

impl Cluster {
    /// Reads the log, of so many lines at its end as are no more than is read.
    ///
    /// # Errors
    /// `NotFound`, also for a pod that no grant covers; `Invalid` where the container must be named.
    pub(crate) async fn logs(
        &self,
        permit: Permit,
        call: &Call,
        query: &LogQuery,
    ) -> Result<Log, Failure> {
        let Operation::Logs { namespace, pod } = permit.operation() else {
            return Err(wrong_permit());
        };
        names::namespace(namespace)?;
        names::object(pod)?;
        if let Some(container) = &query.container {
            names::container(container)?;
        }
        let absent = || {
            Failure::new(
                Kind::NotFound,
                format!("there is no pod `{pod}` in namespace `{namespace}`"),
            )
            .fix("list the pods first; names change when a pod is replaced")
        };
        call.bound(async {
            let connection = self.connection_as(&call.actor).await?;
            let of_pod =
                Url::collection("", "v1", "pods", &Reach::Namespace(namespace.clone())).join(pod);
            let owner = if permit.is_unconditional() {
                None
            } else {
                match self.noting_expiry(connection.get_json(&of_pod, Accept::Metadata).await) {
                    Err(failure) if failure.kind == Kind::NotFound => return Err(absent()),
                    other => Some(other?),
                }
            };
            // Before the log is asked for: even an error of the server would tell of the pod.
            let owned = Raw::owned_by(&permit, owner.as_ref()).map_err(|_| absent())?;
            let url = of_pod
                .join("log")
                .with_some("container", query.container.as_deref())
                .with_some("previous", query.previous.then_some("true"))
                .with_some("timestamps", query.timestamps.then_some("true"))
                .with_some(
                    "sinceSeconds",
                    query
                        .since_seconds
                        .map(|seconds| seconds.max(1).to_string()),
                )
                .with("limitBytes", MAX_READ_BYTES.to_string());
            let mut tail_lines = query.tail_lines;
            loop {
                let tail = tail_lines.map(|lines| lines.saturating_add(MARGIN_LINES).min(MAX_TAIL));
                let url = url
                    .clone()
                    .with_some("tailLines", tail.map(|lines| lines.to_string()));
                let bytes = match self.noting_expiry(connection.get(&url, Accept::Text).await) {
                    Err(failure) if failure.kind == Kind::NotFound => return Err(absent()),
                    other => other?,
                };
                let is_cut = bytes.len() >= MAX_READ_BYTES as usize;
                // The server keeps the beginning of what is too long, so that the newest lines would be missing.
                if let Some(lines) = tail_lines.filter(|lines| is_cut && *lines > 1) {
                    tail_lines = Some(lines.div_ceil(4));
                    continue;
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                return Ok(Log {
                    text: owned.with_text(text),
                    tail_lines,
                    truncated: is_cut || tail_lines != query.tail_lines,
                });
            }
        })
        .await
    }
}
