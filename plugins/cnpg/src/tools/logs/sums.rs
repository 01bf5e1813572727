//! What many lines have in common, counted: errors by what they say, statements by their shape.

use super::line::{Moment, Slow, milliseconds};
use bulkhead_plugin_sdk::order;
use std::cmp::Reverse;

/// The most that are told apart; of more, those that come first in the log.
const MOST: usize = 500;

/// Lines that say the same.
struct Sum {
    what: String,
    lines: u64,
    last: Moment,
    /// Of statements: microseconds, the longest and all together.
    longest: u64,
    together: u64,
}

/// Sums of one kind of line.
#[derive(Default)]
pub(super) struct Sums {
    sums: Vec<Sum>,
    /// All lines, also those that are not told apart.
    pub(super) lines: u64,
}

impl Sums {
    /// Counts an error.
    pub(super) fn add(&mut self, what: &str, at: &Moment) {
        self.count(what, at, 0);
    }

    /// Counts a statement.
    pub(super) fn add_slow(&mut self, slow: &Slow, at: &Moment) {
        self.count(&slow.statement, at, slow.microseconds);
    }

    fn count(&mut self, what: &str, at: &Moment, microseconds: u64) {
        self.lines += 1;
        let found = self.sums.iter().position(|sum| sum.what == what);
        let at_end = self.sums.len();
        if found.is_none() {
            if at_end == MOST {
                return;
            }
            self.sums.push(Sum {
                what: what.to_owned(),
                lines: 0,
                last: Moment::default(),
                longest: 0,
                together: 0,
            });
        }
        if let Some(sum) = self.sums.get_mut(found.unwrap_or(at_end)) {
            sum.lines += 1;
            sum.longest = sum.longest.max(microseconds);
            sum.together = sum.together.saturating_add(microseconds);
            if *at > sum.last {
                sum.last.clone_from(at);
            }
        }
    }

    /// Returns the `most` that weigh most, as name and value of a fact: statements by their time, else by their number. Then how many
    /// there are besides.
    pub(super) fn first(mut self, most: usize) -> (Vec<(String, String)>, usize) {
        order::by(&mut self.sums, |sum| Reverse((sum.together, sum.lines)));
        let more = self.sums.len().saturating_sub(most);
        let facts = self.sums.iter().take(most).map(Sum::fact).collect();
        (facts, more)
    }
}

impl Sum {
    fn fact(&self) -> (String, String) {
        let Self { what, lines, .. } = self;
        let name = match (self.together, lines) {
            (0, lines) => format!("{lines}x"),
            (_, 1) => milliseconds(self.longest),
            (all, lines) => format!(
                "{lines}x, {} together, longest {}",
                milliseconds(all),
                milliseconds(self.longest)
            ),
        };
        let last = match self.last.words() {
            empty if empty.is_empty() => String::new(),
            last => format!(" (last {last})"),
        };
        (name, format!("{what}{last}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Sums};
    use crate::tools::logs::line::{Moment, Slow};

    fn at(second: u32) -> Moment {
        Moment(format!("2026-11-22T10:00:{second:02}.000000000Z"))
    }

    #[test]
    fn the_same_error_is_one_sum_and_the_most_frequent_comes_first() {
        let mut errors = Sums::default();
        for (what, second) in [("a", 1), ("b", 2), ("b", 5), ("b", 4)] {
            errors.add(what, &at(second));
        }
        assert_eq!(errors.lines, 4);
        let (facts, more) = errors.first(1);
        assert_eq!(
            facts,
            [("3x".to_owned(), "b (last 2026-11-22T10:00:05Z)".to_owned())]
        );
        assert_eq!(more, 1);
    }

    #[test]
    fn statements_weigh_by_the_time_that_they_took_together() {
        let mut slow = Sums::default();
        for (statement, microseconds) in
            [("one", 3_000_000), ("many", 2_000_500), ("many", 2_000_000)]
        {
            slow.add_slow(
                &Slow {
                    microseconds,
                    statement: statement.to_owned(),
                },
                &at(1),
            );
        }
        let (facts, _) = slow.first(5);
        assert_eq!(facts[0].0, "2x, 4000.5 ms together, longest 2000.5 ms");
        assert_eq!(facts[1].0, "3000.0 ms");
    }

    #[test]
    fn no_log_makes_more_sums_than_are_told_apart_and_all_are_counted() {
        let mut errors = Sums::default();
        for number in 0..2 * MOST {
            errors.add(&number.to_string(), &at(1));
        }
        assert_eq!(errors.lines, 2 * MOST as u64);
        assert_eq!(errors.first(3).1, MOST - 3);
    }
}
