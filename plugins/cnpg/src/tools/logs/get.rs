//! `get_postgres_logs`: what the instances of a cluster logged, summed up and the newest lines first.
//!
//! Read from the end, a bounded piece of each instance. What was left out is said. Credentials are masked by the host before a line
//! comes here; a line that is no JSON, before that or since, is shown as it is.

use super::line::{Entry, LEVELS, Level, Moment, dated};
use super::pods::{self, Pod};
use super::since;
use super::sums::Sums;
use crate::place::{self, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes, Values};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{self, LogQuery};
use bulkhead_plugin_sdk::{Document, Failure, Output, Place, Tool, order};
use std::cmp::Reverse;

/// The most pods that are read: a cluster of more instances is rare.
const MOST_PODS: usize = 10;

/// The most lines that are read of a pod.
const LINES: u32 = 5000;

/// The most bytes that are read of all pods together: they are parsed within the call's time.
const BYTES: u32 = 3 * 1024 * 1024;

/// The most sums of each kind.
const SUMS: usize = 8;

/// The most lines that are no JSON.
const PLAIN: usize = 5;

/// Lines where the caller named no limit.
const SHOWN: u32 = 20;

/// How much of an answer lines may fill; a document takes no more than 9 KiB of facts.
const ROOM: usize = 8 * 1024;

/// What a fact of a document shows of a value at most, in bytes that are mostly one character each.
const WIDEST: usize = 300;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[WHOSE, NAMESPACE, WHICH];
}

const WHOSE: &[Argument] = &[
    Argument::text(
        "cluster_name",
        "The cluster's name: all its instances, each in turn.",
    ),
    Argument::text(
        "instance",
        "Only this instance of the cluster: its name, its number, or `primary`.",
    ),
    Argument::text(
        "pod",
        "In place of a cluster, one pod: of a job, or a pooler's with container `pgbouncer`.",
    ),
];

const WHICH: &[Argument] = &[
    Argument::choice("level", LEVELS, "Only lines as grave as this; ERROR, FATAL and PANIC of PostgreSQL are `error`."),
    Argument::text("logger", "Only lines of this logger, such as `postgres`, `pgaudit`, `wal-archive`, `instance-manager`."),
    Argument::text("since", "How far back, such as `15m`, `2h` or `1d`; left out, the newest lines."),
    Argument::number("limit", 1, 100, "The most lines to show.").or_number(SHOWN),
    Argument::text("container", "The container.").or_text("postgres"),
    Argument::switch("previous", "Of the run before the last restart: what a crashed container said."),
    Argument::number("slow_ms", 0, 86_400_000, "Statements count as slow from so many milliseconds; left out, all whose duration was logged.")
        .or_number(0),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_postgres_logs",
        "Reads the JSON logs of a cluster's instances: errors and slow statements summed up with counts, then the newest lines, by \
         level, logger and time. Literals in statements are left out, credentials masked. One request per instance.",
        get,
    )
    .title("Read PostgreSQL's logs")
}

fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let seconds = values.text("since").map(since::seconds).transpose()?;
    let mut pods = pods::choose(&values, &place)?;
    let left_out: Vec<_> = pods
        .iter()
        .skip(MOST_PODS)
        .map(|pod| pod.name.clone())
        .collect();
    pods.truncate(MOST_PODS);
    let name = values
        .text("cluster_name")
        .or_else(|| values.text("pod"))
        .unwrap_or_default();
    let mut document = Document::new("pods/log", name, &place);
    document.section("read");
    let mut found = Found::new(&values);
    let mut failed = None;
    let each = BYTES / u32::try_from(pods.len()).unwrap_or(1).max(1);
    for pod in &pods {
        let query = query(&values, &place, pod, seconds, each);
        match kubernetes::logs(&query) {
            Ok(log) => {
                let lines = found.take(&pod.name, &log.text);
                document.fact(&pod.name, read(pod, lines, log.truncated, seconds));
            }
            Err(failure @ (Failure::Cancelled | Failure::Limit(_))) => return Err(failure),
            Err(failure) => {
                document.fact(&pod.name, format!("could not be read: {failure}"));
                failed.get_or_insert(failure);
            }
        }
    }
    if let Some(failure) = failed.filter(|_| !found.any_read) {
        return Err(failure);
    }
    if !left_out.is_empty() {
        document.note(format!(
            "not read: {}; name one as `instance`",
            listed(&left_out)
        ));
    }
    found.show(&mut document, pods.len());
    Ok(document.in_words())
}

fn query(values: &Values, place: &Place, pod: &Pod, seconds: Option<u32>, bytes: u32) -> LogQuery {
    let mut query = LogQuery::new(&place.namespace, &pod.name, bytes);
    query.container = values.text("container").map(str::to_owned);
    query.previous = values.is_on("previous");
    query.tail_lines = Some(LINES);
    query.since_seconds = seconds;
    query.timestamps = true;
    query
}

/// Says what was read of a pod, and that there is more where something was cut.
fn read(pod: &Pod, lines: u32, truncated: bool, seconds: Option<u32>) -> String {
    let mut words = vec![format!("{lines} lines")];
    if !pod.state.is_empty() {
        words.insert(0, pod.state.clone());
    }
    if truncated || lines >= LINES {
        let of = if seconds.is_some() {
            " of that time"
        } else {
            ""
        };
        words.push(format!("the newest{of}: older ones were not read"));
    }
    words.join(", ")
}

/// A line to show.
struct Shown {
    at: Moment,
    /// Its place among the lines of its pod, for lines of one moment.
    number: u32,
    /// When, whose, how grave.
    name: String,
    text: String,
}

/// What was found in the logs so far.
struct Found<'a> {
    level: Option<Level>,
    logger: Option<&'a str>,
    slow_microseconds: u64,
    limit: usize,
    any_read: bool,
    matching: usize,
    shown: Vec<Shown>,
    errors: Sums,
    slow: Sums,
    plain: Vec<Shown>,
    plain_lines: usize,
}

impl<'a> Found<'a> {
    fn new(values: &'a Values) -> Self {
        Self {
            level: values.text("level").map(Level::of),
            logger: values.text("logger"),
            slow_microseconds: u64::from(values.count("slow_ms").unwrap_or(0)) * 1000,
            limit: values
                .count("limit")
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(1),
            any_read: false,
            matching: 0,
            shown: Vec::new(),
            errors: Sums::default(),
            slow: Sums::default(),
            plain: Vec::new(),
            plain_lines: 0,
        }
    }

    /// Takes the log of a pod and returns how many lines it has.
    fn take(&mut self, pod: &str, text: &str) -> u32 {
        self.any_read = true;
        let (mut shown, mut plain) = (Vec::new(), Vec::new());
        let mut number = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            number += 1;
            let (at, text) = dated(line);
            match Entry::read(text) {
                None => {
                    self.plain_lines += 1;
                    let name = name(&at, pod, "");
                    keep(
                        &mut plain,
                        PLAIN,
                        Shown {
                            at,
                            number,
                            name,
                            text: text.to_owned(),
                        },
                    );
                }
                Some(entry) if self.logger.is_none_or(|logger| logger == entry.logger) => {
                    self.count(&entry, &at);
                    if self.level.is_none_or(|level| entry.level >= level) {
                        self.matching += 1;
                        let name = name(&at, pod, &entry.severity);
                        let text = match entry.logger.as_str() {
                            "postgres" => entry.message,
                            logger => format!("{logger}: {}", entry.message),
                        };
                        keep(
                            &mut shown,
                            self.limit,
                            Shown {
                                at,
                                number,
                                name,
                                text,
                            },
                        );
                    }
                }
                Some(_) => {}
            }
        }
        self.shown.append(&mut shown);
        self.plain.append(&mut plain);
        number
    }

    fn count(&mut self, entry: &Entry, at: &Moment) {
        if let Some(error) = &entry.error {
            self.errors.add(error, at);
        }
        if let Some(slow) = entry
            .slow
            .as_ref()
            .filter(|slow| slow.microseconds >= self.slow_microseconds)
        {
            self.slow.add_slow(slow, at);
        }
    }

    /// Adds what was found to the document.
    fn show(mut self, document: &mut Document, pods: usize) {
        let (errors, slow) = (self.errors.lines, self.slow.lines);
        let plain = match self.plain_lines {
            0 => String::new(),
            lines => format!(", {lines} that are no JSON"),
        };
        let matching = self.matching;
        let counted =
            [(errors, "error"), (slow, "slow statement")].map(|(number, noun)| count(number, noun));
        document.summary(format!(
            "{} of {} match: {}{plain}",
            count(u64::try_from(matching).unwrap_or(u64::MAX), "line"),
            count(u64::try_from(pods).unwrap_or(u64::MAX), "pod"),
            counted.join(", ")
        ));
        let mut room = ROOM;
        for (title, sums) in [("errors", self.errors), ("slow statements", self.slow)] {
            document.section(title);
            let (facts, more) = sums.first(SUMS);
            for (name, value) in facts {
                room = room.saturating_sub(name.len() + value.len().min(WIDEST));
                document.fact(&name, value);
            }
            if more > 0 {
                document.fact("others", format!("{more} more kinds"));
            }
        }
        newest_first(&mut self.plain);
        newest_first(&mut self.shown);
        self.plain.truncate(PLAIN);
        self.shown.truncate(self.limit);
        let mut lines = 0;
        for (title, shown) in [
            ("lines that are no JSON, newest first", self.plain),
            ("lines, newest first", self.shown),
        ] {
            document.section(title);
            lines = 0;
            for line in shown {
                let needed = line.name.len() + line.text.len().min(WIDEST);
                if needed > room {
                    break;
                }
                room -= needed;
                lines += 1;
                document.fact(&line.name, line.text);
            }
        }
        if lines < matching {
            document.note(format!("{} more lines match: narrow it by `level`, `logger`, `since` or `instance`, or raise `limit`", matching - lines));
        }
        if slow == 0 {
            document.note("no slow statement was logged: PostgreSQL logs durations from log_min_duration_statement on, which update_postgres_configuration sets");
        }
    }
}

/// Keeps the last lines of a pod. They come in order, the oldest first.
fn keep(lines: &mut Vec<Shown>, most: usize, line: Shown) {
    if lines.len() == most {
        lines.remove(0);
    }
    lines.push(line);
}

fn newest_first(lines: &mut [Shown]) {
    order::by(lines, |line| Reverse((line.at.clone(), line.number)));
}

fn name(at: &Moment, pod: &str, severity: &str) -> String {
    let words = [at.words(), pod.to_owned(), severity.to_owned()];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
