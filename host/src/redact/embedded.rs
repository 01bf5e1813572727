//! JSON in a text: alone, or in a line of a log.

use serde_json::Value;

use super::edits::cut;
use super::{MAX_NESTING, SecretValues, object, pairs, patterns, yaml};

/// A line with many braces and no JSON is not tried for ever: each failed try may read to the end of the line.
const MAX_FAILURES: usize = 8;

/// How many times longer JSON of many lines may become when it is indented anew.
const MAX_GROWTH: usize = 4;

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
    let start = text.len() - text.trim_start().len();
    if let Some((length, value)) = read_json(cut(text, start..text.len()))
        && cut(text, start + length..text.len()).trim().is_empty()
    {
        return vec![
            Segment::Plain(cut(text, 0..start)),
            Segment::Json(clean_json(cut(text, start..start + length), value, nesting)),
            Segment::Plain(cut(text, start + length..text.len())),
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
            match read_json(cut(line, brace..line.len())) {
                Some((length, value)) => {
                    let json = clean_json(cut(line, brace..brace + length), value, nesting);
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

/// Reads one JSON object or array at the beginning of `text`, and how long it is there.
fn read_json(text: &str) -> Option<(usize, Value)> {
    if !begins_object(text) && !text.starts_with('[') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((values.byte_offset(), value))
}

/// Returns how `original`, which reads as `value`, is written when cleaned.
fn clean_json(original: &str, value: Value, nesting: usize) -> String {
    let mut cleaned = value.clone();
    object::clean(&mut cleaned, SecretValues::Hidden, nesting + 1);
    // Of a key that stands twice, only the last is in `value`; the patterns see both.
    let is_clean = cleaned == value
        && pairs::clean(original).is_none()
        && patterns::clean(original).is_none()
        && yaml::clean_broken_json(original).is_none();
    if is_clean {
        return original.to_owned();
    }
    if original.contains('\n')
        && let Some(pretty) = pretty(&cleaned, MAX_GROWTH * original.len())
    {
        return pretty;
    }
    cleaned.to_string()
}

/// Returns `value` on many lines; `None` if that takes more than `limit` bytes, as where deep values are indented that
/// were not before.
fn pretty(value: &Value, limit: usize) -> Option<String> {
    let mut buffer = Limited {
        bytes: Vec::new(),
        limit,
    };
    serde_json::to_writer_pretty(&mut buffer, value).ok()?;
    String::from_utf8(buffer.bytes).ok()
}

/// Bytes, and never more than `limit` of them.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
