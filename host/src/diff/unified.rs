//! The same difference as a person reads it: YAML with what stands around it.

use std::time::Instant;

use serde_json::Value;
use serde_saphyr::SerializerOptions;
use similar::TextDiff;

const CONTEXT_LINES: usize = 3;

/// Most lines of both sides together for which the shortest diff is searched: the search can take their product in time.
const MAX_SEARCHED_LINES: usize = 10_000;

/// Returns a unified diff of the two as YAML, with three lines of context and without file names; empty where they are equal.
/// None is an object that does not exist. Of two very large texts, all between their common ends is shown as replaced.
#[must_use]
pub fn unified(before: Option<&Value>, after: Option<&Value>) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (yaml(before), yaml(after));
    let mut config = TextDiff::configure();
    if before.lines().count() + after.lines().count() > MAX_SEARCHED_LINES {
        // A deadline that has passed ends the search before it begins.
        config.deadline(Instant::now());
    }
    config
        .diff_lines(&before, &after)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .missing_newline_hint(false)
        .to_string()
}

fn yaml(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let mut options = SerializerOptions::default();
    options.compact_list_indent = true;
    // JSON is YAML too: what the writer refuses is shown as it is.
    let mut text = serde_saphyr::to_string_with_options(value, options)
        .unwrap_or_else(|_| format!("{value:#}"));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
