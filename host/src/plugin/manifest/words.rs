//! What names and texts of a manifest have in common.

use crate::failure::shown;

/// Most entries of one kind, and most bytes of one text: a client shows them all to a model.
const MAX_ENTRIES: usize = 128;
const MAX_DESCRIPTION_BYTES: usize = 4 * 1024;

/// Whether a text is `[a-z][a-z0-9]*` of at most `most` characters, where `joint` is allowed too, but not first.
pub(super) fn is_word(text: &str, most: usize, joint: char) -> bool {
    text.len() <= most
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

/// Returns a sentence for the operator, on one line.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .take(300)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Leaves out what is beyond the most of one kind, and says so.
pub(super) fn bounded<T>(mut entries: Vec<T>, kind: &str, faults: &mut Vec<String>) -> Vec<T> {
    if entries.len() > MAX_ENTRIES {
        let there = entries.len();
        faults.push(format!("it has {there} {kind}s, more than {MAX_ENTRIES}"));
        entries.truncate(MAX_ENTRIES);
    }
    entries
}

/// Checks the name of a tool, resource, template, prompt or argument.
pub(super) fn check_name(kind: &str, name: &str, faults: &mut Vec<String>) {
    if !is_word(name, 64, '_') {
        let name = shown(name);
        faults.push(format!(
            "{kind} name `{name}` is not [a-z][a-z0-9_]{{0,63}}"
        ));
    }
}

/// Checks the texts that clients show.
pub(super) fn check_texts(kind: &str, name: &str, texts: &[&str], faults: &mut Vec<String>) {
    if texts.iter().any(|text| text.len() > MAX_DESCRIPTION_BYTES) {
        let name = shown(name);
        faults.push(format!(
            "the description of {kind} `{name}` is longer than {MAX_DESCRIPTION_BYTES} bytes"
        ));
    }
}
