//! What backups and restores have in common: both run once, and end with errors and warnings or without.

use crate::duration;
use crate::phase::{Meaning, shown};
use crate::stuck::Work;
use bulkhead_plugin_sdk::document::{Document, listed};
use bulkhead_plugin_sdk::{Object, Time, when};

/// Adds the facts about how far it is, and returns what its phase means. `items` names the number of items that are through, and
/// says what was done to them.
pub(crate) fn state(
    document: &mut Document,
    object: Object<'_>,
    items: (&str, &str),
    now: Time,
) -> Meaning {
    let status = object.part("/status");
    let phase = shown(status.text("/phase"));
    let meaning = Meaning::of(phase);
    let (errors, warnings) = (status.number("/errors"), status.number("/warnings"));
    if meaning.is_terminal() || errors + warnings > 0 {
        document.fact("errors", errors.to_string());
        document.fact("warnings", warnings.to_string());
    }
    document.fact("failed because", status.text("/failureReason"));
    let invalid = listed(&status.texts("/validationErrors"));
    document.fact("validation errors", invalid);
    let began = status.time("/startTimestamp");
    made(document, object, now);
    document.fact("began", when::at(now, began));
    let ended = status.time("/completionTimestamp");
    document.fact("ended", when::at(now, ended));
    document.fact("took", when::took(began, ended));
    let total = status.number("/progress/totalItems");
    if total > 0 {
        let (done, what) = items;
        let done = status.number(&format!("/progress/{done}"));
        document.fact("items", format!("{done} of {total} {what}"));
    }
    let work = Work {
        phase,
        asked: object.time("/metadata/creationTimestamp"),
        began,
        timeout: object.text("/spec/itemOperationTimeout"),
    };
    if let Some(why) = work.stuck(now) {
        document.note(format!("it is stuck: {why}"));
    }
    meaning
}

/// Adds when the object was made, and its labels.
pub(crate) fn made(document: &mut Document, object: Object<'_>, now: Time) {
    let made = object.time("/metadata/creationTimestamp");
    document.fact("created", when::at(now, made));
    document.fact("labels", listed(&object.pairs("/metadata/labels")));
}

/// Says where a person reads what went wrong; `kind` is `backup` or `restore`.
pub(crate) fn reasons(document: &mut Document, object: Object<'_>, kind: &str, meaning: Meaning) {
    let name = object.text("/metadata/name");
    if meaning == Meaning::Invalid {
        document.note(format!(
            "it did nothing: mend what the validation errors say and make another {kind}, this one is not looked at again"
        ));
    } else if meaning.is_trouble() || object.number("/status/errors") > 0 {
        document.note(format!(
            "what went wrong stands in the storage location, not in the cluster: a person reads it with `velero {kind} logs {name}`"
        ));
    }
}

/// Adds how many hooks ran, and how many of them failed.
pub(crate) fn hooks(document: &mut Document, status: Object<'_>) {
    let attempted = status.number("/hookStatus/hooksAttempted");
    let failed = status.number("/hookStatus/hooksFailed");
    if attempted + failed > 0 {
        document.fact("ran", format!("{attempted}, {failed} of them failed"));
    }
}

/// Returns such as `3 of 4 completed, 1 failed`, of the numbers whose names begin so; empty where nothing was attempted.
pub(crate) fn attempts(status: Object<'_>, what: &str) -> String {
    let number = |end: &str| status.number(&format!("/{what}{end}"));
    let (attempted, completed) = (number("Attempted"), number("Completed"));
    match (attempted, number("Failed")) {
        (0, _) => String::new(),
        (_, 0) => format!("{completed} of {attempted} completed"),
        (_, failed) => format!("{completed} of {attempted} completed, {failed} failed"),
    }
}

/// Returns a duration of Velero's as it is written and in words, such as `720h0m0s (30 days)`; empty where none is set.
pub(crate) fn lasting(written: &str) -> String {
    match duration::nanoseconds(written) {
        None | Some(0) => String::new(),
        Some(nanoseconds) => format!(
            "{written} ({})",
            duration::words(nanoseconds / 1_000_000_000)
        ),
    }
}
