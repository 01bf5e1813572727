//! One line of an instance's log: JSON of the instance manager, in it a record of PostgreSQL, or anything else.
//!
//! As `logging.md` says, with the names of `LoggingRecord` in `loggingCollector.go` and `pgaudit.go` of 1.28. The manager writes
//! every record of PostgreSQL at level `info`, so the level of a record is that of its severity. No line is lost: what is no JSON
//! is kept as it is.

use super::shape::shape;
use super::values;
use bulkhead_plugin_sdk::Object;
use serde_json::Value;

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// The words for the levels, least grave first, as the operator writes them.
pub(super) const LEVELS: &[&str] = &["trace", "debug", "info", "warning", "error"];

impl Level {
    /// Of the manager's words, zap's among them, and of PostgreSQL's severities; what is neither is as good as `info`.
    pub(super) fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "trace" => Self::Trace,
            "warning" | "warn" => Self::Warning,
            "error" | "fatal" | "panic" | "dpanic" => Self::Error,
            // PostgreSQL has DEBUG1 to DEBUG5.
            word if word.starts_with("debug") => Self::Debug,
            _ => Self::Info,
        }
    }
}

/// When a line was written, by the node's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) String);

impl Moment {
    /// To the second: `2026-11-22T10:00:00Z`.
    pub(super) fn words(&self) -> String {
        match self.0.split_once('.') {
            Some((second, rest)) => {
                let zone = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
                format!("{second}{zone}")
            }
            None => self.0.clone(),
        }
    }
}

/// A line that was JSON.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) level: Level,
    /// PostgreSQL's severity where it is a record, else the manager's level.
    pub(super) severity: String,
    pub(super) logger: String,
    /// What it says, in a line or more.
    pub(super) message: String,
    /// The same with numbers and literals taken as equal, of a line that is an error.
    pub(super) error: Option<String>,
    /// A statement that took so long.
    pub(super) slow: Option<Slow>,
}

/// A statement and how long it took.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slow {
    pub(super) microseconds: u64,
    /// Its shape.
    pub(super) statement: String,
}

/// Splits a line as the server gives it with times: when it was written, and what was.
pub(super) fn dated(line: &str) -> (Moment, &str) {
    let is_time = |word: &str| {
        word.len() > 19 && word.contains('T') && word.starts_with(|it: char| it.is_ascii_digit())
    };
    match line.split_once(' ') {
        Some((word, text)) if is_time(word) => (Moment(word.to_owned()), text),
        _ => (Moment::default(), line),
    }
}

impl Entry {
    /// Reads a line; none where it is no JSON object.
    pub(super) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        value.is_object().then(|| Self::of(Object(&value)))
    }

    fn of(line: Object<'_>) -> Self {
        let record = line.part("/record");
        let logger = line.text("/logger").to_owned();
        let severity = match record.text("/error_severity") {
            "" => line.text("/level"),
            severity => severity,
        };
        let level = Level::of(severity).max(match record.0 {
            // The manager's `info` says nothing of the record within.
            Value::Object(_) => Level::Trace,
            _ => Level::of(line.text("/level")),
        });
        let said = match record.0 {
            Value::Object(_) => record.text("/message"),
            Value::String(text) => text,
            _ => line.text("/msg"),
        };
        let code = record.text("/sql_state_code");
        let slow = slow(said);
        let said = values::message(code, said);
        let message = match &slow {
            Some(slow) => format!("{} {}", milliseconds(slow.microseconds), slow.statement),
            None => words(line, record, &said),
        };
        let error = (level == Level::Error).then(|| match code {
            "" => format!("{logger}: {}", shape(&message)),
            code => format!("{severity} {code}: {}", shape(&said)),
        });
        Self {
            level,
            severity: severity.to_owned(),
            logger,
            message,
            error,
            slow,
        }
    }
}

/// What a line says that is no duration.
fn words(line: Object<'_>, record: Object<'_>, said: &str) -> String {
    let audit = record.part("/audit");
    if audit.0.is_object() {
        let statement = shape(audit.text("/statement"));
        return format!(
            "audit {} {}: {statement}",
            audit.text("/class"),
            audit.text("/command")
        );
    }
    let mut words = said.to_owned();
    let detail = values::detail(record.text("/sql_state_code"), record.text("/detail"));
    for (what, text) in [
        ("", line.text("/error")),
        ("", line.text("/err")),
        ("detail: ", &detail),
        ("hint: ", record.text("/hint")),
    ] {
        if !text.is_empty() {
            words = format!("{words}; {what}{text}");
        }
    }
    match record.text("/query") {
        "" => words,
        query => format!("{words}; statement: {}", shape(query)),
    }
}

/// Reads `duration: 12.345 ms  statement: …`, which PostgreSQL writes for `log_min_duration_statement`, `log_duration` and
/// auto_explain (`check_log_duration` in `postgres.c`).
fn slow(said: &str) -> Option<Slow> {
    let (number, rest) = said.strip_prefix("duration: ")?.split_once(" ms")?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let microseconds =
        whole.parse::<u64>().ok()?.checked_mul(1000)? + thousandths.parse::<u64>().ok()?;
    let statement = match rest.strip_prefix("  plan:\n") {
        Some(plan) => query_text(plan),
        None => rest
            .split_once(": ")
            .map_or("", |(_, text)| text)
            .to_owned(),
    };
    let statement = match shape(&statement) {
        empty if empty.is_empty() => "(its text is not known)".to_owned(),
        statement => statement,
    };
    Some(Slow {
        microseconds,
        statement,
    })
}

/// Returns the statement of a plan as auto_explain writes it, as text or JSON; empty for YAML and XML, and where there is none.
fn query_text(plan: &str) -> String {
    // In YAML it is in quotes, with escapes.
    let text = plan.strip_prefix("Query Text: ");
    if let Some(text) = text.filter(|text| !text.starts_with('"')) {
        // It may have several lines. Its parameters follow where they are logged, then the plan, whose first line has costs.
        let (text, _) = text
            .split_once("\nQuery Parameters: ")
            .unwrap_or((text, ""));
        let text = text.split_once("  (cost=").map_or(text, |(text, _)| {
            text.rsplit_once('\n').map_or(text, |(text, _)| text)
        });
        return text.to_owned();
    }
    let plan: Value = serde_json::from_str(plan).unwrap_or_default();
    Object(&plan).text("/Query Text").to_owned()
}

/// `1234.5 ms`
pub(super) fn milliseconds(microseconds: u64) -> String {
    format!("{}.{} ms", microseconds / 1000, microseconds % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::{Entry, LEVELS, Level, Moment, Slow, dated, slow};
    use serde_json::{Value, json};

    fn entry(line: &Value) -> Entry {
        Entry::read(&line.to_string()).expect("it is an object")
    }

    fn record(record: &Value) -> Entry {
        entry(
            &json!({ "level": "info", "ts": "2026-11-22T10:00:00Z", "logger": "postgres", "msg": "record", "record": record, "logging_pod": "db-1" }),
        )
    }

    #[test]
    fn a_record_is_as_grave_as_postgresql_says_not_as_the_manager() {
        let fatal = record(&json!({
            "error_severity": "FATAL", "sql_state_code": "28P01", "message": "password authentication failed for user \"app\"",
            "detail": "Role \"app\" does not exist.",
        }));
        assert_eq!(
            (fatal.level, fatal.severity.as_str()),
            (Level::Error, "FATAL")
        );
        assert_eq!(
            fatal.message,
            "password authentication failed for user \"app\"; detail: Role \"app\" does not exist."
        );
        assert_eq!(
            fatal.error.as_deref(),
            Some("FATAL 28P01: password authentication failed for user \"app\"")
        );
        let log = record(
            &json!({ "error_severity": "LOG", "sql_state_code": "00000", "message": "checkpoint starting: time" }),
        );
        assert_eq!((log.level, log.error), (Level::Info, None));
        assert_eq!(
            record(&json!({ "error_severity": "DEBUG1", "message": "x" })).level,
            Level::Debug
        );
        for (rank, word) in LEVELS.iter().enumerate() {
            assert_eq!(Level::of(word) as usize, rank);
        }
    }

    #[test]
    fn the_statement_of_an_error_is_shown_without_its_literals() {
        let error = record(&json!({
            "error_severity": "ERROR", "sql_state_code": "23505", "message": "duplicate key value violates unique constraint \"users_pkey\"",
            "query": "insert into users values (17, 'someone')",
        }));
        assert!(
            error
                .message
                .ends_with("; statement: insert into users values (?, ?)"),
            "{}",
            error.message
        );
    }

    #[test]
    fn the_managers_own_lines_have_its_level_and_its_error() {
        let line = entry(
            &json!({ "level": "error", "logger": "wal-archive", "msg": "Error invoking barman", "error": "exit status 4" }),
        );
        assert_eq!(
            (line.level, line.message.as_str()),
            (Level::Error, "Error invoking barman; exit status 4")
        );
        assert_eq!(
            line.error.as_deref(),
            Some("wal-archive: Error invoking barman; exit status ?")
        );
        // A record that the host masked whole is a text.
        let masked = entry(
            &json!({ "level": "info", "logger": "postgres", "msg": "record", "record": "<redacted>" }),
        );
        assert_eq!(masked.message, "<redacted>");
    }

    #[test]
    fn an_audit_record_says_what_was_done() {
        let audit = json!({ "error_severity": "LOG", "audit": { "class": "READ", "command": "SELECT", "statement": "select 1" } });
        let line = entry(
            &json!({ "level": "info", "logger": "pgaudit", "msg": "record", "record": audit }),
        );
        assert_eq!(line.message, "audit READ SELECT: select ?");
    }

    #[test]
    fn a_duration_is_read_however_postgresql_came_to_log_it() {
        let read = |said: &str| slow(said).map(|slow| (slow.microseconds, slow.statement));
        let is = |microseconds, statement: &str| Some((microseconds, statement.to_owned()));
        assert_eq!(
            read("duration: 1234.567 ms  statement: SELECT pg_sleep(1)"),
            is(1_234_567, "SELECT pg_sleep(?)")
        );
        assert_eq!(
            read("duration: 0.5 ms  execute S_1: COMMIT"),
            is(500, "COMMIT")
        );
        assert_eq!(
            read("duration: 12 ms"),
            is(12_000, "(its text is not known)")
        );
        let plan = "duration: 7.000 ms  plan:\nQuery Text: SELECT * FROM t WHERE a = 5\nSeq Scan on t  (cost=0.00..1.01)";
        assert_eq!(read(plan), is(7000, "SELECT * FROM t WHERE a = ?"));
        let lines = "duration: 7.000 ms  plan:\nQuery Text: SELECT *\n  FROM t\n WHERE a = 'jane'\nQuery Parameters: $1 = 'jane'\nSeq Scan on t  (cost=0.00..1.01)\n  Filter: (a = 'jane'::text)";
        assert_eq!(read(lines), is(7000, "SELECT * FROM t WHERE a = ?"));
        let without = lines.replace("\nQuery Parameters: $1 = 'jane'", "");
        assert_eq!(read(&without), is(7000, "SELECT * FROM t WHERE a = ?"));
        let json = "duration: 7.000 ms  plan:\n{\n  \"Query Text\": \"SELECT *\\n FROM t WHERE a = 'jane' AND \\\"b\\\" = 5\",\n  \"Plan\": { \"Filter\": \"(a = 'jane'::text)\" }\n}";
        assert_eq!(
            read(json),
            is(7000, "SELECT * FROM t WHERE a = ? AND \"b\" = ?")
        );
        for other in [
            "Query Text: \"SELECT * FROM t WHERE a = 'jane'\"\nPlan: \n  Filter: \"(a = 'jane'::text)\"",
            "<explain>\n  <Query-Text>SELECT * FROM t WHERE a = 'jane'</Query-Text>",
            "{ \"Query Text\": \"SELECT 'jane",
        ] {
            let said = format!("duration: 7.000 ms  plan:\n{other}");
            assert_eq!(read(&said), is(7000, "(its text is not known)"));
        }
        assert_eq!(slow("duration: long"), None);
        assert_eq!(slow("checkpoint complete: duration: 1 ms"), None);
        let slow = record(
            &json!({ "error_severity": "LOG", "message": "duration: 2000.049 ms  statement: VACUUM" }),
        );
        assert_eq!(slow.message, "2000.0 ms VACUUM");
        assert_eq!(
            slow.slow,
            Some(Slow {
                microseconds: 2_000_049,
                statement: "VACUUM".to_owned()
            })
        );
    }

    #[test]
    fn a_line_begins_with_its_time_where_it_has_one() {
        let (moment, text) = dated("2026-11-22T10:00:00.123456789Z {\"a\":1}");
        assert_eq!(
            (moment.words().as_str(), text),
            ("2026-11-22T10:00:00Z", "{\"a\":1}")
        );
        assert_eq!(dated("panic: no time").0, Moment::default());
        let elsewhere = Moment("2026-11-22T10:00:00.5+01:00".to_owned());
        assert_eq!(elsewhere.words(), "2026-11-22T10:00:00+01:00");
        assert!(Entry::read("[1]").is_none() && Entry::read("panic:").is_none());
    }
}
