//! `k8s_list_events`: what happened in a namespace, newest first.

use crate::event;
use crate::place::Place;
use bulkhead_plugin_sdk::kubernetes::{Query, Scope};
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    place: Place,
    /// Every namespace at once; needs a grant for it.
    #[serde(default)]
    all_namespaces: bool,
    /// Only events about the object of this name.
    involved_object: Option<String>,
    /// Only events of this type.
    r#type: Option<Severity>,
    /// The most events to give.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: usize,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
enum Severity {
    Normal,
    Warning,
}

#[derive(Serialize, JsonSchema)]
struct Happened {
    /// Where it was looked.
    scope: String,
    /// How many events match.
    total: usize,
    /// Newest first.
    #[serde(flatten)]
    table: Table,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_list_events",
        "Lists events, newest first: why pods are not scheduled, pulled, started or healthy. Narrow with \
         `involved_object` (a name) or `type` Warning. Events live about an hour. Reads all events of the namespace.",
        list_events,
    )
    .title("List events")
}

fn default_limit() -> usize {
    50
}

fn list_events(arguments: Arguments) -> Result<Output<Happened>, Failure> {
    let (scope, scope_words) = if arguments.all_namespaces {
        (Scope::AllNamespaces, "in all namespaces".to_owned())
    } else {
        let chosen = arguments.place.choose(true);
        (chosen.scope, chosen.words)
    };
    let mut selectors = Vec::new();
    if let Some(name) = arguments.involved_object.filter(|name| !name.is_empty()) {
        selectors.push(format!("involvedObject.name={name}"));
    }
    match arguments.r#type {
        Some(Severity::Normal) => selectors.push("type=Normal".to_owned()),
        Some(Severity::Warning) => selectors.push("type=Warning".to_owned()),
        None => {}
    }
    let mut query = Query::new(event::events(), scope);
    query.field_selector = (!selectors.is_empty()).then(|| selectors.join(","));
    let events = event::read(&query)?;
    let everywhere = query.scope == Scope::AllNamespaces;
    let total = events.newest_first.len();
    let shown = events.newest_first.iter().take(arguments.limit);
    let structured = Happened {
        scope: [scope_words].into_iter().chain(query.field_selector).collect::<Vec<_>>().join(", "),
        total,
        table: event::table(shown, context::now()?, everywhere),
        notes: events
            .incomplete
            .then(|| format!("only the first {total} events by name were looked at; narrow with involved_object or type"))
            .into_iter()
            .collect(),
    };
    Ok(Output {
        text: words(&structured),
        structured,
    })
}

fn words(happened: &Happened) -> String {
    let shown = happened.table.rows.len();
    let newest = if shown < happened.total {
        format!(", the newest {shown}")
    } else {
        String::new()
    };
    let mut lines = vec![format!(
        "{} events {}{newest}",
        happened.total, happened.scope
    )];
    if shown > 0 {
        lines.push(happened.table.text());
    }
    lines.extend(happened.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
