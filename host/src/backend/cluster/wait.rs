//! Waiting for a state of one object, by a watch.
//!
//! Every object that comes is judged and cleaned before the condition looks at it, so waiting cannot guess at a secret.

use std::time::Duration;

use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;

use super::read::{take_objects, wrong_permit};
use super::request::{Accept, Connection};
use super::{Cluster, Place, names};
use crate::call::Call;
use crate::clean::{self, Clean, Projection, Raw};
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit};
use crate::projection::Path;

/// What to wait for.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// The value stands at the path.
    Equals(Path, Value),
    /// Something stands at the path.
    Exists(Path),
    /// The object is gone.
    Deleted,
}

impl Condition {
    fn holds(&self, object: Option<&Clean<Value>>) -> bool {
        match (self, object.map(Clean::value)) {
            (Self::Deleted, object) => object.is_none(),
            (_, None) => false,
            (Self::Equals(path, value), Some(object)) => path.of(object) == *value,
            (Self::Exists(path), Some(object)) => !path.of(object).is_null(),
        }
    }
}

/// One line of a watch.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}

/// Between two watches.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest line of a watch: the largest object that etcd takes is 1.5 MiB, and JSON with managedFields is larger.
const MAX_LINE_BYTES: usize = 8 * 1024 * 1024;

impl Cluster {
    /// Waits until the condition holds; gives the object, or `null` where it is gone. The caller bounds the time.
    ///
    /// # Errors
    /// `NotFound` where the object is not there to begin with, unless its absence is waited for.
    pub(crate) async fn wait(
        &self,
        permit: Permit,
        call: &Call,
        version: Option<&str>,
        until: &Condition,
    ) -> Result<Clean<Value>, Failure> {
        let Operation::Watch {
            resource,
            reach,
            name,
        } = permit.operation()
        else {
            return Err(wrong_permit());
        };
        names::object(name)?;
        call.bound(async {
            let place = self.place(resource, version, reach).await?;
            let connection = self.connection_as(&call.actor).await?;
            take_objects(&permit, call, 1)?;
            loop {
                let current = self.noting_expiry(
                    connection
                        .get_json::<Value>(&place.url().join(name), Accept::Json)
                        .await,
                );
                let current = match current {
                    Err(failure) if failure.kind == Kind::NotFound => None,
                    other => Some(other?),
                };
                let from = current
                    .as_ref()
                    .and_then(|object| object["metadata"]["resourceVersion"].as_str())
                    .map(str::to_owned);
                let seen = current.and_then(|object| admit(&permit, &place, object));
                if until.holds(seen.as_ref()) {
                    return Ok(clean::waited(seen));
                }
                let (Some(from), Some(_)) = (from, seen) else {
                    return Err(place.absent(name));
                };
                if let Some(object) =
                    follow(&connection, &permit, &place, name, &from, until).await?
                {
                    return Ok(object);
                }
                // The watch ended, as watches do: look again, but do not hammer a server whose watches end at once.
                tokio::time::sleep(PAUSE).await;
            }
        })
        .await
    }
}

/// Follows a watch until the condition holds; none where the watch ended before.
async fn follow(
    connection: &Connection,
    permit: &Permit,
    place: &Place,
    name: &str,
    from: &str,
    until: &Condition,
) -> Result<Option<Clean<Value>>, Failure> {
    let url = place
        .url()
        .with("watch", "1")
        .with("fieldSelector", format!("metadata.name={name}"))
        .with("resourceVersion", from);
    let mut chunks = connection.watch(&url).await?.into_data_stream();
    let mut buffer = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        buffer.extend_from_slice(&chunk);
        if buffer.len() > MAX_LINE_BYTES {
            return Err(Failure::new(
                Kind::Limit,
                format!("`{name}` is too large to be watched"),
            ));
        }
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let Ok(event) = serde_json::from_slice::<Event>(&line) else {
                return Ok(None);
            };
            let seen = match event.kind.as_str() {
                "ADDED" | "MODIFIED" => admit(permit, place, event.object),
                "DELETED" => None,
                // An error (410) or an unknown event: look again.
                _ => return Ok(None),
            };
            if until.holds(seen.as_ref()) {
                return Ok(Some(clean::waited(seen)));
            }
            if seen.is_none() {
                return Err(place.absent(name));
            }
        }
    }
    Ok(None)
}

/// Cleans the object; none where no grant covers it, which must look as if it were gone.
fn admit(permit: &Permit, place: &Place, mut object: Value) -> Option<Clean<Value>> {
    place.complete(&mut object);
    let raw = Raw::object(permit, object).ok()?;
    Some(clean::object(raw, &Projection::Whole))
}
