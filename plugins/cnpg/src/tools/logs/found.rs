//! What was found in the logs of several pods: sums over all lines, the newest lines of those that match, and what is no JSON.
//!
//! Bounded however long the logs are: a pod keeps no more lines than are shown, and an answer holds what fits and counts the rest.

use super::line::{Entry, Level, Moment, dated};
use super::sums::Sums;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::{Document, order};
use std::cmp::Reverse;

/// The most sums of each kind.
const SUMS: usize = 8;

/// The most lines that are no JSON.
const PLAIN: usize = 5;

/// How much of an answer lines may fill; a document takes no more than 9 KiB of facts.
const ROOM: usize = 8 * 1024;

/// What a fact of a document shows of a value at most, in bytes that are mostly one character each.
const WIDEST: usize = 300;

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
pub(super) struct Found<'a> {
    level: Option<Level>,
    logger: Option<&'a str>,
    slow_microseconds: u64,
    /// Whether any duration was there, long or short.
    any_duration: bool,
    limit: usize,
    /// Whether any log was there, be it empty.
    pub(super) any_read: bool,
    matching: usize,
    shown: Vec<Shown>,
    errors: Sums,
    slow: Sums,
    plain: Vec<Shown>,
    plain_lines: usize,
}

impl<'a> Found<'a> {
    pub(super) fn new(values: &'a Values) -> Self {
        Self {
            level: values.text("level").map(Level::of),
            logger: values.text("logger"),
            slow_microseconds: u64::from(values.count("slow_ms").unwrap_or(0)) * 1000,
            any_duration: false,
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
    pub(super) fn take(&mut self, pod: &str, text: &str) -> u32 {
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
        if let Some(slow) = &entry.slow {
            self.any_duration = true;
            if slow.microseconds >= self.slow_microseconds {
                self.slow.add_slow(slow, at);
            }
        }
    }

    /// Adds what was found to the document.
    pub(super) fn show(mut self, document: &mut Document, pods: usize) {
        let (errors, slow) = (self.errors.lines, self.slow.lines);
        let plain = match self.plain_lines {
            0 => String::new(),
            lines => format!(", {lines} that are no JSON"),
        };
        let matching = self.matching;
        let counted =
            [(errors, "error"), (slow, "slow statement")].map(|(number, noun)| count(number, noun));
        document.summary(format!(
            "{} of {} match; in all that was read {}{plain}",
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
        let of_postgresql = self.logger.is_none_or(|logger| logger == "postgres");
        if of_postgresql && !self.any_duration {
            document.note(
                "no duration of a statement was logged: PostgreSQL logs them from log_min_duration_statement on, which \
                 update_postgres_configuration sets",
            );
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

/// Says when, whose and how grave.
fn name(at: &Moment, pod: &str, severity: &str) -> String {
    let words = [at.words(), pod.to_owned(), severity.to_owned()];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Returns `1 line`, `2 lines`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
