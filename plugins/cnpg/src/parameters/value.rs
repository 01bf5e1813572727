//! Whether PostgreSQL would take a value, and why not.
//!
//! Only what a table can say is checked: type, unit, range, values of an enum. What a text means (a search path, a time zone) only
//! the server knows. Compared with a real server by a test, over one list of values with both.

use super::number::{self, ONE, Unfit};
use super::{Parameter, Range, Takes};

/// The longest piece of a value that a sentence repeats, in characters.
const SHOWN: usize = 40;

/// Says why PostgreSQL refuses the value, as a fragment behind the parameter's name; none where it takes it, or where only the
/// server can tell.
pub(crate) fn refused(parameter: Parameter, value: &str) -> Option<String> {
    match parameter.takes {
        Takes::Bool => {
            (!is_bool(value)).then(|| format!("takes on or off, not `{}`", shown(value)))
        }
        Takes::Enum(of) => (!is_one_of(value, of)).then(|| {
            format!(
                "takes one of {}, not `{}`",
                of.replace(',', ", "),
                shown(value)
            )
        }),
        Takes::Integer(range) => out_of(range, value, true),
        Takes::Real(range) => out_of(range, value, false),
        Takes::Text => None,
    }
}

/// Returns the number that the value is, in billionths of the parameter's unit; none where it takes no numbers or refuses this one.
pub(crate) fn number(parameter: Parameter, value: &str) -> Option<i128> {
    match parameter.takes {
        Takes::Integer(range) => number::read(value, range.unit, true).ok(),
        Takes::Real(range) => number::read(value, range.unit, false).ok(),
        Takes::Bool | Takes::Enum(_) | Takes::Text => None,
    }
}

/// Returns the yes or no that a text is (`parse_bool_with_len` in `bool.c`): any beginning of `true`, `false`, `yes` and `no`, `on`,
/// `off` and its beginning `of`, `1` and `0`. None for anything else.
pub(crate) fn boolean(value: &str) -> Option<bool> {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, least: usize| value.len() >= least && word.starts_with(&value);
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || value == "1" {
        return Some(true);
    }
    (begins("false", 1) || begins("no", 1) || begins("off", 2) || value == "0").then_some(false)
}

/// Returns a value as the table spells it, where it lists it: PostgreSQL takes a word in any case (`config_enum_lookup_by_name` in
/// `guc.c`), the operator's webhook `wal_level` only as it stands there (`IsKnownValue` in `pkg/postgres/configuration.go`).
pub(crate) fn spelt(parameter: Parameter, value: &str) -> Option<&'static str> {
    match parameter.takes {
        Takes::Enum(of) => of.split(',').find(|one| one.eq_ignore_ascii_case(value)),
        Takes::Bool | Takes::Integer(_) | Takes::Real(_) | Takes::Text => None,
    }
}

fn is_bool(value: &str) -> bool {
    boolean(value).is_some()
}

/// An enum that has `on` and `off` takes the other words for them too, though `pg_settings` does not list them.
fn is_one_of(value: &str, of: &str) -> bool {
    let listed = |word: &str| of.split(',').any(|one| one.eq_ignore_ascii_case(word));
    let synonyms = ["true", "false", "yes", "no", "1", "0"];
    let is_synonym = synonyms.iter().any(|word| word.eq_ignore_ascii_case(value));
    listed(value) || (is_synonym && listed("on") && listed("off"))
}

fn out_of(range: Range, value: &str, whole: bool) -> Option<String> {
    let Range { least, most, unit } = range;
    let kind = if whole { "a whole number" } else { "a number" };
    let shown = shown(value);
    let number = match number::read(value, unit, whole) {
        Ok(number) => number,
        Err(Unfit::NoNumber) => return Some(format!("takes {kind}, not `{shown}`")),
        Err(Unfit::Unitless) => return Some(format!("takes {kind} without a unit, not `{shown}`")),
        Err(Unfit::Unit) => {
            return Some(format!(
                "takes {kind} and one of the units {}, spelt so, not `{shown}`",
                number::units(unit)
            ));
        }
    };
    let limit = |text: &str| number::read(text, "", false).unwrap_or(0);
    let inside = limit(least) <= number && number <= limit(most);
    (!inside).then(|| {
        let of_unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" in {unit}")
        };
        format!(
            "takes {least} to {most}{of_unit}, and `{shown}` is {}{of_unit}",
            plain(number)
        )
    })
}

/// Writes a number of billionths: `1.5`, `-3`.
fn plain(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (
        number.unsigned_abs() / ONE.unsigned_abs(),
        number.unsigned_abs() % ONE.unsigned_abs(),
    );
    match rest {
        0 => format!("{sign}{whole}"),
        _ => {
            let rest = format!("{rest:09}");
            format!("{sign}{whole}.{}", rest.trim_end_matches('0'))
        }
    }
}

fn shown(value: &str) -> String {
    let mut shown: String = value.chars().take(SHOWN).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::parameters::find;

    fn why(name: &str, value: &str) -> String {
        let parameter = find(name, 15).expect("it is in 15");
        refused(parameter, value).unwrap_or_default()
    }

    /// The same list is given to a real server by `tests/all/postgresql.rs`.
    #[test]
    fn what_postgresql_takes_and_refuses_is_taken_and_refused() {
        let mut told = [0, 0];
        for line in include_str!("../../tests/all/configuration/values.txt").lines() {
            let Some((verdict, setting)) = line.split_once(' ').filter(|(word, _)| *word != "#")
            else {
                continue;
            };
            let (name, value) = setting.split_once('=').expect(line);
            let taken = why(name, value).is_empty();
            assert_eq!(taken, verdict == "takes", "{line}: {}", why(name, value));
            told[usize::from(taken)] += 1;
        }
        assert!(told[0] > 30 && told[1] > 30, "{told:?}");
    }

    #[test]
    fn a_refusal_says_what_is_taken_and_in_which_unit() {
        for (name, value, words) in [
            (
                "work_mem",
                "10",
                "takes 64 to 2147483647 in kB, and `10` is 10 in kB",
            ),
            (
                "shared_buffers",
                "64 kb",
                "takes a whole number and one of the units B, kB, MB, GB, TB, spelt so, not `64 kb`",
            ),
            (
                "max_connections",
                "200MB",
                "takes a whole number without a unit, not `200MB`",
            ),
            (
                "max_connections",
                "many",
                "takes a whole number, not `many`",
            ),
            (
                "checkpoint_completion_target",
                "1.25",
                "takes 0 to 1, and `1.25` is 1.25",
            ),
            (
                "statement_timeout",
                "40d",
                "takes 0 to 2147483647 in ms, and `40d` is 3456000000 in ms",
            ),
            ("autovacuum", "perhaps", "takes on or off, not `perhaps`"),
            (
                "wal_compression",
                "gzip",
                "takes one of pglz, lz4, zstd, on, off, not `gzip`",
            ),
        ] {
            assert_eq!(why(name, value), words, "{name}");
        }
        assert_eq!(why("search_path", "anything"), "");
    }
}
