//! Takes secrets out of everything that leaves the cluster's side of the host.
//!
//! Whole objects are cleaned before anything may project, count, select or compare them; texts (logs, messages, errors,
//! tool output) are cleaned on their way out. JSON stays JSON of the same shape: only string leaves are replaced. The
//! mask says that something stood there and at most how long it was; it is never a hash or a prefix of the value.
//! Cleaning twice is the same as cleaning once. Nothing in here may wait, log, or put a value into an error.

mod base64;
mod edits;
mod embedded;
mod keys;
mod names;
mod object;
mod pairs;
mod patterns;
mod spans;
mod values;
mod yaml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

/// What stands in place of a secret whose size says nothing.
const MASK: &str = "<redacted>";

/// JSON inside a string inside JSON, base64 of base64: deeper than this, only the patterns look. Each level costs an
/// attacker an encoding that the reader would have to undo by hand.
const MAX_NESTING: usize = 5;

/// A mask can make room for another one (a URL inside a pair, say), so a text is cleaned until nothing more is found, and
/// no longer than this.
const MAX_ROUNDS: usize = 4;

/// Whether the values of a Secret are shown to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretValues {
    /// Each value of `data` and `stringData` becomes a mask with its size.
    Hidden,
    /// A grant has `secret_values = true`: `data` and `stringData` stay as they are. All else is cleaned as ever.
    Shown,
}

/// Cleans a whole object in place: a single one, a list, a Table, or a watch event.
///
/// `Shown` reaches the object itself and the objects of a list, Table or watch event, not a Secret that is embedded
/// in some other object.
pub(crate) fn object(value: &mut Value, secret_values: SecretValues) {
    object::clean(value, secret_values, 0);
}

/// Cleans a JSON value of unknown shape: structured tool results, API documents.
pub(crate) fn json(value: &mut Value) {
    object::clean(value, SecretValues::Hidden, 0);
}

/// Cleans free text. Borrowed, and so unchanged to the byte, where nothing was found.
///
/// Give it whole texts rather than lines: a private key is recognised by its first or its last line.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    nested_text(text, 0)
}

/// Returns whether redaction may hide what stands at `path` in objects of this resource, so that a selector on it must
/// be refused: it would let the caller ask for the value one guess at a time.
///
/// `path` is dotted (`spec.token`), a JSON pointer, or has brackets (`metadata.annotations['x/y']`).
pub(crate) fn covers_path(group: &str, plural: &str, path: &str) -> bool {
    object::covers(group, plural, path)
}

/// Returns whether redaction may hide the value of a label with this key: `>` and `in` would ask for it, one guess at a time.
pub(crate) fn covers_label(key: &str) -> bool {
    names::secrecy(key).is_some()
}

/// `nesting` counts the encodings (JSON strings, base64) around this text.
fn nested_text(text: &str, nesting: usize) -> Cow<'_, str> {
    if !patterns::may_hold_a_secret(text) {
        return Cow::Borrowed(text);
    }
    let Some(mut cleaned) = round(text, nesting) else {
        return Cow::Borrowed(text);
    };
    // A text within another is cleaned again in each round of that one. Rounds of its own would multiply with those, for
    // each encoding anew.
    let rounds = if nesting == 0 { MAX_ROUNDS } else { 1 };
    for _ in 1..rounds {
        match round(&cleaned, nesting) {
            Some(again) => cleaned = again,
            None => break,
        }
    }
    if cleaned == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cleaned)
    }
}

/// One pass; `None` where nothing was found. Characters that nobody sees count for nothing, but in JSON a key may be made
/// of them, so they are looked past only in what is around it.
fn round(text: &str, nesting: usize) -> Option<String> {
    around_json(text, nesting, |plain| {
        match patterns::without_invisible(plain) {
            Cow::Borrowed(plain) => plain_text(plain, nesting),
            Cow::Owned(visible) => {
                around_json(&visible, nesting, |plain| plain_text(plain, nesting))
            }
        }
    })
}

/// JSON is cleaned by its structure and then left alone, since a pattern that ran across its quotes could break it; the
/// rest is cleaned by `plain`.
fn around_json(
    text: &str,
    nesting: usize,
    plain: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut cleaned = String::with_capacity(text.len());
    for segment in embedded::split(text, nesting) {
        match segment {
            embedded::Segment::Json(json) => cleaned.push_str(&json),
            embedded::Segment::Plain(around) => match plain(around) {
                Some(masked) => cleaned.push_str(&masked),
                None => cleaned.push_str(around),
            },
        }
    }
    (cleaned != text).then_some(cleaned)
}

/// `None` where nothing was found.
fn plain_text(text: &str, nesting: usize) -> Option<String> {
    let text = step(Cow::Borrowed(text), yaml::clean);
    let text = step(text, yaml::clean_broken_json);
    let text = step(text, pairs::clean);
    let text = step(text, pairs::clean_announced);
    let text = step(text, keys::clean);
    let text = step(text, patterns::clean);
    match step(text, |text| base64::clean(text, nesting)) {
        Cow::Borrowed(_) => None,
        Cow::Owned(cleaned) => Some(cleaned),
    }
}

fn step(text: Cow<'_, str>, clean: impl FnOnce(&str) -> Option<String>) -> Cow<'_, str> {
    match clean(&text) {
        Some(cleaned) => Cow::Owned(cleaned),
        None => text,
    }
}
