//! `password=…`, `"token": "…"`, `apiKey: …`, `--password …`: names and values in text, however they are written.
//!
//! A pattern finds the name and the sign behind it; where the value ends is decided in code, since that depends on
//! quotes, on how often they were escaped, and on what the line goes on with.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::edits::{Edits, cut, line_end, line_start};
use super::names::{self, STEMS, Secrecy};
use super::{spans, values};

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?i)(?P<key>(?:(?:api|access|account|private|secret|encryption) key|connection string|[\w.$/-]*(?:{STEMS})[\w.$/-]*))(?P<close>\\*["'`]?\]?)(?P<sep>[ \t]*(?:=>|:=|==|=|:|%3D|%3A)[ \t]*)"#
    ))
    .expect("the pattern is constant and tested")
});
static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:^|[\s"'`\[,(=])(?P<key>--?[a-z][\w.-]*)(?P<sep>[ \t]+|["'],?\s*|\s*\r?\n\s*-[ \t]+)"#,
    )
    .expect("the pattern is constant and tested")
});
/// HTTP's schemes before a credential.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+")
        .expect("the pattern is constant and tested")
});

static EMPTY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z_][\w.-]*=[^=\s]").expect("the pattern is constant and tested")
});

/// How a name stands in its line.
struct Key<'a> {
    name: &'a str,
    secrecy: Secrecy,
    /// Nothing but indentation, a dash or a quote stands before it, so that the value may be the rest of the line.
    begins_line: bool,
    is_quoted: bool,
    sep: &'a str,
}

/// Masks the values of secret names. `None` if there are none.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    let mut at = 0;
    while let Some(found) = KEY.captures_at(text, at) {
        let end = found.get(0).map_or(text.len(), |all| all.end());
        at = end;
        let Some(key) = key(text, &found) else {
            continue;
        };
        if let Some((span, with)) = value(text, end, &key) {
            at = span.end.max(end);
            edits.replace(span, with);
        }
    }
    edits.apply(text)
}

fn key<'a>(text: &'a str, found: &Captures<'a>) -> Option<Key<'a>> {
    let name = found.name("key")?;
    let secrecy = names::secrecy(name.as_str())?;
    // A path is the subject of what follows, not the name of it.
    if name.as_str().starts_with('/') && name.as_str().matches('/').count() > 1 {
        return None;
    }
    let before = cut(text, line_start(text, name.start())..name.start());
    let close = found.name("close").map_or("", |close| close.as_str());
    Some(Key {
        name: name.as_str(),
        secrecy,
        begins_line: before
            .trim_start_matches(['-', '"', '\'', ' ', '\t', '{'])
            .is_empty(),
        is_quoted: close.contains(['"', '\'', '`']),
        sep: found.name("sep").map_or("", |sep| sep.as_str()),
    })
}

/// Returns the span of the value that begins at `start`, and what to put there.
fn value(text: &str, start: usize, key: &Key<'_>) -> Option<(Range<usize>, String)> {
    let line = cut(text, start..line_end(text, start));
    if let Some(span) = spans::quoted(text, start) {
        let inside = cut(text, span.clone());
        let object_name = key.secrecy == Secrecy::Likely && values::is_object_name(inside);
        return (!object_name && !values::is_harmless(inside, key.secrecy)).then(|| masked(span));
    }
    if key.begins_line && key.sep.contains(':') && spans::opens_block(line) {
        return spans::block(text, start);
    }
    if line.is_empty() || line.starts_with(['{', '[', '"', '\'']) || line.starts_with("//") {
        return None;
    }
    // `password= host=db`: nothing, and the next pair.
    if !key.begins_line && key.sep.ends_with(' ') && key.sep.contains('=') && EMPTY.is_match(line) {
        return None;
    }
    // A shell ends the value of `PASSWORD=… command` at the first space, a properties file does not.
    let is_shell = key.sep == "=" && !key.name.contains(char::is_lowercase);
    let scheme = SCHEME.find(line).map_or(0, |scheme| scheme.end());
    let length = spans::bare(
        cut(line, scheme..line.len()),
        key.begins_line && !is_shell && scheme == 0,
    );
    let value = cut(line, scheme..scheme + length);
    (!is_harmless_bare(value, line, key)).then(|| masked(start + scheme..start + scheme + length))
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
    if key.sep.contains('=') {
        return likely && values::is_object_name(value);
    }
    if values::is_prose(line, !key.begins_line) {
        return true;
    }
    // `"db-password" : not found` quotes a name; what JSON has after a quoted key is quoted too.
    if key.is_quoted {
        return likely || key.sep.starts_with(' ');
    }
    let is_tight = key.sep == ":";
    if is_tight && (values::is_version_or_port(value) || key.name.contains('/')) {
        return true;
    }
    // `failed to fetch token: EOF` and `User:token:reader`, but not `token: 8s7d6f87sdf`.
    likely && (is_tight || !key.begins_line) && !values::looks_made_up(value)
}

/// Masks what follows a flag that names a secret, on the same line or as the next element of a list.
pub(super) fn clean_flags(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    for found in FLAG.captures_iter(text) {
        let (Some(key), Some(all)) = (found.name("key"), found.get(0)) else {
            continue;
        };
        let Some(secrecy) = names::secrecy(key.as_str()) else {
            continue;
        };
        let line = cut(text, all.end()..line_end(text, all.end()));
        let span = spans::quoted(text, all.end())
            .unwrap_or_else(|| all.end()..all.end() + spans::bare(line, false));
        let value = cut(text, span.clone());
        let is_harmless = value.starts_with(['-', '|', '='])
            || values::is_harmless(value, secrecy)
            || values::is_prose(line, false);
        if !is_harmless {
            edits.mask(span);
        }
    }
    edits.apply(text)
}
