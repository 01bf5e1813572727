//! Where a value ends that stands behind `name=` or `name:` in a text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::MASK;
use super::edits::{cut, line_end, line_start};
use super::names::Secrecy;
use super::values;

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
/// The next pair of the same line, with what parts it from this one.
static NEXT_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:[&;,]|\\+[nrt]|[,;]?\s)+["']?[A-Za-z_][\w.-]*["']?(?:=|:\s|:$)"#)
        .expect("the pattern is constant and tested")
});
/// The rest of a line that only opens a YAML block.
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[|>][0-9+-]*)?[ \t]*(?:#.*)?$").expect("the pattern is constant and tested")
});

/// Returns the inside of a quoted value at `start`; `None` if it is not quoted. The quotes may be escaped any number of
/// times; one that never closes goes to the end of its line.
pub(super) fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = cut(text, start..text.len());
    let escapes = rest.bytes().take_while(|byte| *byte == b'\\').count();
    let quote = rest
        .chars()
        .nth(escapes)
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inside = start + escapes + 1;
    let mut run = 0;
    let mut chars = cut(text, inside..text.len()).char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        // YAML and SQL write a quote within quotes twice.
        if c == '\''
            && quote == c
            && at > 0
            && escapes == 0
            && chars.next_if(|(_, next)| *next == c).is_some()
        {
            continue;
        }
        // Quotes that were escaped once have one backslash and those inside of them three; and so on.
        let level = (run + 1) / (escapes + 1);
        if c == quote && (run + 1) % (escapes + 1) == 0 && level % 2 == 1 {
            return Some(inside..inside + at - escapes);
        }
        run = if c == '\\' { run + 1 } else { 0 };
    }
    Some(inside..line_end(text, inside))
}

/// Returns the length of a value without quotes at the beginning of `line`: to the white space, or to the end of a
/// line that holds nothing else.
pub(super) fn bare(line: &str, may_have_spaces: bool) -> usize {
    let word = line.find(char::is_whitespace).unwrap_or(line.len());
    let end = if may_have_spaces && NEXT_PAIR.find(line).is_none() {
        line.find(" #").unwrap_or(line.len())
    } else {
        NEXT_PAIR
            .find(cut(line, 0..word))
            .map_or(word, |next| next.start())
    };
    let value = cut(line, 0..end).trim_end();
    let end = value
        .char_indices()
        .find(|(at, _)| closes(cut(value, *at..value.len())))
        .map_or(value.len(), |(at, _)| at);
    trim_brackets(cut(value, 0..end)).len()
}

/// Returns the inside of a list at the beginning of `line`, as `[a, b]`; `None` if there is none or it holds objects,
/// whose keys speak for themselves.
pub(super) fn flow_list(line: &str) -> Option<Range<usize>> {
    let inside = line.strip_prefix('[')?;
    let end = inside.find(']').unwrap_or(inside.len());
    (!cut(inside, 0..end).contains('{')).then_some(1..end + 1)
}

/// Returns the inside of braces at the beginning of `line`, with which connection strings quote: `{a;b}`. `None` for a
/// template, an object, or a mask.
pub(super) fn braced(line: &str) -> Option<Range<usize>> {
    let inside = line.strip_prefix('{')?;
    let end = inside.find('}')?;
    let is_value = end > 0
        && !inside.starts_with(['{', '"', '\'', '<', ' '])
        && !cut(inside, 0..end).contains([':', '=']);
    is_value.then_some(1..end + 1)
}

/// Returns whether a quote or a tag around the value ends here. A quote within a password is followed by more of it.
fn closes(rest: &str) -> bool {
    if rest.starts_with("\\\"") || rest.starts_with("</") {
        return true;
    }
    let mut chars = rest.chars();
    chars.next().is_some_and(|c| matches!(c, '"' | '\'' | '`'))
        && chars
            .next()
            .is_none_or(|c| c.is_whitespace() || ",;:)]}>\"'`".contains(c))
}

/// Takes off what closes a bracket that was opened before the value, and the comma or semicolon at its end.
fn trim_brackets(mut value: &str) -> &str {
    loop {
        let shorter = match value.chars().last() {
            Some(',' | ';') => value.strip_suffix([',', ';']),
            Some(')') if !value.contains('(') => value.strip_suffix(')'),
            Some(']') if !value.contains('[') => value.strip_suffix(']'),
            Some('}') if !value.contains('{') => value.strip_suffix('}'),
            _ => None,
        };
        match shorter {
            Some(shorter) => value = shorter,
            None => return value,
        }
    }
}

/// Returns whether the rest of a key's line says that its value stands on the lines below.
pub(super) fn opens_block(line: &str) -> bool {
    BLOCK.is_match(line)
}

/// Returns the YAML lines below the one of `start` that are its value, and what to put there. `None` if they are a map,
/// whose keys speak for themselves.
pub(super) fn block(text: &str, start: usize) -> Option<(Range<usize>, String)> {
    let opening = cut(text, start..line_end(text, start));
    let is_scalar = opening.starts_with(['|', '>']);
    let key_depth = depth(cut(text, line_start(text, start)..text.len()));
    let from = line_end(text, start);
    let mut at = from;
    let mut end = from;
    let mut first: Option<&str> = None;
    for line in cut(text, from..text.len()).split_inclusive('\n') {
        let is_item = !is_scalar && is_item(line);
        let is_inside = depth(line) > key_depth || (is_item && depth(line) == key_depth);
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if !is_inside {
            break;
        }
        first.get_or_insert(line);
        end = at - (line.len() - line.trim_end().len());
    }
    let first = first?;
    let item = if !is_scalar && is_item(first) {
        "- "
    } else {
        ""
    };
    let content = first.trim().trim_start_matches(item);
    let is_map = !is_scalar && (content.contains(": ") || content.ends_with(':'));
    if is_map
        || values::is_harmless(
            cut(text, from..end).trim().trim_start_matches(item),
            Secrecy::Sure,
        )
    {
        return None;
    }
    Some((
        from..end,
        format!("\n{:indent$}{item}{MASK}", "", indent = depth(first)),
    ))
}

fn is_item(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// Returns how far a line is indented, in bytes.
fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
