//! What every list answers: totals, a table page, the way to the next page.

use crate::kinds::GROUP;
use crate::place::Place;
use bulkhead_plugin_sdk::{Output, Table};
use schemars::JsonSchema;
use serde::Serialize;

/// One page of a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listing {
    /// Such as `backups.velero.io`.
    resource: String,
    /// The namespace of Velero that was looked at.
    namespace: String,
    /// Objects in all.
    total: usize,
    /// Objects by phase, most frequent first.
    totals: Vec<Total>,
    #[serde(flatten)]
    table: Table,
    /// How many follow this page.
    remaining: usize,
    /// Gives the next page.
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    continue_token: Option<String>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip)]
    place: String,
}

/// How many objects are in a phase.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Total {
    /// As Velero writes it.
    pub(crate) phase: String,
    pub(crate) objects: usize,
}

/// Counts one more object in a phase.
pub(crate) fn tally(totals: &mut Vec<Total>, phase: &str) {
    match totals.iter_mut().find(|total| total.phase == phase) {
        Some(total) => total.objects += 1,
        None => totals.push(Total {
            phase: phase.to_owned(),
            objects: 1,
        }),
    }
}

impl Listing {
    /// A page of the objects of a type, with the totals over all pages.
    pub(crate) fn new(
        plural: &str,
        place: &Place,
        mut totals: Vec<Total>,
        table: Table,
        continue_token: Option<String>,
        remaining: usize,
    ) -> Self {
        totals.sort_by(|a, b| {
            b.objects
                .cmp(&a.objects)
                .then_with(|| a.phase.cmp(&b.phase))
        });
        Self {
            resource: format!("{plural}.{GROUP}"),
            namespace: place.namespace.clone(),
            total: totals.iter().map(|total| total.objects).sum(),
            totals,
            table: table.without_empty_columns(),
            remaining,
            continue_token,
            notes: Vec::new(),
            place: place.words.clone(),
        }
    }

    /// Adds what else to know.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Returns the page with the words for it.
    pub(crate) fn in_words(self) -> Output<Self> {
        let totals: Vec<_> = self
            .totals
            .iter()
            .map(|total| format!("{} {}", total.objects, total.phase))
            .collect();
        let colon = if totals.is_empty() { "" } else { ": " };
        let mut lines = vec![format!(
            "{} {} {}{colon}{}",
            self.total,
            self.resource,
            self.place,
            totals.join(", ")
        )];
        if !self.table.rows.is_empty() {
            lines.push(self.table.text());
        }
        if let Some(token) = &self.continue_token {
            lines.push(format!(
                "{} more; next page with continue={token}",
                self.remaining
            ));
        }
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        Output {
            text: lines.join("\n"),
            structured: self,
        }
    }
}
