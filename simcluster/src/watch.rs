//! WATCH: changes as lines of JSON, until the client leaves, the time is over or the server stops.
//!
//! Without a resource version it begins with the present state as synthetic `ADDED` events. From a resource version
//! that is forgotten it tells one `ERROR` with 410 and ends, as the real server does.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::accept::Form;
use crate::cluster::{Cluster, shown_as};
use crate::journal::Change;
use crate::list::partial;
use crate::params::Params;
use crate::selection::Selection;
use crate::server::Shared;
use crate::status::{Refusal, Status};
use crate::types::ResourceType;

/// The real server takes between this and twice this.
const DEFAULT_TIMEOUT_SECONDS: i64 = 30 * 60;

/// One client's watch.
struct Watch {
    shared: Arc<Shared>,
    of: ResourceType,
    selection: Selection,
    form: Form,
    bookmarks: bool,
    /// Up to where the client has been told; none before the first state.
    seen: Option<u64>,
    /// Told, but not yet sent.
    lines: VecDeque<Bytes>,
    revision: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    deadline: Instant,
    over: bool,
}

/// Answers a WATCH.
///
/// # Errors
/// 400 for parameters that cannot be read, 500 for a resource version that is none.
pub(crate) fn watch(
    shared: &Arc<Shared>,
    of: &ResourceType,
    namespace: Option<&str>,
    params: &Params,
    form: Form,
) -> Result<Response, Refusal> {
    let selection = Selection::of_request(of, namespace, params)?;
    let seen = params
        .text("resourceVersion")
        .map(resource_version)
        .transpose()?
        .filter(|version| *version > 0);
    let initial = params.flag("sendInitialEvents");
    let seconds = params
        .integer("timeoutSeconds")?
        .filter(|seconds| *seconds > 0)
        .unwrap_or(DEFAULT_TIMEOUT_SECONDS);
    let watch = Watch {
        of: of.clone(),
        selection,
        form,
        bookmarks: params.flag("allowWatchBookmarks"),
        seen: seen.filter(|_| !initial),
        lines: VecDeque::new(),
        revision: shared.revision(),
        stop: shared.stopping(),
        deadline: Instant::now() + Duration::from_secs(seconds.unsigned_abs()),
        over: false,
        shared: Arc::clone(shared),
    };
    let lines = stream::unfold(watch, |mut watch| async {
        watch
            .next()
            .await
            .map(|line| (Ok::<_, Infallible>(line), watch))
    });
    Ok((
        [(CONTENT_TYPE, "application/json")],
        Body::from_stream(lines),
    )
        .into_response())
}

fn resource_version(value: &str) -> Result<u64, Refusal> {
    value.parse().map_err(|_| {
        Refusal::internal(format!(
            "resourceVersion: Invalid value: \"{value}\": strconv.ParseUint: parsing \"{value}\": invalid syntax"
        ))
    })
}

impl Watch {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(line);
            }
            if self.over {
                return None;
            }
            // Before the look, so that a change after it wakes the wait below.
            self.revision.mark_unchanged();
            self.look();
            if !self.lines.is_empty() || self.over {
                continue;
            }
            tokio::select! {
                changed = self.revision.changed() => self.over = changed.is_err(),
                _ = self.stop.changed() => self.over = true,
                () = sleep_until(self.deadline) => self.end(),
            }
        }
    }

    /// Tells what happened since the last look.
    fn look(&mut self) {
        let shared = Arc::clone(&self.shared);
        shared.read(|cluster| match self.seen {
            None => self.tell_state(cluster),
            Some(seen) => self.tell_changes(cluster, seen),
        });
    }

    fn tell_state(&mut self, cluster: &Cluster) {
        for (key, object) in cluster.collection(&self.of).iter() {
            if self.selection.matches(key, object) {
                self.tell("ADDED", object);
            }
        }
        let resource_version = cluster.journal().resource_version();
        self.seen = Some(resource_version);
        if self.bookmarks {
            self.bookmark(
                resource_version,
                &json!({"k8s.io/initial-events-end": "true"}),
            );
        }
    }

    fn tell_changes(&mut self, cluster: &Cluster, seen: u64) {
        let newest = cluster.journal().resource_version();
        let Some(changes) = cluster.journal().since(seen) else {
            let refusal =
                Refusal::expired(format!("too old resource version: {seen} ({newest})"), None);
            if let Refusal::Status(status) = refusal {
                self.tell_failure(&status);
            }
            return;
        };
        let stored_as = self.of.stored_as();
        for change in changes.filter(|change| change.stored_as == stored_as) {
            self.tell_change(change);
        }
        self.seen = Some(newest);
    }

    /// To a client, an object that stops matching is deleted, and one that begins to match is added.
    fn tell_change(&mut self, change: &Change) {
        let matching = |object: &Option<Arc<Value>>| {
            object
                .clone()
                .filter(|object| self.selection.matches(&change.key, object))
        };
        match (matching(&change.before), matching(&change.after)) {
            (None, None) => {}
            (None, Some(after)) => self.tell("ADDED", &after),
            (Some(_), Some(after)) => self.tell("MODIFIED", &after),
            (Some(before), None) => {
                // A deletion is told with the resource version at which it happened.
                let mut last = change.after.as_deref().unwrap_or(&before).clone();
                last["metadata"]["resourceVersion"] = change.resource_version.to_string().into();
                self.tell("DELETED", &last);
            }
        }
    }

    fn tell(&mut self, event: &str, object: &Value) {
        let object = match self.form {
            Form::Metadata | Form::MetadataList => partial(object),
            Form::Whole | Form::AggregatedDiscovery => shown_as(object, &self.of),
        };
        self.push(&json!({"type": event, "object": object}));
    }

    fn tell_failure(&mut self, status: &Status) {
        self.push(&json!({"type": "ERROR", "object": status.to_value()}));
        self.over = true;
    }

    fn bookmark(&mut self, resource_version: u64, annotations: &Value) {
        let mut metadata = json!({"resourceVersion": resource_version.to_string()});
        if !annotations.is_null() {
            metadata["annotations"] = annotations.clone();
        }
        let object = json!({"kind": self.of.kind, "apiVersion": self.of.api_version(), "metadata": metadata});
        self.tell("BOOKMARK", &object);
    }

    /// The time is over; a bookmark says where to go on.
    fn end(&mut self) {
        self.over = true;
        if let Some(seen) = self.seen.filter(|_| self.bookmarks) {
            self.bookmark(seen, &Value::Null);
        }
    }

    fn push(&mut self, line: &Value) {
        self.lines.push_back(Bytes::from(format!("{line}\n")));
    }
}
