//! PostgreSQL's own table of server parameters, 13 to 18: what each takes, and what a new value needs to count.
//!
//! The table is a text, looked through line by line: a parsed one would be a good part of the component. A test compares it with
//! `pg_settings` of a real PostgreSQL 15, column by column. What a value means is in [`value`], what CloudNativePG decides
//! itself in [`operator`]. Nothing here reads the cluster.

pub(crate) mod number;
pub(crate) mod operator;
pub(crate) mod value;

use bulkhead_plugin_sdk::names::Alike;

const TABLE: &str = include_str!("parameters/table.txt");

/// The oldest version in the table, and the oldest that the operator takes (`validateConfiguration` in `cluster_webhook.go`).
pub(crate) const OLDEST: u64 = 13;

/// The newest version in the table. A newer one is judged by it.
pub(crate) const NEWEST: u64 = 18;

/// A server parameter as one version has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// As PostgreSQL spells it: `work_mem`, `DateStyle`.
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    /// PostgreSQL's word for when it can change, such as `postmaster`.
    context: &'static str,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Takes {
    Bool,
    Integer(Range),
    Real(Range),
    /// One of these, apart by commas.
    Enum(&'static str),
    Text,
}

/// Which numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// As PostgreSQL writes it.
    pub(crate) least: &'static str,
    pub(crate) most: &'static str,
    /// What a number without unit counts, such as `8kB` or `ms`; empty where it counts nothing but itself.
    pub(crate) unit: &'static str,
}

/// When a new value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Only the server's start reads it.
    Restart,
    /// At once.
    Reload,
    /// In sessions that begin afterwards.
    NewSessions,
    /// Never: it tells something, or belongs to one transaction.
    Never,
}

impl Parameter {
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?;
        let (context, kind) = (words.nth(1)?, words.next()?);
        let mut next = || words.next().unwrap_or_default();
        let takes = match kind {
            "bool" => Takes::Bool,
            "enum" => Takes::Enum(next()),
            "integer" | "real" => {
                let range = Range {
                    least: next(),
                    most: next(),
                    unit: next(),
                };
                if kind == "real" {
                    Takes::Real(range)
                } else {
                    Takes::Integer(range)
                }
            }
            _ => Takes::Text,
        };
        Some(Self {
            name,
            takes,
            context,
        })
    }

    /// Says when a new value counts (`GucContext` in `guc.h`).
    pub(crate) fn effect(self) -> Effect {
        match self.context {
            // They have the context of a session's setting, and are refused in a file.
            _ if self.name.starts_with("transaction_") => Effect::Never,
            "internal" => Effect::Never,
            "postmaster" => Effect::Restart,
            "backend" | "superuser-backend" => Effect::NewSessions,
            _ => Effect::Reload,
        }
    }
}

/// Finds a parameter in a version by its name, which counts in any case.
pub(crate) fn find(name: &str, major: u64) -> Option<Parameter> {
    let lines = lines_of(name).find(|line| in_version(line, major));
    lines.and_then(Parameter::read)
}

/// Says in which other versions there is a parameter of this name, such as `17 and newer`; none where it is in none.
pub(crate) fn versions(name: &str) -> Option<String> {
    let (mut first, mut last) = (u64::MAX, 0);
    for (from, to) in lines_of(name).filter_map(range) {
        (first, last) = (first.min(from), last.max(to));
    }
    match (first, last) {
        (u64::MAX, _) => None,
        (first, NEWEST) => Some(format!("{first} and newer")),
        (first, last) if first == last => Some(first.to_string()),
        (OLDEST, last) => Some(format!("{last} and older")),
        (first, last) => Some(format!("{first} to {last}")),
    }
}

/// Returns names of the version that come close to one that it does not have.
pub(crate) fn near(name: &str, major: u64) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let mut alike = Alike::to(&name);
    for line in lines().filter(|line| in_version(line, major)) {
        alike.add(first(line));
    }
    alike.names()
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

fn lines_of(name: &str) -> impl Iterator<Item = &'static str> {
    lines().filter(move |line| first(line).eq_ignore_ascii_case(name))
}

fn first(line: &'static str) -> &'static str {
    line.split(' ').next().unwrap_or_default()
}

/// Returns the versions of a line, the first and the last.
fn range(line: &str) -> Option<(u64, u64)> {
    let (from, to) = line.split(' ').nth(1)?.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

fn in_version(line: &str, major: u64) -> bool {
    let major = major.clamp(OLDEST, NEWEST);
    range(line).is_some_and(|(from, to)| (from..=to).contains(&major))
}

#[cfg(test)]
mod tests {
    use super::{Effect, NEWEST, OLDEST, Parameter, Takes, find, lines, near, range, versions};

    #[test]
    fn every_line_of_the_table_is_a_definition_and_no_version_has_two_of_one_name() {
        let mut seen = Vec::new();
        for line in lines() {
            let (from, to) = range(line).expect(line);
            assert!(OLDEST <= from && from <= to && to <= NEWEST, "{line}");
            let parameter = Parameter::read(line).expect(line);
            let is_whole = match parameter.takes {
                Takes::Integer(range) | Takes::Real(range) => !range.most.is_empty(),
                Takes::Enum(values) => values.contains(','),
                Takes::Bool | Takes::Text => true,
            };
            assert!(is_whole, "{line}");
            seen.extend((from..=to).map(|major| (parameter.name.to_lowercase(), major)));
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all);
        let of = |major| seen.iter().filter(|(_, in_it)| *in_it == major).count();
        // With Debian's one more than PostgreSQL itself has, up to 17.
        assert_eq!(
            (OLDEST..=NEWEST).map(of).collect::<Vec<_>>(),
            [332, 347, 354, 363, 379, 398]
        );
    }

    #[test]
    fn a_parameter_is_found_in_any_case_and_only_where_its_version_has_it() {
        let found = find("TIMEZONE", 16).expect("it is there");
        assert_eq!(found.name, "TimeZone");
        assert!(find("io_method", 17).is_none());
        assert_eq!(
            find("io_method", 18).map(Parameter::effect),
            Some(Effect::Restart)
        );
        assert!(
            find("io_method", 19).is_some(),
            "a newer one is judged as the newest"
        );
        assert!(find("", 16).is_none());
        assert!(find("# The server", 16).is_none());
    }

    #[test]
    fn one_definition_is_told_from_another_by_the_version() {
        let effect = |name, major| find(name, major).map(Parameter::effect);
        assert_eq!(effect("autovacuum_max_workers", 17), Some(Effect::Restart));
        assert_eq!(effect("autovacuum_max_workers", 18), Some(Effect::Reload));
        assert_eq!(effect("log_connections", 16), Some(Effect::NewSessions));
        assert_eq!(effect("server_version", 16), Some(Effect::Never));
        assert_eq!(effect("transaction_isolation", 16), Some(Effect::Never));
        let is_text = |major| {
            matches!(
                find("log_connections", major).expect("both have it").takes,
                Takes::Text
            )
        };
        assert!(!is_text(17) && is_text(18));
    }

    #[test]
    fn where_another_version_has_it_the_versions_are_said() {
        assert_eq!(versions("io_method").as_deref(), Some("18 and newer"));
        assert_eq!(
            versions("vacuum_defer_cleanup_age").as_deref(),
            Some("15 and older")
        );
        assert_eq!(
            versions("force_parallel_mode").as_deref(),
            Some("15 and older")
        );
        assert_eq!(versions("work_mem").as_deref(), Some("13 and newer"));
        assert_eq!(versions("no_such_thing"), None);
    }

    #[test]
    fn the_names_that_begin_alike_are_those_of_the_version() {
        assert_eq!(near("max_conections", 16)[0], "max_connections");
        assert_eq!(near("IO_METHODS", 18)[0], "io_method");
        assert!(!near("io_methods", 17).contains(&"io_method".to_owned()));
        assert!(near("zzz", 16).is_empty());
    }
}
