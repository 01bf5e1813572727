//! The newest of many, a page at a time, in memory for one page.
//!
//! The API server lists by name and knows no other order, so each page reads the whole collection, field by field, and keeps
//! only its own rows. A page begins after the last key of the page before: no state is kept, and what is new in between only
//! stands before what was seen.

use bulkhead_plugin_sdk::{Failure, Time};
use std::collections::BTreeMap;

/// Where a row stands: by time, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    time: Time,
    name: String,
}

impl Key {
    /// Of what has no time yet, the beginning of time stands in.
    pub(crate) fn new(time: Option<Time>, name: &str) -> Self {
        Self {
            time: time.unwrap_or(Time::EPOCH),
            name: name.to_owned(),
        }
    }

    fn parse(token: &str) -> Option<Self> {
        let (time, name) = token.split_once('/')?;
        Some(Self {
            time: Time::parse(time)?,
            name: name.to_owned(),
        })
    }
}

/// One page of the newest rows.
pub(crate) struct Newest<T> {
    after: Option<Key>,
    limit: usize,
    rows: BTreeMap<Key, T>,
    left: usize,
}

/// The rows of a page, newest first.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    /// Gives the next page; none on the last.
    pub(crate) token: Option<String>,
    /// How many rows follow.
    pub(crate) remaining: usize,
}

impl<T> Newest<T> {
    /// A page of at most `limit` rows, after the page that gave `token`.
    ///
    /// # Errors
    /// `Invalid` for a token that no page gave.
    pub(crate) fn new(limit: u32, token: Option<&str>) -> Result<Self, Failure> {
        let after = match token.filter(|token| !token.is_empty()) {
            None => None,
            Some(token) => Some(Key::parse(token).ok_or_else(|| {
                Failure::invalid(format!("`continue` is `{token}`, which no page gave"))
                    .next_step("begin again without `continue`")
            })?),
        };
        Ok(Self {
            after,
            limit: usize::try_from(limit).unwrap_or(usize::MAX).max(1),
            rows: BTreeMap::new(),
            left: 0,
        })
    }

    /// Takes a row, and lets go of the oldest where the page is full.
    pub(crate) fn add(&mut self, key: Key, row: T) {
        if self.after.as_ref().is_some_and(|after| key >= *after) {
            return;
        }
        self.rows.insert(key, row);
        if self.rows.len() > self.limit {
            drop(self.rows.pop_first());
            self.left += 1;
        }
    }

    /// Returns the page.
    pub(crate) fn page(self) -> Page<T> {
        let oldest = self.rows.first_key_value().map(|(key, _)| key);
        let token = oldest
            .filter(|_| self.left > 0)
            .map(|key| format!("{}/{}", key.time, key.name));
        Page {
            token,
            remaining: self.left,
            rows: self.rows.into_values().rev().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Newest};
    use bulkhead_plugin_sdk::Time;

    fn key(day: u32, name: &str) -> Key {
        Key::new(Time::parse(&format!("2026-11-{day:02}T02:00:00Z")), name)
    }

    #[test]
    fn pages_give_every_row_once_newest_first() {
        let all = [(3, "c"), (1, "a"), (3, "d"), (2, "b"), (5, "e")];
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let mut newest = Newest::new(2, token.as_deref()).expect("the page before gave it");
            for (day, name) in all {
                newest.add(key(day, name), name);
            }
            let page = newest.page();
            seen.extend(page.rows);
            assert_eq!(page.remaining, all.len() - seen.len());
            token = page.token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["e", "d", "c", "b", "a"]);
    }

    #[test]
    fn a_token_that_no_page_gave_is_invalid() {
        for token in ["x", "2026/a", "/"] {
            let failure = Newest::<()>::new(2, Some(token)).err().expect("it is none");
            assert!(failure.to_string().starts_with("invalid: "), "{failure}");
        }
    }
}
