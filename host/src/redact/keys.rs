//! Private keys that were cut: a log that begins in the middle of one, or ends there.
//!
//! What stands between a BEGIN and an END is masked by a pattern. Here is one without the other: the lines that follow a
//! BEGIN, or run up to an END, for as long as they look like lines of a key. Each line is looked at once.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::edits::{Edits, cut};

/// Lines of a key are longer, but for its last one; so are few words.
const MIN_LINE: usize = 14;

/// What a log may put before each line: a time, a stream, the name of a container.
const MAX_PREFIX: usize = 64;

/// The last line of a key, and the checksum of PGP.
const MAX_SHORT_LINES: usize = 2;

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----(?:(BEGIN) [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|END(?: [A-Z0-9 ]*(PRIVATE KEY)(?: BLOCK)?-----)?)")
        .expect("the pattern is constant and tested")
});
/// What parts the lines of a key, also one that was flattened or escaped.
static GAP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:\s|\\+[nr])+").expect("the pattern is constant and tested"));
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:Proc-Type|DEK-Info|Version|Comment|Charset):")
        .expect("the pattern is constant and tested")
});

/// Masks what is left of private keys that were cut. `None` if there are none.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    let mut begun = None;
    let mut from = 0;
    for marker in MARKER.captures_iter(text) {
        let Some(all) = marker.get(0) else { continue };
        let of_key = marker.get(2).is_some();
        if marker.get(1).is_some() {
            begun.get_or_insert(all.end());
        } else if begun.take().is_none()
            && of_key
            && let Some(start) = before_end(text, from..all.start())
        {
            edits.mask(start..all.start());
        }
        from = all.end();
    }
    if let Some(begun) = begun
        && let Some(end) = after_begin(text, begun)
    {
        edits.mask(begun..end);
    }
    edits.apply(text)
}

/// Returns where the key begins whose END stands behind `span`.
fn before_end(text: &str, span: Range<usize>) -> Option<usize> {
    let mut start = None;
    let mut shorts = 0;
    let mut line_end = span.end;
    loop {
        let line_start = cut(text, span.start..line_end)
            .rfind('\n')
            .map_or(span.start, |newline| span.start + newline + 1);
        let line = cut(text, line_start..line_end);
        let is_of_end = line_end == span.end;
        let part = KeyPart::of(line);
        if part.is_long {
            start = Some(line_start + part.start);
        } else if part.is_short() && !is_of_end {
            shorts += 1;
            // Nothing but its last line is left of the key.
            if line_start == 0 && shorts == 1 {
                start = Some(part.start);
            }
        }
        // The line of the END itself may have nothing but a prefix.
        let goes_on = part.start <= MAX_PREFIX
            && (part.is_key() || is_of_end && !line.contains('<'))
            && shorts <= MAX_SHORT_LINES;
        // The short line of a key stands below its long ones.
        let is_above = part.is_short() && start.is_some();
        if !goes_on || is_above || line_start == span.start {
            return start;
        }
        line_end = line_start - 1;
    }
}

/// Returns where the key ends whose BEGIN ends at `begun`, if the lines below it are those of a key.
fn after_begin(text: &str, begun: usize) -> Option<usize> {
    let mut lines = cut(text, begun..text.len()).split_inclusive('\n');
    let mut at = begun + lines.next().filter(|rest| rest.trim().is_empty())?.len();
    let mut end = None;
    let mut after_header = false;
    for line in lines {
        let line_start = at;
        at += line.len();
        let part = KeyPart::of(line);
        let is_header = end.is_none()
            && HEADER
                .find(line)
                .is_some_and(|name| name.start() <= MAX_PREFIX);
        // Below the headers stands an empty line, which may have a prefix too.
        let is_empty = line.trim().is_empty() || (after_header && line.len() <= MAX_PREFIX);
        after_header = is_header;
        if is_header {
            continue;
        }
        let is_last = end.is_some() && cut(text, at..text.len()).trim_start().is_empty();
        if part.start <= MAX_PREFIX && (part.is_long || (part.is_short() && is_last)) {
            end = Some(line_start + line.trim_end().len());
        } else if !is_empty {
            break;
        }
    }
    end
}

/// What looks like a key at the end of a line.
struct KeyPart {
    /// Where it begins in the line; its end if there is none.
    start: usize,
    words: usize,
    is_long: bool,
}

impl KeyPart {
    fn of(line: &str) -> Self {
        let mut part = Self {
            start: line.trim_end().len(),
            words: 0,
            is_long: false,
        };
        let mut words = Vec::new();
        let mut from = 0;
        for gap in GAP.find_iter(line) {
            words.push(from..gap.start());
            from = gap.end();
        }
        words.push(from..line.len());
        for word in words.into_iter().rev().filter(|word| !word.is_empty()) {
            // `09:02|MII…`: a prefix may stand close.
            let text = cut(line, word.clone());
            let close = text.rfind(['|', ':']).map_or(0, |sign| sign + 1);
            let key = cut(text, close..text.len());
            let is_long = key.len() >= MIN_LINE;
            // Of a flattened key, the short end comes last.
            if !is_base64(key) || (!is_long && (part.is_long || part.words >= MAX_SHORT_LINES)) {
                break;
            }
            part.start = word.start + close;
            part.words += 1;
            part.is_long |= is_long;
            if close > 0 {
                break;
            }
        }
        part
    }

    fn is_key(&self) -> bool {
        self.words > 0
    }

    fn is_short(&self) -> bool {
        self.is_key() && !self.is_long
    }
}

fn is_base64(word: &str) -> bool {
    let digits = word.trim_end_matches('=').trim_start_matches('=');
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
