//! Texts within texts: JSON in a log line, and base64 of something that would be masked if it were not encoded.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::edits::{Edits, cut};
use super::{MAX_NESTING, SecretValues, object, pairs, patterns, yaml};

/// A line with many braces and no JSON is not tried for ever: each failed try may read to the end of the line.
const MAX_FAILURES: usize = 8;

/// Shorter runs hold no credential that the patterns would know.
const MIN_BASE64: &str = "20";

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static BASE64: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("[A-Za-z0-9+/_-]{{{MIN_BASE64},}}={{0,2}}"))
        .expect("the pattern is constant and tested")
});

/// A part of a text.
pub(super) enum Segment<'a> {
    /// JSON, cleaned.
    Json(String),
    /// Anything else, not yet cleaned.
    Plain(&'a str),
}

/// Splits `text` into the JSON that stands in it, cleaned by its structure, and what is around that.
pub(super) fn split(text: &str, nesting: usize) -> Vec<Segment<'_>> {
    if nesting >= MAX_NESTING {
        return vec![Segment::Plain(text)];
    }
    if let Some((end, json)) = read_json(text.trim_start(), nesting)
        && cut(text.trim_start(), end..text.len()).trim().is_empty()
    {
        let start = text.len() - text.trim_start().len();
        return vec![
            Segment::Plain(cut(text, 0..start)),
            Segment::Json(json),
            Segment::Plain(cut(text, start + end..text.len())),
        ];
    }
    let mut segments = Vec::new();
    let mut plain_from = 0;
    let mut line_from = 0;
    for line in text.split_inclusive('\n') {
        let mut at = 0;
        let mut failures = 0;
        while failures < MAX_FAILURES
            && let Some(brace) = cut(line, at..line.len()).find('{').map(|brace| at + brace)
        {
            match read_json(cut(line, brace..line.len()), nesting) {
                Some((length, json)) => {
                    segments.push(Segment::Plain(cut(text, plain_from..line_from + brace)));
                    segments.push(Segment::Json(json));
                    at = brace + length;
                    plain_from = line_from + at;
                }
                None => {
                    failures += usize::from(begins_object(cut(line, brace..line.len())));
                    at = brace + 1;
                }
            }
        }
        line_from += line.len();
    }
    segments.push(Segment::Plain(cut(text, plain_from..text.len())));
    segments
}

fn begins_object(text: &str) -> bool {
    text.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// Reads one JSON object or array at the beginning of `text`: its length, and how it reads when cleaned.
fn read_json(text: &str, nesting: usize) -> Option<(usize, String)> {
    if !begins_object(text) && !text.starts_with('[') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    let length = values.byte_offset();
    let original = cut(text, 0..length);
    let mut cleaned = value.clone();
    object::clean(&mut cleaned, SecretValues::Hidden, nesting + 1);
    // Of a key that stands twice, only the last is in `value`; the patterns see both.
    let is_clean = cleaned == value
        && pairs::clean(original).is_none()
        && patterns::clean(original).is_none()
        && yaml::clean_broken_json(original).is_none();
    let json = match (is_clean, original.contains('\n')) {
        (true, _) => original.to_owned(),
        (false, true) => serde_json::to_string_pretty(&cleaned).ok()?,
        (false, false) => cleaned.to_string(),
    };
    Some((length, json))
}

/// Masks runs of base64 whose content would be masked.
pub(super) fn clean_base64(text: &str, nesting: usize) -> Option<String> {
    if nesting >= MAX_NESTING {
        return None;
    }
    let mut edits = Edits::default();
    for run in BASE64.find_iter(text) {
        // Beginnings of unrelated text (`key/ZXlK…`) are part of the run.
        let begins = std::iter::once(0)
            .chain(
                run.as_str()
                    .match_indices(['/', '-', '_'])
                    .map(|(at, _)| at + 1),
            )
            .take(8);
        for begin in begins {
            let part = cut(run.as_str(), begin..run.len());
            let hidden = decode_base64(part)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .is_some_and(|decoded| {
                    matches!(
                        super::nested_text(&decoded, nesting + 1),
                        std::borrow::Cow::Owned(_)
                    )
                });
            if hidden {
                edits.mask(run.start() + begin..run.end());
                break;
            }
        }
    }
    edits.apply(text)
}

/// Decodes base64 of either alphabet, padded or not; white space is skipped. `None` if it is not base64.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
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
