//! `password=…`, `"token": "…"`, `apiKey: …`, `--password …`: names and values in text, however they are written.
//!
//! A pattern finds the name and the sign behind it; where the value ends is decided in code, since that depends on
//! quotes, on how often they were escaped, and on what the line goes on with.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::edits::{Edits, LineAround, cut};
use super::names::{self, STEMS, Secrecy};
use super::{spans, values};

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?i)(?:(?:api|access|account|private|secret|encryption) key|connection string|[\w.$/-]*(?:{STEMS})[\w.$/-]*)\\*["'`]?\]?[ \t]*(?:=>|:=|==|=|:|%3D|%3A)[ \t]*"#
    ))
    .expect("the pattern is constant and tested")
});
/// Names that stand apart from their value: flags, `name: X` above `value: …`, attributes, `ENV X …`.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    let name = format!(r"[\w.-]*(?:{STEMS})[\w.-]*");
    Regex::new(&format!(
        r#"(?im)(?:(?:^|[\s"'`\[,(=])(?P<flag>--?{name})(?:[ \t]+|["'],?\s*|\s*\r?\n\s*-[ \t]+)|(?-u:\b)(?:name|key)\\*["']?[ \t]*[:=][ \t]*\\*["']?(?P<named>{name})\\*["']?(?:[ \t]*>|[,\s]+\\*["']?value\\*["']?[ \t]*[:=][ \t]*)|^[ \t]*ENV[ \t]+(?P<env>{name})[ \t]+)"#
    ))
    .expect("the pattern is constant and tested")
});
/// The signs between a name and its value; of two that end alike, the longer one first.
const SIGNS: &[&str] = &["=>", ":=", "==", "=", ":", "%3D", "%3A", "%3d", "%3a"];
/// HTTP's schemes before a credential.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+")
        .expect("the pattern is constant and tested")
});

static EMPTY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z_][\w.-]*=[^=\s]").expect("the pattern is constant and tested")
});

/// A name that announces a secret, and how it stands in its line.
struct Key<'a> {
    name: &'a str,
    secrecy: Secrecy,
    /// Nothing but indentation, a dash or a quote stands before it, so that the value may be the rest of the line.
    begins_line: bool,
    is_quoted: bool,
    /// The sign between name and value, with the white space around it.
    sign: &'a str,
}

impl<'a> Key<'a> {
    /// Reads the name and the sign of what [`PAIR`] matched. `None` if the name announces nothing.
    fn read(matched: &'a str, before: &str) -> Option<Self> {
        let with_space = matched.trim_end();
        let sign = SIGNS.iter().find(|sign| with_space.ends_with(**sign))?;
        let quoted = with_space.strip_suffix(*sign)?.trim_end();
        let unquoted = quoted
            .trim_end_matches(']')
            .trim_end_matches(['"', '\'', '`']);
        let name = unquoted.trim_end_matches('\\');
        // A property of a Java command line.
        let name = name.strip_prefix("-D").unwrap_or(name);
        // A path is the subject of what follows, not the name of it.
        let is_path = name.starts_with('/') && name.matches('/').count() > 1;
        if is_path {
            return None;
        }
        Some(Self {
            name,
            secrecy: names::secrecy(name)?,
            // From its end: all names of a line have the same beginning before them.
            begins_line: before
                .trim_end_matches(['-', '"', '\'', ' ', '\t', '{'])
                .is_empty(),
            is_quoted: unquoted.len() < quoted.len(),
            sign: cut(matched, quoted.len()..matched.len()),
        })
    }
}

/// Masks the values of secret names. `None` if there are none.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    let mut lines = LineAround::new(text);
    let mut at = 0;
    while let Some(found) = PAIR.find_at(text, at) {
        at = found.end();
        let before = cut(text, lines.at(found.start()).start..found.start());
        let Some(key) = Key::read(found.as_str(), before) else {
            continue;
        };
        let line = cut(text, at..lines.at(at).end);
        if let Some((span, with)) = value(text, at, line, &key) {
            at = span.end;
            edits.replace(span, with);
        }
    }
    edits.apply(text)
}

/// Returns the span of the value that begins at `start`, and what to put there. `line` is the rest of its line.
fn value(text: &str, start: usize, line: &str, key: &Key<'_>) -> Option<(Range<usize>, String)> {
    if let Some(span) = spans::quoted(text, start) {
        let inside = cut(text, span.clone());
        let object_name = key.secrecy == Secrecy::Likely && values::is_object_name(inside);
        return (!object_name && !values::is_harmless(inside, key.secrecy)).then(|| masked(span));
    }
    if key.begins_line && key.sign.contains(':') && spans::opens_block(line) {
        return spans::block(text, start);
    }
    if line.starts_with('[') && key.name.eq_ignore_ascii_case("secrets") {
        return None;
    }
    if let Some(inside) = spans::flow_list(line) {
        let span = start + inside.start..start + inside.end;
        return (!values::is_harmless(cut(text, span.clone()), key.secrecy)).then(|| masked(span));
    }
    if key.sign.contains('=')
        && let Some(inside) = spans::braced(line)
    {
        return Some(masked(start + inside.start..start + inside.end));
    }
    if line.is_empty() || line.starts_with(['{', '[', '"', '\'']) || line.starts_with("//") {
        return None;
    }
    // `password= host=db`: nothing, and the next pair.
    if !key.begins_line && key.sign.ends_with(' ') && key.sign.contains('=') && EMPTY.is_match(line)
    {
        return None;
    }
    // A shell ends the value of `PASSWORD=… command` at the first space, and so does Go's `Password:… Name:…`; YAML and
    // properties files do not.
    let ends_at_space =
        key.sign == ":" || (key.sign == "=" && !key.name.contains(char::is_lowercase));
    let scheme = SCHEME.find(line).map_or(0, |scheme| scheme.end());
    let length = spans::bare(
        cut(line, scheme..line.len()),
        key.begins_line && !ends_at_space && scheme == 0,
    );
    let value = cut(line, scheme..scheme + length);
    (!is_harmless_bare(value, cut(line, scheme..line.len()), key))
        .then(|| masked(start + scheme..start + scheme + length))
}

fn masked(span: Range<usize>) -> (Range<usize>, String) {
    (span, super::MASK.to_owned())
}

/// Returns whether a value without quotes is a word of prose, a tag, a port or nothing rather than a secret. `line` is
/// all that follows on the line.
fn is_harmless_bare(value: &str, line: &str, key: &Key<'_>) -> bool {
    // The last is how `kubectl describe` shows a variable that comes from a Secret.
    if values::is_harmless(value, key.secrecy) || line.starts_with("<set to the key ") {
        return true;
    }
    let likely = key.secrecy == Secrecy::Likely;
    if key.sign.contains('=') {
        return likely && values::is_object_name(value);
    }
    if values::is_prose(line, !key.begins_line) {
        return true;
    }
    if value.len() > values::MAX_HARMLESS {
        return false;
    }
    // `"db-password" : not found` quotes a name; what JSON has after a quoted key is quoted too.
    if key.is_quoted {
        return likely || key.sign.starts_with(' ');
    }
    if key.name.contains('/') && likely && !values::looks_made_up(value) {
        return true;
    }
    // The result of a test.
    let word = value.split_whitespace().next().unwrap_or_default();
    if key.name.eq_ignore_ascii_case("pass") && !values::looks_made_up(word) {
        return true;
    }
    let is_tight = key.sign == ":";
    if is_tight && (values::is_version_or_port(value) || key.name.contains('/')) {
        return true;
    }
    // `failed to fetch token: EOF` and `User:token:reader`, but not `token: 8s7d6f87sdf`.
    likely && (is_tight || !key.begins_line) && !values::looks_made_up(value)
}

/// Masks the values whose names stand apart from them. `None` if there are none.
pub(super) fn clean_announced(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    let mut lines = LineAround::new(text);
    let mut masked_to = 0;
    for found in ANNOUNCED.captures_iter(text) {
        let name = ["flag", "named", "env"]
            .iter()
            .find_map(|group| found.name(group));
        let (Some(name), Some(all)) = (name, found.get(0)) else {
            continue;
        };
        // What stands in a value that is masked needs no reading.
        if all.end() < masked_to {
            continue;
        }
        let Some(secrecy) = names::secrecy(name.as_str()) else {
            continue;
        };
        let line = cut(text, all.end()..lines.at(all.end()).end);
        let is_flag = found.name("flag").is_some();
        if is_flag && line.starts_with(['-', '|', '=']) {
            continue;
        }
        let span = spans::quoted(text, all.end()).unwrap_or_else(|| {
            all.end()..all.end() + spans::bare(line, all.as_str().contains('\n') && !is_flag)
        });
        let value = cut(text, span.clone());
        let is_harmless = values::is_harmless(value, secrecy)
            || (is_flag && (value.starts_with(['-', '|', '=']) || values::is_prose(line, false)));
        if !is_harmless {
            masked_to = span.end;
            edits.mask(span);
        }
    }
    edits.apply(text)
}
