//! `k8s_describe`: what a person reads first when something is broken.

use crate::cause;
use crate::condition::Condition;
use crate::event::{self, Event};
use crate::kind::Kind;
use crate::place::Place;
use crate::pod::Pod;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, Scope};
use bulkhead_plugin_sdk::{Failure, Output, Table, Time, Tool, context, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod facts;
mod owners;
mod pods;

/// The most events that are shown.
const EVENTS: usize = 10;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct Described {
    /// Kind and name.
    object: String,
    /// Where it is.
    scope: String,
    /// What to look at first; none where nothing looks wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    likely_cause: Option<String>,
    /// What the object is, a line each.
    facts: Vec<String>,
    /// Tables, the most telling first.
    sections: Vec<Section>,
    /// What could not be read, and what else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Section {
    title: String,
    #[serde(flatten)]
    table: Table,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_describe",
        "Says what is wrong with an object: the likely cause first, then the object in short, its owners, containers with \
         reasons, conditions and recent events; for a Deployment, Job or Service also its pods. Use it before k8s_get and \
         k8s_pod_logs. Up to eight requests.",
        describe,
    )
    .title("Describe what is wrong")
}

fn describe(arguments: Arguments) -> Result<Output<Described>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let (what, scope) = arguments.place.object(&resolved, &arguments.name);
    let object: Value = kubernetes::get(&what).map_err(|failure| match failure {
        Failure::NotFound(_) => {
            failure.next_step(&format!("k8s_list of {} finds the names", what.of.plural))
        }
        other => other,
    })?;
    let now = context::now()?;
    let mut notes: Vec<_> = resolved.note.into_iter().collect();
    let mut facts = facts::of(&object, now);
    // What follows only adds to the answer: where a grant does not reach, a note says so.
    let owners = owners::of(&object, what.namespace.as_deref());
    if let Some(owners) = noting(owners, "owners", &mut notes).filter(|owners| !owners.is_empty()) {
        facts.push(format!("owned by {}", owners.join(", which is owned by ")));
    }
    let events = noting(events(&what, &resolved.kind), "events", &mut notes).unwrap_or_default();
    let pods = noting(
        pods::of(&object, what.namespace.as_deref(), now),
        "pods",
        &mut notes,
    )
    .flatten();
    let conditions = Condition::of(&object);
    let is_pod = what.of.group.is_empty() && what.of.plural == "pods";
    let pod = is_pod.then(|| Pod::from_object(&object));
    let likely_cause = match (&pod, &pods) {
        (Some(pod), _) => cause::of_pod(pod, now),
        (None, Some(pods)) => pods
            .cause
            .clone()
            .or_else(|| cause::of_conditions(&conditions)),
        (None, None) => cause::of_conditions(&conditions),
    };
    let troubled = likely_cause.is_some() || pod.as_ref().is_some_and(Pod::is_troubled);
    let likely_cause = likely_cause.or_else(|| {
        let pending = troubled || facts::is_pending(&object);
        pending.then(|| cause::of_events(&events, now)).flatten()
    });
    let sections = [
        pod.map(|pod| ("containers", pods::containers(&pod, now))),
        pods.map(|pods| ("pods", pods.table)),
        Some(("conditions", conditions_table(&conditions, now))),
        Some((
            "events",
            event::table(events.iter().take(EVENTS), now, false),
        )),
    ];
    let structured = Described {
        object: format!("{} {}", resolved.kind, what.name),
        scope,
        likely_cause: likely_cause.map(|cause| one_line(&cause)),
        facts,
        sections: sections
            .into_iter()
            .flatten()
            .filter(|(_, table)| !table.rows.is_empty())
            .map(|(title, table)| Section {
                title: title.to_owned(),
                table: table.without_empty_columns(),
            })
            .collect(),
        notes,
    };
    Ok(Output {
        text: words(&structured),
        structured,
    })
}

/// Turns a failure of something extra into a note.
fn noting<T>(result: Result<T, Failure>, what: &str, notes: &mut Vec<String>) -> Option<T> {
    result
        .map_err(|failure| notes.push(format!("{what} could not be read: {failure}")))
        .ok()
}

fn events(what: &ObjectRef, kind: &str) -> Result<Vec<Event>, Failure> {
    // Events about objects of the cluster are written to the namespace `default`.
    let namespace = what.namespace.as_deref().unwrap_or("default");
    let about = format!(
        "involvedObject.name={},involvedObject.kind={kind}",
        what.name
    );
    let query =
        Query::new(event::events(), Scope::Namespace(namespace.to_owned())).field_selector(about);
    Ok(event::read(&query)?.newest_first)
}

fn conditions_table(conditions: &[Condition], now: Time) -> Table {
    let mut table = Table::new(&["CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE"]);
    for condition in conditions {
        table.push([
            condition.name.clone(),
            condition.status.clone(),
            condition
                .last_transition_time
                .map_or_else(String::new, |since| now.age(since)),
            condition.reason.clone(),
            condition.message.clone(),
        ]);
    }
    table
}

fn words(described: &Described) -> String {
    let cause = described
        .likely_cause
        .as_deref()
        .unwrap_or("nothing looks wrong");
    let mut lines = vec![
        format!("{} {}", described.object, described.scope),
        format!("likely cause: {cause}"),
    ];
    lines.extend(described.facts.iter().cloned());
    for section in &described.sections {
        lines.push(format!("\n{}:", section.title));
        lines.push(section.table.text());
    }
    lines.extend(described.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
