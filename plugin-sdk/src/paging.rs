//! The newest of many, a page at a time, in memory for one page.
//!
//! The API server lists by name and knows no other order, so each page reads the whole collection, field by field, and keeps
//! only its own rows. A page begins after the last key of the page before: no state is kept, and what is new in between only
//! stands before what was seen.

use crate::listing::ROWS;
use crate::{Failure, Time, one_line};

/// Where a row stands: by time, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    time: Time,
    name: String,
}

impl Key {
    /// Of what has no time yet, the beginning of time stands in.
    pub fn new(time: Option<Time>, name: &str) -> Self {
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
pub struct Newest<T> {
    after: Option<Key>,
    limit: usize,
    /// The oldest first; boxed, since most rows come and go.
    rows: Vec<(Key, Box<T>)>,
    left: usize,
}

/// The rows of a page, each with the token of the page that would follow it.
pub struct Page<T> {
    /// In order.
    pub rows: Vec<(String, T)>,
    /// How many rows follow.
    pub remaining: usize,
}

impl<T> Newest<T> {
    /// A page of at most `limit` rows, where the caller named a limit, after the page that gave `token`.
    ///
    /// # Errors
    /// `Invalid` for a token that no page gave.
    pub fn new(limit: Option<u32>, token: Option<&str>) -> Result<Self, Failure> {
        let after = match token.filter(|token| !token.is_empty()) {
            None => None,
            Some(token) => Some(Key::parse(token).ok_or_else(|| no_page_gave(token))?),
        };
        Ok(Self {
            after,
            limit: rows(limit),
            rows: Vec::new(),
            left: 0,
        })
    }

    /// Takes a row, and lets go of the oldest where the page is full.
    pub fn add(&mut self, key: Key, row: T) {
        if self.after.as_ref().is_some_and(|after| key >= *after) {
            return;
        }
        let place = self.rows.partition_point(|(other, _)| *other < key);
        if place == 0 && self.rows.len() == self.limit {
            self.left += 1;
            return;
        }
        self.rows.insert(place, (key, Box::new(row)));
        if self.rows.len() > self.limit {
            self.rows.remove(0);
            self.left += 1;
        }
    }

    /// Returns the page, newest first.
    pub fn page(self) -> Page<T> {
        let rows = self.rows.into_iter().rev();
        Page {
            remaining: self.left,
            rows: rows
                .map(|(key, row)| (format!("{}/{}", key.time, key.name), *row))
                .collect(),
        }
    }
}

/// One page of table rows by a key of text, the least first: what is worst has the least.
pub struct First {
    after: String,
    limit: usize,
    rows: Vec<(String, Vec<String>)>,
    left: usize,
}

impl First {
    /// A page of at most `limit` rows, where the caller named a limit, after the page that gave `token`.
    ///
    /// # Errors
    /// `Invalid` for a token that no page gave.
    pub fn new(limit: Option<u32>, token: Option<&str>) -> Result<Self, Failure> {
        let after = token.unwrap_or_default();
        let is_key = after.starts_with(|c: char| c.is_ascii_digit()) && after.contains('/');
        if !after.is_empty() && !is_key {
            return Err(no_page_gave(after));
        }
        Ok(Self {
            after: after.to_owned(),
            limit: rows(limit),
            rows: Vec::new(),
            left: 0,
        })
    }

    /// Takes a row, whose key is `RANK/NAME` with a digit for the rank and no other row's, and lets go of the last where the page
    /// is full. `cells` is asked for no row that does not fit.
    pub fn add(&mut self, key: String, cells: impl FnOnce() -> Vec<String>) {
        if let Some(at) = self.place(&key) {
            self.insert(at, key, cells());
        }
    }

    /// Where a row belongs; none where it is not on this page.
    #[inline(never)]
    fn place(&mut self, key: &str) -> Option<usize> {
        if key <= self.after.as_str() {
            return None;
        }
        let at = self.rows.partition_point(|(other, _)| other.as_str() < key);
        if at >= self.limit {
            self.left += 1;
            return None;
        }
        Some(at)
    }

    #[inline(never)]
    fn insert(&mut self, at: usize, key: String, cells: Vec<String>) {
        self.rows.insert(at, (key, cells));
        if self.rows.len() > self.limit {
            self.rows.truncate(self.limit);
            self.left += 1;
        }
    }

    /// Returns the page.
    pub fn page(self) -> Page<Vec<String>> {
        Page {
            remaining: self.left,
            rows: self.rows,
        }
    }
}

fn rows(limit: Option<u32>) -> usize {
    usize::try_from(limit.unwrap_or(ROWS))
        .unwrap_or(usize::MAX)
        .max(1)
}

fn no_page_gave(token: &str) -> Failure {
    let token = one_line(token);
    Failure::invalid(format!("`continue` is `{token}`, which no page gave"))
        .next_step("begin again without `continue`")
}

#[cfg(test)]
mod tests {
    use super::{First, Key, Newest};
    use crate::Time;
    use std::cell::Cell;
    use std::rc::Rc;

    fn key(day: u32, name: &str) -> Key {
        Key::new(Time::parse(&format!("2026-11-{day:02}T02:00:00Z")), name)
    }

    #[test]
    fn pages_give_every_row_once_newest_first() {
        let all = [(3, "c"), (1, "a"), (3, "d"), (2, "b"), (5, "e")];
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let mut newest =
                Newest::new(Some(2), token.as_deref()).expect("the page before gave it");
            for (day, name) in all {
                newest.add(key(day, name), name);
            }
            let page = newest.page();
            token = page.rows.last().map(|(token, _)| token.clone());
            seen.extend(page.rows.into_iter().map(|(_, row)| row));
            assert_eq!(page.remaining, all.len() - seen.len());
            if page.remaining == 0 {
                break;
            }
        }
        assert_eq!(seen, ["e", "d", "c", "b", "a"]);
    }

    #[test]
    fn a_token_that_no_page_gave_is_invalid() {
        for token in ["x", "2026/a", "/"] {
            let failure = Newest::<()>::new(Some(2), Some(token))
                .err()
                .expect("it is none");
            assert!(failure.to_string().starts_with("invalid: "), "{failure}");
        }
    }

    #[test]
    fn what_is_worst_comes_first_and_pages_give_every_row_once() {
        let all = ["1/shop", "0/web", "1/apps", "0/db", "2/x"];
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let mut first = First::new(Some(2), token.as_deref()).expect("the page before gave it");
            for key in all {
                first.add(key.to_owned(), || vec![key.to_owned()]);
            }
            let page = first.page();
            token = page.rows.last().map(|(token, _)| token.clone());
            seen.extend(page.rows.into_iter().flat_map(|(_, cells)| cells));
            assert_eq!(page.remaining, all.len() - seen.len());
            if page.remaining == 0 {
                break;
            }
        }
        assert_eq!(seen, ["0/db", "0/web", "1/apps", "1/shop", "2/x"]);
        assert!(First::new(Some(2), Some("shop")).is_err());
    }

    /// Counts how many of it there are, and how many there were at most.
    struct Counted(Rc<Cell<(usize, usize)>>);

    impl Counted {
        fn new(count: &Rc<Cell<(usize, usize)>>) -> Self {
            let (now, most) = count.get();
            count.set((now + 1, most.max(now + 1)));
            Self(Rc::clone(count))
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            let (now, most) = self.0.get();
            self.0.set((now - 1, most));
        }
    }

    #[test]
    fn of_five_thousand_rows_no_more_than_a_page_is_ever_kept() {
        let count = Rc::new(Cell::new((0, 0)));
        let mut newest = Newest::new(Some(30), None).expect("there is no token");
        for number in 0..5000 {
            let time = Time::from_seconds(number * 7919 % 5000);
            newest.add(Key::new(Some(time), "a"), Counted::new(&count));
        }
        // The page, and the row that has just come.
        assert_eq!(count.get().1, 31);
        assert_eq!(newest.page().remaining, 4970);
    }
}
