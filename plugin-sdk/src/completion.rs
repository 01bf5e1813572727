//! Suggestions for what a person is typing: the values of a template's variables and of a prompt's arguments.
//!
//! What nothing completes has no suggestions, which is never a failure.

use crate::Failure;

/// The most values of one answer, by the contract.
const MOST_VALUES: usize = 100;

/// From what was typed so far to values, best first. They need not be chosen by it: only those that begin with it are kept.
pub(crate) type Suggest = fn(Typed<'_>) -> Result<Vec<String>, Failure>;

/// What a person has typed, of one argument and of those before it.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    value: &'a str,
    before: &'a [(String, String)],
}

impl<'a> Typed<'a> {
    pub(crate) fn new(value: &'a str, before: &'a [(String, String)]) -> Self {
        Self { value, before }
    }

    /// Returns the begin of the value; empty where nothing is typed yet.
    pub fn value(self) -> &'a str {
        self.value
    }

    /// Returns what was filled in for another argument; none where nothing was, or the client does not say.
    pub fn before(self, argument: &str) -> Option<&'a str> {
        let found = self.before.iter().find(|(name, _)| name == argument);
        found.map(|(_, value)| value.as_str())
    }
}

/// What completes what.
#[derive(Default)]
pub(crate) struct Completions(Vec<(&'static str, Suggest)>);

impl Completions {
    pub(crate) fn add(&mut self, argument: &'static str, suggest: Suggest) {
        self.0.push((argument, suggest));
    }

    /// Returns the values for an argument, or none where nothing completes it.
    pub(crate) fn of(&self, argument: &str, typed: Typed<'_>) -> Result<Vec<String>, Failure> {
        match self.0.iter().find(|(name, _)| *name == argument) {
            Some((_, suggest)) => Ok(beginning_with(typed.value, suggest(typed)?)),
            None => Ok(Vec::new()),
        }
    }
}

/// Keeps the order, and each value once.
fn beginning_with(typed: &str, values: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    for value in values {
        if value.starts_with(typed) && !kept.contains(&value) {
            kept.push(value);
        }
        if kept.len() == MOST_VALUES {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{Completions, Typed, beginning_with};
    use crate::Failure;

    #[test]
    fn what_does_not_begin_so_and_what_comes_again_is_left_out_and_the_order_stays() {
        let values = ["nightly-2", "Nightly", "weekly", "nightly-1", "nightly-2"];
        let kept = beginning_with("nightly", values.map(str::to_owned).to_vec());
        assert_eq!(kept, ["nightly-2", "nightly-1"]);
    }

    #[test]
    fn a_hundred_values_are_kept_at_most() {
        let values: Vec<_> = (0..300).map(|number| number.to_string()).collect();
        let kept = beginning_with("2", values);
        assert_eq!(kept.len(), 100);
        assert_eq!(kept.last().map(String::as_str), Some("288"));
    }

    #[test]
    fn what_was_filled_in_before_is_known_by_its_argument() {
        let before = [("namespace".to_owned(), "shop".to_owned())];
        let mut completions = Completions::default();
        completions.add("name", |typed| {
            let namespace = typed.before("namespace").unwrap_or("none");
            assert_eq!(typed.before("name"), None);
            Ok(vec![format!("{}-{namespace}", typed.value())])
        });
        let values = |before| completions.of("name", Typed::new("till", before));
        assert_eq!(values(&before), Ok(vec!["till-shop".to_owned()]));
        assert_eq!(values(&[]), Ok(vec!["till-none".to_owned()]));
    }

    #[test]
    fn what_nothing_completes_has_no_values_and_a_failure_is_passed_on() {
        let mut completions = Completions::default();
        completions.add("name", |_| Err(Failure::internal("no names")));
        let nothing = Typed::new("", &[]);
        assert_eq!(completions.of("namespace", nothing), Ok(Vec::new()));
        let failed = completions.of("name", nothing);
        assert_eq!(failed, Err(Failure::internal("no names")));
    }
}
