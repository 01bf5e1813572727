//! What every judgement answers: the verdict with its reasons, gravest first, then what it was made from, a page of it at a time,
//! then what could not be known.

use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::document::not_known;
use bulkhead_plugin_sdk::{Failure, Output, Place, Table};
use schemars::JsonSchema;
use serde::Serialize;

/// The most bytes of a table where the caller named no limit: a first page is short.
const FIRST_PAGE: usize = 8 * 1024;

/// The most bytes of a table, as text and as a value together.
const MOST: usize = 20 * 1024;

/// The most reasons.
const MOST_REASONS: usize = 12;

/// A verdict, and what it was made from.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Judgement {
    /// What was judged, such as `backup nightly-20261120020000`.
    of: String,
    /// The namespace of Velero that was looked at.
    namespace: String,
    /// The answer in a few words.
    verdict: String,
    /// Why, gravest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    /// What was counted, over all pages.
    totals: Vec<Count>,
    #[serde(flatten)]
    table: Table,
    /// How many rows follow this page.
    remaining: usize,
    /// Gives the next page.
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    continue_token: Option<String>,
    /// What could not be known, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_known: Vec<String>,
    #[serde(skip)]
    place: String,
}

/// How many there are of something.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Count {
    /// Such as `namespaces covered`.
    what: String,
    number: usize,
}

impl Judgement {
    pub(crate) fn new(of: String, place: &Place) -> Self {
        Self {
            of,
            namespace: place.namespace.clone(),
            verdict: String::new(),
            reasons: Vec::new(),
            totals: Vec::new(),
            table: Table::default(),
            remaining: 0,
            continue_token: None,
            not_known: Vec::new(),
            place: place.words.clone(),
        }
    }

    pub(crate) fn verdict(&mut self, verdict: impl Into<String>) {
        self.verdict = verdict.into();
    }

    /// Adds a reason behind the graver ones.
    pub(crate) fn reason(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    /// Counts more of something, in the order in which the words first came.
    pub(crate) fn count(&mut self, what: &str, number: usize) {
        match self.totals.iter_mut().find(|total| total.what == what) {
            Some(total) => total.number += number,
            None => self.totals.push(Count {
                what: what.to_owned(),
                number,
            }),
        }
    }

    /// Returns how many were counted of something.
    pub(crate) fn counted(&self, what: &str) -> usize {
        let total = self.totals.iter().find(|total| total.what == what);
        total.map_or(0, |total| total.number)
    }

    /// Returns how many were counted of everything.
    pub(crate) fn total(&self) -> usize {
        self.totals.iter().map(|total| total.number).sum()
    }

    /// Says what could not be known; the same only once.
    pub(crate) fn not_known(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.not_known.contains(&what) {
            self.not_known.push(what);
        }
    }

    /// Passes on whether something could be read. What is not granted or not served is not known.
    ///
    /// # Errors
    /// Any other failure.
    pub(crate) fn known(&mut self, what: &str, read: Result<(), Failure>) -> Result<bool, Failure> {
        if let Some(why) = not_known(&read) {
            self.not_known(format!("{what} ({why})"));
            return Ok(false);
        }
        read.map(|()| true)
    }

    /// Takes a page of rows.
    pub(crate) fn rows(&mut self, columns: &[&str], rows: Rows) {
        let most = if rows.limited { MOST } else { FIRST_PAGE };
        let mut table = Table::new(columns);
        let mut last = None;
        let mut left = rows.left;
        for (key, cells) in rows.kept {
            if last.is_some() && table.bytes() > most {
                left += 1;
                continue;
            }
            table.push(cells);
            last = Some(key);
        }
        self.table = table;
        self.remaining = left;
        self.continue_token = last.filter(|_| left > 0);
    }

    /// Returns the judgement with the words for it.
    pub(crate) fn in_words(mut self) -> Output<Self> {
        self.totals.retain(|total| total.number > 0);
        let more = self.reasons.len().saturating_sub(MOST_REASONS);
        if more > 0 {
            self.reasons.truncate(MOST_REASONS);
            self.reasons.push(format!("{more} reasons more"));
        }
        let mut lines = vec![format!("{} {}: {}", self.of, self.place, self.verdict)];
        lines.extend(self.reasons.iter().map(|reason| format!("- {reason}")));
        let totals = self.totals.iter();
        let totals: Vec<_> = totals
            .map(|total| format!("{}: {}", total.what, total.number))
            .collect();
        if !totals.is_empty() {
            lines.push(totals.join(", "));
        }
        if !self.table.rows.is_empty() {
            lines.push(self.table.text());
        }
        if let Some(token) = &self.continue_token {
            let left = self.remaining;
            lines.push(format!("{left} more; next page with continue={token}"));
        }
        let not_known = self.not_known.iter();
        lines.extend(not_known.map(|what| format!("not known: {what}")));
        Output {
            text: lines.join("\n"),
            structured: self,
        }
    }
}

/// The first rows after a token, by their keys. No state is kept between pages: a token is the last row's key.
pub(crate) struct Rows {
    after: Option<String>,
    limit: usize,
    limited: bool,
    kept: Vec<(String, Vec<String>)>,
    left: usize,
}

/// The most rows where the caller named no limit.
const ROWS: u32 = 40;

impl Rows {
    /// The page that a tool with the arguments of [`PAGE`](bulkhead_plugin_sdk::arguments::PAGE) was asked for.
    pub(crate) fn of(values: &Values) -> Self {
        let token = values.text("continue").map(str::to_owned);
        Self::new(values.count("limit"), token)
    }

    fn new(limit: Option<u32>, token: Option<String>) -> Self {
        Self {
            after: token.filter(|token| !token.is_empty()),
            limit: usize::try_from(limit.unwrap_or(ROWS))
                .unwrap_or(usize::MAX)
                .max(1),
            limited: limit.is_some(),
            kept: Vec::new(),
            left: 0,
        }
    }

    /// Takes a row, and lets go of the last one where the page is full.
    pub(crate) fn add(&mut self, key: String, cells: Vec<String>) {
        if self.after.as_ref().is_some_and(|after| key <= *after) {
            return;
        }
        let at = self.kept.partition_point(|(other, _)| *other < key);
        self.kept.insert(at, (key, cells));
        if self.kept.len() > self.limit {
            self.kept.pop();
            self.left += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Judgement, MOST, Rows};
    use bulkhead_plugin_sdk::Place;

    fn page(limit: Option<u32>, token: Option<String>, cell: &str) -> Judgement {
        let mut rows = Rows::new(limit, token);
        for number in (0..100).rev() {
            rows.add(
                format!("{number:03}"),
                vec![number.to_string(), cell.to_owned()],
            );
        }
        let place = Place {
            namespace: "velero".to_owned(),
            words: "in namespace velero".to_owned(),
        };
        let mut judgement = Judgement::new("coverage".to_owned(), &place);
        judgement.rows(&["NUMBER", "WHY"], rows);
        judgement
    }

    #[test]
    fn pages_give_every_row_once_in_the_order_of_the_keys() {
        for (limit, cell) in [
            (Some(7), "x"),
            (None, "x"),
            (Some(100), &*"long ".repeat(40)),
        ] {
            let (mut seen, mut token) = (Vec::new(), None);
            loop {
                let page = page(limit, token, cell);
                seen.extend(page.table.rows.iter().map(|row| row[0].clone()));
                assert_eq!(page.remaining, 100 - seen.len());
                token = page.continue_token;
                if token.is_none() {
                    break;
                }
            }
            let all: Vec<_> = (0..100).map(|number| number.to_string()).collect();
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn a_page_stays_small_whatever_its_rows_hold() {
        let cell = "long ".repeat(40);
        let first = page(None, None, &cell).in_words();
        assert!(first.text.len() < 6 * 1024, "{}", first.text.len());
        let widest = page(Some(100), None, &cell);
        assert!(widest.table.bytes() < MOST + 1024);
    }
}
