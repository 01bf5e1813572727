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
/// What ends a value without spaces at the latest: the next pair, white space, or what [`closes`]. One search for all of
/// them reads no further than the value, where three would each read the line again for every pair in it.
static WORD_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:[&;,]|\\+[nrt])+["']?[A-Za-z_][\w.-]*["']?(?:=|:\s|:$)|\s|\\"|</|["'`](?:[\s,;:)\]}>"'`]|$)"#,
    )
    .expect("the pattern is constant and tested")
});
/// The rest of a line that only opens a YAML block.
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[|>][0-9+-]*)?[ \t]*(?:#.*)?$").expect("the pattern is constant and tested")
});

/// Five times escaped is a backslash 31 times. Of each number only the last quote in a text can be one that never
/// closes, and is looked for to the end, so there may not be as many numbers as a text has room for.
const MAX_ESCAPES: usize = 31;

/// Returns the inside of a quoted value at `start`; `None` if it is not quoted. One that never closes, or is escaped more
/// often than anybody does, goes to the end of its line.
pub(super) fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = cut(text, start..text.len());
    let escapes = rest.bytes().take_while(|byte| *byte == b'\\').count();
    let quote = rest
        .chars()
        .nth(escapes)
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inside = start + escapes + 1;
    if escapes > MAX_ESCAPES {
        return Some(inside..line_end(text, inside));
    }
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
    let end = if may_have_spaces && NEXT_PAIR.find(line).is_none() {
        line.find(" #").unwrap_or(line.len())
    } else {
        WORD_END.find(line).map_or(line.len(), |end| end.start())
    };
    let value = cut(line, 0..end).trim_end();
    let end = value
        .char_indices()
        .find(|(at, _)| closes(cut(value, *at..value.len())))
        .map_or(value.len(), |(at, _)| at);
    trim_brackets(cut(value, 0..end)).len()
}

/// Returns the inside of a list at the beginning of `line`, as `[a, b]`; `None` if there is none or it holds objects,
/// whose keys speak for themselves. Objects that begin late are not looked for.
pub(super) fn flow_list(line: &str) -> Option<Range<usize>> {
    let inside = line.strip_prefix('[')?;
    let holds_objects = inside
        .bytes()
        .take(values::MAX_HARMLESS)
        .find(|byte| matches!(byte, b'{' | b']'))
        == Some(b'{');
    if holds_objects {
        return None;
    }
    Some(1..inside.find(']').unwrap_or(inside.len()) + 1)
}

/// Returns the inside of braces at the beginning of `line`, with which connection strings quote: `{a;b}`. `None` for a
/// template, an object, or a mask.
pub(super) fn braced(line: &str) -> Option<Range<usize>> {
    let inside = line.strip_prefix('{')?;
    if inside.starts_with(['{', '"', '\'', '<', ' ']) {
        return None;
    }
    let end = inside.find(['}', ':', '='])?;
    let is_value = end > 0 && cut(inside, end..inside.len()).starts_with('}');
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
fn trim_brackets(value: &str) -> &str {
    let (round, square, curly) = (
        value.contains('('),
        value.contains('['),
        value.contains('{'),
    );
    value.trim_end_matches(|c| match c {
        ',' | ';' => true,
        ')' => !round,
        ']' => !square,
        '}' => !curly,
        _ => false,
    })
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
        // Decided by its first line: a map of maps would be read again for each of them.
        if first.is_none() && !is_scalar && is_map(line) {
            return None;
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
    if values::is_harmless(
        cut(text, from..end).trim().trim_start_matches(item),
        Secrecy::Sure,
    ) {
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

fn is_map(line: &str) -> bool {
    let content = line.trim().trim_start_matches("- ");
    content.contains(": ") || content.ends_with(':')
}

/// Returns how far a line is indented, in bytes.
fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
