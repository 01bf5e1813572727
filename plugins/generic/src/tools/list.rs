//! `k8s_list`: the objects of a kind, totals first, a page at a time.

use crate::budget::ANSWER_BYTES;
use crate::kind::{Kind, Resolved, full_name};
use crate::place::Selection;
use crate::view::{self, View};
use bulkhead_plugin_sdk::kubernetes::{self, Page, Query, Scope};
use bulkhead_plugin_sdk::{Failure, Output, Table, Time, Tool, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many objects that are not well are named below the table.
const TROUBLED: usize = 5;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    selection: Selection,
    /// The most objects on this page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 500))]
    limit: u32,
    /// The token that the page before gave.
    #[serde(rename = "continue")]
    continue_token: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Listing {
    /// Such as `deployments.apps`.
    resource: String,
    /// Where it was looked.
    scope: String,
    /// Objects in all, on the first page where it could be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    /// Objects by phase or readiness, most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    totals: Vec<Total>,
    #[serde(flatten)]
    table: Table,
    /// Up to five objects of this page that are not well, each with a word why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_well: Vec<String>,
    /// How many objects follow, where the server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<u32>,
    /// Gives the next page.
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    continue_token: Option<String>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Total {
    class: String,
    objects: u32,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_list",
        "Lists the objects of a kind in a namespace: totals by phase or readiness, then a table page, then a token for \
         the next page. Names the ones that are not well. Use it to find names; k8s_count for other totals, \
         k8s_list_events for events, k8s_describe for what is wrong with one. Reads one page, and the whole collection \
         once for the totals.",
        list,
    )
    .title("List objects")
}

fn default_limit() -> u32 {
    50
}

fn list(arguments: Arguments) -> Result<Output<Listing>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let (query, scope) = arguments.selection.query(&resolved)?;
    let view = view::of(&resolved.of);
    let mut notes: Vec<_> = resolved.note.iter().cloned().collect();
    let totals = match &arguments.continue_token {
        None => totals(view, &query, &mut notes)?,
        Some(_) => None,
    };
    let mut limit = arguments.limit;
    let mut listing = loop {
        let page = read(view, &query, limit, arguments.continue_token.as_deref())?;
        let listing = show(view, &resolved, &query, page)?;
        let size = listing.table.bytes();
        if size <= ANSWER_BYTES || limit == 1 {
            break listing;
        }
        // A page cannot be cut: its token gives what follows the whole of it. So a shorter one is read.
        limit = shorter(limit, size);
        notes.push(format!(
            "the page was shortened to {limit} objects to fit into one answer"
        ));
    };
    listing.scope = scope;
    listing.notes = notes;
    if let Some(classes) = totals {
        listing.total = Some(classes.iter().map(|class| class.objects).sum());
        listing.totals = if view.tally.is_some() {
            classes
        } else {
            Vec::new()
        };
    }
    Ok(Output {
        text: words(&listing),
        structured: listing,
    })
}

/// Counts the whole collection; none where it is larger than the host counts.
fn totals(
    view: &View,
    query: &Query,
    notes: &mut Vec<String>,
) -> Result<Option<Vec<Total>>, Failure> {
    let counted = match &view.tally {
        Some(tally) => kubernetes::count_by(query, tally.by).map(|counts| tally.add_up(&counts)),
        None => kubernetes::count_by(query, &[]).map(|counts| {
            counts
                .iter()
                .map(|count| (String::new(), count.objects))
                .collect()
        }),
    };
    match counted {
        Ok(classes) => Ok(Some(
            classes
                .into_iter()
                .map(|(class, objects)| Total { class, objects })
                .collect(),
        )),
        Err(Failure::Limit(reason)) => {
            notes.push(format!("totals are unknown: {reason}"));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn read(
    view: &View,
    query: &Query,
    limit: u32,
    token: Option<&str>,
) -> Result<Page<Vec<Value>>, Failure> {
    let mut paths = vec![
        "metadata.namespace",
        "metadata.name",
        "metadata.creationTimestamp",
    ];
    paths.extend(view.paths);
    kubernetes::list_fields(query, &paths, limit, token).map_err(|failure| match failure {
        Failure::Conflict(_) => failure.next_step("begin again without `continue`"),
        other => other,
    })
}

fn show(
    view: &View,
    resolved: &Resolved,
    query: &Query,
    page: Page<Vec<Value>>,
) -> Result<Listing, Failure> {
    let now = context::now()?;
    let everywhere = query.scope == Scope::AllNamespaces;
    let mut columns = if everywhere {
        vec!["NAMESPACE"]
    } else {
        Vec::new()
    };
    columns.push("NAME");
    columns.extend(view.columns);
    columns.push("AGE");
    let mut table = Table::new(&columns);
    let mut not_well = Vec::new();
    for row in &page.items {
        let text = |at: usize| {
            row.get(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let seen = (view.see)(row.get(3..).unwrap_or_default(), now);
        if let Some(trouble) = seen.trouble.filter(|_| not_well.len() < TROUBLED) {
            not_well.push(format!("{} ({trouble})", text(1)));
        }
        let age = Time::parse(&text(2)).map_or_else(String::new, |created| now.age(created));
        let namespace = everywhere.then(|| text(0));
        table.push(
            namespace
                .into_iter()
                .chain([text(1)])
                .chain(seen.cells)
                .chain([age]),
        );
    }
    Ok(Listing {
        resource: full_name(&resolved.of),
        scope: String::new(),
        total: None,
        totals: Vec::new(),
        table: table.without_empty_columns(),
        not_well,
        remaining: page.remaining,
        continue_token: page.continue_token,
        notes: Vec::new(),
    })
}

/// Returns the limit at which a page of this size would just fit, and at least one less.
fn shorter(limit: u32, size: usize) -> u32 {
    let fitting = u64::from(limit) * ANSWER_BYTES as u64 / size as u64;
    u32::try_from(fitting).unwrap_or(1).clamp(1, limit - 1)
}

fn words(listing: &Listing) -> String {
    let total = listing
        .total
        .map_or_else(String::new, |total| format!("{total} "));
    let classes: Vec<_> = listing
        .totals
        .iter()
        .map(|total| format!("{} {}", total.objects, total.class))
        .collect();
    let colon = if classes.is_empty() { "" } else { ": " };
    let mut lines = vec![format!(
        "{total}{} {}{colon}{}",
        listing.resource,
        listing.scope,
        classes.join(", ")
    )];
    if !listing.table.rows.is_empty() {
        lines.push(listing.table.text());
    }
    if !listing.not_well.is_empty() {
        lines.push(format!(
            "not well on this page: {}",
            listing.not_well.join(", ")
        ));
    }
    if let Some(token) = &listing.continue_token {
        let more = listing.remaining.map_or_else(
            || "more".to_owned(),
            |remaining| format!("{remaining} more"),
        );
        lines.push(format!("{more}; next page with continue={token}"));
    }
    lines.extend(listing.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
