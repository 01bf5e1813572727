//! `k8s_count`: how many objects there are, grouped by values inside them.

use crate::kind::{Kind, full_name};
use crate::place::Selection;
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool, kubernetes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most groups in one answer.
const MOST_GROUPS: usize = 100;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    selection: Selection,
    /// Paths to group by: `spec.nodeName`, `status.phase`, `metadata.labels['app']`. None for the total alone.
    #[serde(default)]
    by: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Counted {
    /// Such as `pods`.
    resource: String,
    /// Where it was looked.
    scope: String,
    /// Objects in all.
    total: u32,
    /// Groups, most frequent first: the objects, then a value per path.
    #[serde(flatten)]
    table: Table,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_count",
        "Counts the objects of a kind, grouped by values at paths: pods by node, images in use, jobs by owner. The \
         cluster is read on the server's side; only the counts come back, so it is cheap for you even for thousands of \
         objects. At most 100000 objects.",
        count,
    )
    .title("Count objects")
}

fn count(arguments: Arguments) -> Result<Output<Counted>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let (query, scope) = arguments.selection.query(&resolved)?;
    let paths: Vec<_> = arguments.by.iter().map(String::as_str).collect();
    let counts = kubernetes::count_by(&query, &paths)?;
    let mut notes: Vec<_> = resolved.note.into_iter().collect();
    let mut table = Table::default();
    if !paths.is_empty() {
        table = Table::new(&[&["OBJECTS"], paths.as_slice()].concat());
        for count in counts.iter().take(MOST_GROUPS) {
            let keys = count.key.iter().map(|key| {
                if key.is_empty() {
                    "(none)".to_owned()
                } else {
                    key.clone()
                }
            });
            table.push([count.objects.to_string()].into_iter().chain(keys));
        }
        if counts.len() > MOST_GROUPS {
            notes.push(format!(
                "{} smaller groups are left out",
                counts.len() - MOST_GROUPS
            ));
        }
    }
    let structured = Counted {
        resource: full_name(&resolved.of),
        scope,
        total: counts.iter().map(|count| count.objects).sum(),
        table,
        notes,
    };
    Ok(Output {
        text: words(&structured),
        structured,
    })
}

fn words(counted: &Counted) -> String {
    let mut lines = vec![format!(
        "{} {} {}",
        counted.total, counted.resource, counted.scope
    )];
    if !counted.table.rows.is_empty() {
        lines.push(counted.table.text());
    }
    lines.extend(counted.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
