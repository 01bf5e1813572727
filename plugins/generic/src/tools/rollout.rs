//! `k8s_rollout`: how far a rollout is, and which revisions there are.
//!
//! Going back to one changes the workload, so that is a tool of its own: a tool has one effect, and the host holds a tool that
//! reads to it.

use crate::kind::Kind;
use crate::place::Place;
use crate::rollout::{Progress, Workload, revision};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
    /// How far it is, or which revisions there are.
    #[serde(default)]
    operation: Operation,
    /// For status: waits for the end of the rollout, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Operation {
    #[default]
    Status,
    History,
}

#[derive(Serialize, JsonSchema)]
struct Rollout {
    /// Kind and name.
    object: String,
    /// Where it is.
    scope: String,
    /// Whether the rollout is at its end; none for its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    /// How far it is; none for its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The revisions, the current one first; none for its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    revisions: Option<Table>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_rollout",
        "Says how far the rollout of a Deployment, StatefulSet or DaemonSet is (status), or which revisions it had (history), \
         which k8s_rollout_undo can go back to. Up to three requests.",
        rollout,
    )
    .title("Look at a rollout")
}

fn rollout(arguments: Arguments) -> Result<Output<Rollout>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let workload = Workload::of(&resolved)?;
    let (object, scope) = arguments.place.object(&resolved, &arguments.name);
    let (mut complete, mut detail, mut revisions) = (None, None, None);
    match arguments.operation {
        Operation::Status => {
            let (done, words) = status(workload, &object, arguments.wait)?;
            (complete, detail) = (Some(done), Some(words));
        }
        Operation::History => revisions = Some(history(workload, &object)?),
    }
    let structured = Rollout {
        object: format!("{} {}", resolved.kind, object.name),
        scope,
        complete,
        detail,
        revisions,
        notes: resolved.note.into_iter().collect(),
    };
    Ok(Output {
        text: words(&structured),
        structured,
    })
}

fn status(workload: Workload, object: &ObjectRef, wait: bool) -> Result<(bool, String), Failure> {
    if wait {
        let waited = workload.wait(object)?;
        return Ok((waited.done, waited.detail));
    }
    Ok(match workload.progress(object)? {
        Progress::Complete(words) => (true, words),
        Progress::Stuck(words) | Progress::Going(words, ..) => (false, words),
    })
}

fn history(workload: Workload, what: &ObjectRef) -> Result<Table, Failure> {
    let object: Value = kubernetes::get(what)?;
    let now = context::now()?;
    let mut table = Table::new(&["REVISION", "AGE", "IMAGES", "CAUSE"]);
    for revision in revision::of(workload, what, &object)? {
        table.push([
            revision.number.to_string(),
            revision.made.map_or_else(String::new, |made| now.age(made)),
            revision.images(),
            revision.cause,
        ]);
    }
    Ok(table)
}

fn words(rollout: &Rollout) -> String {
    let mut lines = vec![format!("{} {}", rollout.object, rollout.scope)];
    if let (Some(complete), Some(detail)) = (rollout.complete, &rollout.detail) {
        let complete = if complete { "complete" } else { "not complete" };
        lines.push(format!("{complete}: {detail}"));
    }
    match &rollout.revisions {
        None => {}
        Some(table) if table.rows.is_empty() => lines.push("it has no revisions".to_owned()),
        Some(table) => lines.extend(["revisions, the current one first:".to_owned(), table.text()]),
    }
    lines.extend(rollout.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
