//! Base64 of something that would be masked if it were not encoded, or that nobody here can read: gzip.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::MAX_NESTING;
use super::edits::{Edits, cut};

/// Shorter runs hold no credential that the patterns would know.
const MIN_RUN: &str = "20";

/// How many places in a run are tried as the beginning of the base64 in it.
const MAX_BEGINNINGS: usize = 8;

/// How the bytes 1f 8b 08 look: gzip with the only method there is. Helm's releases are that, and annotations with whole
/// objects; whatever is in there, it was not looked at.
const GZIP: &str = "H4sI";

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static RUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("[A-Za-z0-9+/_-]{{{MIN_RUN},}}={{0,2}}"))
        .expect("the pattern is constant and tested")
});

/// Masks runs of base64 whose content would be masked, and the lines on which such a run goes on. `None` if there are
/// none.
pub(super) fn clean(text: &str, nesting: usize) -> Option<String> {
    if nesting >= MAX_NESTING {
        return None;
    }
    let mut edits = Edits::default();
    let mut hidden_to = None;
    for run in RUN.find_iter(text) {
        let goes_on = hidden_to.is_some_and(|end| is_next_line(text, end, run.range()));
        let begin = if goes_on {
            Some(0)
        } else {
            hidden_from(run.as_str(), nesting)
        };
        hidden_to = begin.map(|_| run.end());
        if let Some(begin) = begin {
            edits.mask(run.start() + begin..run.end());
        }
    }
    edits.apply(text)
}

/// Returns where in `run` something begins that must not be shown.
fn hidden_from(run: &str, nesting: usize) -> Option<usize> {
    // Beginnings of unrelated text (`key/ZXlK…`) are part of the run.
    let mut begins = std::iter::once(0).chain(
        run.match_indices(['/', '-', '_'])
            .map(|(separator, _)| separator + 1),
    );
    if let Some(gzip) = begins
        .clone()
        .find(|begin| cut(run, *begin..run.len()).starts_with(GZIP))
    {
        return Some(gzip);
    }
    // What begins later is part of the first that can be read, so only that one is looked into: to look into each, and
    // again into what is in there, would take eight times as long for each encoding.
    let (begin, decoded) = begins
        .by_ref()
        .take(MAX_BEGINNINGS)
        .find_map(|begin| Some((begin, decode_text(cut(run, begin..run.len()))?)))?;
    matches!(super::nested_text(&decoded, nesting + 1), Cow::Owned(_)).then_some(begin)
}

/// Returns whether `run` is the whole line below the one that ends at `end`, as where base64 is wrapped.
fn is_next_line(text: &str, end: usize, run: Range<usize>) -> bool {
    let between = cut(text, end..run.start);
    let after = cut(text, run.end..text.len());
    between.trim().is_empty()
        && between.matches('\n').count() == 1
        && (after.is_empty() || after.starts_with(['\n', '\r']))
}

/// Decodes base64 of a text, also where either was cut off.
fn decode_text(base64: &str) -> Option<String> {
    let digits = base64.trim_end_matches('=');
    // One digit alone is no byte.
    let whole = digits.len() - usize::from(digits.len() % 4 == 1);
    let mut bytes = decode(cut(digits, 0..whole))?;
    if let Err(error) = std::str::from_utf8(&bytes) {
        if error.error_len().is_some() {
            return None;
        }
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).ok()
}

/// Decodes base64 of either alphabet, padded or not; white space is skipped. `None` if it is not base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits: u32 = 0;
    let mut count = 0;
    for symbol in text.trim_end().trim_end_matches('=').bytes() {
        let sextet = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' | b' ' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    // Six bits alone are no byte.
    (count < 6).then_some(bytes)
}
