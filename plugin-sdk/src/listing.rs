//! What every list answers: totals, a table page, the way to the next page.
//!
//! A page is bounded in rows and in bytes, whatever stands in its rows: where it is full, the rest follows with its token.

use crate::{Output, Place, Table, order};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;

/// The most rows where the caller named no limit.
pub const ROWS: u32 = 30;

/// The most bytes of a table, as text and as a value together, where the caller named no limit: a first page is short.
const FIRST_PAGE_BYTES: usize = 9 * 1024;

/// The most bytes of a table where the caller named one: what the host takes is 32 KiB, and there are totals and notes.
const MOST_BYTES: usize = 20 * 1024;

/// One page of a list.
#[derive(Serialize, JsonSchema)]
pub struct Listing {
    /// Such as `clusters.postgresql.cnpg.io`.
    resource: String,
    /// The namespace that was looked at; `*` is all of them.
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
    #[serde(skip)]
    most_bytes: usize,
}

/// How many objects are in a phase.
#[derive(Serialize, JsonSchema)]
pub struct Total {
    /// As its operator writes it.
    pub phase: String,
    /// How many.
    pub objects: usize,
}

/// Counts one more object in a phase.
pub fn tally(totals: &mut Vec<Total>, phase: &str) {
    match totals.iter_mut().find(|total| total.phase == phase) {
        Some(total) => total.objects += 1,
        None => totals.push(Total {
            phase: phase.to_owned(),
            objects: 1,
        }),
    }
}

/// Puts the most frequent phase first.
pub fn sort(totals: &mut [Total]) {
    order::by(totals, |total| {
        (Reverse(total.objects), total.phase.clone())
    });
}

impl Listing {
    /// A page of the objects of a type, as `backups.velero.io`, with the totals over all pages; `limit` as the caller named it.
    pub fn new(
        resource: impl Into<String>,
        place: &Place,
        mut totals: Vec<Total>,
        columns: &[&str],
        limit: Option<u32>,
    ) -> Self {
        sort(&mut totals);
        Self {
            resource: resource.into(),
            namespace: place.namespace.clone(),
            total: totals.iter().map(|total| total.objects).sum(),
            totals,
            table: Table::new(columns),
            remaining: 0,
            continue_token: None,
            notes: Vec::new(),
            place: place.words.clone(),
            most_bytes: match limit {
                None => FIRST_PAGE_BYTES,
                Some(_) => MOST_BYTES,
            },
        }
    }

    /// Adds the next row, with the token of the page that would follow it. Where the page is full, the row follows it.
    pub fn row(&mut self, token: String, cells: Vec<String>) {
        if self.remaining > 0 || self.table.bytes() > self.most_bytes {
            self.remaining += 1;
            return;
        }
        self.table.push(cells);
        self.continue_token = Some(token);
    }

    /// Says how many more rows follow those that were added.
    pub fn follow(&mut self, rows: usize) {
        self.remaining += rows;
    }

    /// Adds what else to know.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Returns the page with the words for it.
    pub fn in_words(mut self) -> Output<Self> {
        self.table = self.table.without_empty_columns();
        if self.remaining == 0 {
            self.continue_token = None;
        }
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

#[cfg(test)]
mod tests {
    use super::{Listing, MOST_BYTES};
    use crate::Place;

    fn page(limit: Option<u32>) -> Listing {
        let place = Place {
            namespace: "velero".to_owned(),
            words: "in namespace velero".to_owned(),
        };
        let mut listing = Listing::new(
            "backups.velero.io",
            &place,
            Vec::new(),
            &["NAME", "WHY"],
            limit,
        );
        for number in 0..200 {
            let cells = vec![number.to_string(), "long ".repeat(30)];
            listing.row(number.to_string(), cells);
        }
        listing.follow(50);
        listing
    }

    #[test]
    fn a_page_stays_small_and_its_token_is_that_of_its_last_row() {
        let first = page(None).in_words();
        assert!(first.text.len() < 6 * 1024, "{}", first.text.len());
        let widest = page(Some(200)).in_words().structured;
        assert!(widest.table.bytes() < MOST_BYTES + 1024);
        let shown = widest.table.rows.len();
        assert_eq!(widest.remaining, 250 - shown);
        assert_eq!(widest.continue_token, Some((shown - 1).to_string()));
    }
}
