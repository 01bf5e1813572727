//! Names that come close to one that is not there, so that an error can say what was meant.

use crate::kubernetes::Query;
use crate::{Failure, row};

/// The most names to suggest.
const MOST: usize = 5;

/// Names that have fewer letters in common at their beginning are not alike.
const LEAST_COMMON: usize = 3;

/// Returns names of objects that begin as this one does, the most alike first, of those the last by name: operators put times and
/// numbers at the end. At most five.
///
/// # Errors
/// As [`row::each`].
pub fn near(query: &Query, name: &str) -> Result<Vec<String>, Failure> {
    let mut alike = Alike::to(name);
    row::each(query, &["metadata.name"], &mut |row| {
        alike.add(row.text(0));
        Ok(())
    })?;
    Ok(alike.names())
}

/// The names of a list that come close to one.
#[derive(Debug)]
pub struct Alike<'a> {
    name: &'a str,
    found: Vec<(usize, String)>,
}

impl<'a> Alike<'a> {
    /// To this name.
    pub fn to(name: &'a str) -> Self {
        Self {
            name,
            found: Vec::new(),
        }
    }

    /// Takes a name, and keeps it where it is among the most alike.
    pub fn add(&mut self, other: &str) {
        let common = common(self.name, other);
        if common >= LEAST_COMMON {
            let entry = (common, other.to_owned());
            let at = self.found.partition_point(|one| *one > entry);
            self.found.insert(at, entry);
            self.found.truncate(MOST);
        }
    }

    /// Returns the names, the most alike first.
    pub fn names(self) -> Vec<String> {
        self.found.into_iter().map(|(_, name)| name).collect()
    }
}

/// How many letters two names have in common at their beginning.
fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::Alike;

    #[test]
    fn what_begins_alike_is_suggested_the_most_alike_first() {
        let mut alike = Alike::to("nightly-3");
        for name in [
            "weekly",
            "nightly-1",
            "nigh",
            "ni",
            "nightly-2",
            "nightly-31",
        ] {
            alike.add(name);
        }
        let names = ["nightly-31", "nightly-2", "nightly-1", "nigh"];
        assert_eq!(alike.names(), names);
    }
}
