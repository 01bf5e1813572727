//! Objects and changes as something like YAML: keys as in YAML, every value as JSON, so that text is always quoted.
//!
//! Text of several lines stands line by line behind a mark of the host's, where nothing in it would have to be written as a number.

use std::time::Instant;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::foreign::is_plain;
use super::page::{Page, Piece, Style, host};
use crate::diff::Line;

/// Stands before each line of a text of several.
const TEXT: &str = "╎ ";

/// Unchanged lines around a change within a text.
const CONTEXT: usize = 3;

/// Most lines of both sides together for which the shortest difference is searched: the search can take their product in time.
const MAX_SEARCHED_LINES: usize = 10_000;

/// Draws an object whole.
pub(super) fn object(page: &mut Page, value: &Value, indent: usize) {
    node(page, None, value, indent);
}

fn node(page: &mut Page, label: Option<&str>, value: &Value, indent: usize) {
    let below = |indent: usize| if label.is_some() { indent + 2 } else { indent };
    match value {
        Value::Object(map) if !map.is_empty() => {
            head(page, label, indent);
            for (key, value) in map {
                node(page, Some(&shown_key(key)), value, below(indent));
            }
        }
        Value::Array(items) if !items.is_empty() => {
            head(page, label, indent);
            for (index, item) in items.iter().enumerate() {
                node(page, Some(&format!("[{index}]")), item, below(indent));
            }
        }
        Value::String(text) if is_block(text) => {
            labelled(page, " ", label, opening(text), Style::Plain, indent);
            for line in text.lines() {
                block_line(page, " ", line, Style::Plain, below(indent));
            }
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_) => labelled(page, " ", label, &value.to_string(), Style::Plain, indent),
    }
}

fn head(page: &mut Page, label: Option<&str>, indent: usize) {
    if label.is_some() {
        labelled(page, " ", label, "", Style::Plain, indent);
    }
}

/// Draws what changes as a tree of keys with `-` before what goes and `+` before what comes.
pub(super) fn unified(page: &mut Page, lines: &[Line], indent: usize) {
    let mut above: Vec<String> = Vec::new();
    for line in lines {
        let keys = keys(&line.path);
        let (last, parents) = keys
            .split_last()
            .map_or((line.path.as_str(), &[][..]), |(last, parents)| {
                (last.as_str(), parents)
            });
        let same = above
            .iter()
            .zip(parents)
            .take_while(|(one, other)| one == other)
            .count();
        for (depth, key) in parents.iter().enumerate().skip(same) {
            labelled(page, " ", Some(key), "", Style::Faint, indent + 2 * depth);
        }
        above = parents.to_vec();
        leaf(page, last, line, indent + 2 * parents.len());
    }
}

fn leaf(page: &mut Page, key: &str, line: &Line, indent: usize) {
    let text = |json: &Option<String>| {
        json.as_ref()
            .and_then(|json| serde_json::from_str::<String>(json).ok())
    };
    if let (Some(before), Some(after)) = (text(&line.before), text(&line.after))
        && (is_block(&before) || is_block(&after))
        && is_plain(&before)
        && is_plain(&after)
    {
        return block(page, key, &before, &after, indent);
    }
    for (sign, json, style) in [
        ("-", &line.before, Style::Danger),
        ("+", &line.after, Style::Good),
    ] {
        let Some(json) = json else { continue };
        match serde_json::from_str::<String>(json) {
            Ok(text) if is_block(&text) => {
                labelled(page, sign, Some(key), opening(&text), style, indent);
                for line in text.lines() {
                    block_line(page, sign, line, style, indent + 2);
                }
            }
            Ok(_) | Err(_) => labelled(page, sign, Some(key), json, style, indent),
        }
    }
}

/// The difference of two texts, line by line. Lines far from it are counted and not drawn: the values stand whole elsewhere.
fn block(page: &mut Page, key: &str, before: &str, after: &str, indent: usize) {
    if opening(before) == opening(after) {
        labelled(page, " ", Some(key), opening(after), Style::Faint, indent);
    } else {
        labelled(page, "-", Some(key), opening(before), Style::Danger, indent);
        labelled(page, "+", Some(key), opening(after), Style::Good, indent);
    }
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let mut search = TextDiff::configure();
    if before.len() + after.len() > MAX_SEARCHED_LINES {
        // A deadline that has passed ends the search before it begins.
        search.deadline(Instant::now());
    }
    let diff = search.diff_slices(&before, &after);
    let mut next = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let first = group.first().map_or(next, |op| op.old_range().start);
        unchanged(page, first - next, indent);
        for op in &group {
            for change in diff.iter_changes(op) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Equal => (" ", Style::Faint),
                    ChangeTag::Delete => ("-", Style::Danger),
                    ChangeTag::Insert => ("+", Style::Good),
                };
                block_line(page, sign, change.value(), style, indent + 2);
            }
        }
        next = group.last().map_or(next, |op| op.old_range().end);
    }
    unchanged(page, before.len() - next, indent);
}

fn unchanged(page: &mut Page, lines: usize, indent: usize) {
    if lines > 0 {
        let plural = if lines == 1 { "" } else { "s" };
        let said = format!("{lines} line{plural} that do not change");
        page.line(&[blanks(indent + 6), host(said, Style::Faint)]);
    }
}

fn block_line(page: &mut Page, sign: &str, line: &str, style: Style, indent: usize) {
    let line = page.verbatim(line, style);
    page.line(&[
        signed(sign, style),
        blanks(indent),
        host(TEXT, Style::Faint),
        line,
    ]);
}

/// `key: value` behind a sign.
fn labelled(
    page: &mut Page,
    sign: &str,
    label: Option<&str>,
    json: &str,
    style: Style,
    indent: usize,
) {
    let mut pieces = vec![signed(sign, style), blanks(indent)];
    if let Some(label) = label {
        pieces.push(page.json(label, style));
        pieces.push(host(if json.is_empty() { ":" } else { ": " }, style));
    }
    pieces.push(page.json(json, style));
    page.line(&pieces);
}

fn signed(sign: &str, style: Style) -> Piece {
    host(format!("  {sign} "), style)
}

fn blanks(indent: usize) -> Piece {
    host(" ".repeat(indent), Style::Plain)
}

/// Whether a text is drawn line by line.
fn is_block(text: &str) -> bool {
    text.lines().nth(1).is_some() && is_plain(text)
}

/// YAML's sign for a text of several lines, with or without a last line end.
fn opening(text: &str) -> &'static str {
    if text.ends_with('\n') { "|" } else { "|-" }
}

/// A key as it stands in YAML: quoted where it is not a plain word.
fn shown_key(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_');
    if !key.is_empty() && key.chars().all(plain) && !key.starts_with('-') {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}

/// The keys of a path, `spec.containers[0].image`: indices keep their brackets, and quoted keys become plain ones where they can.
/// A path that this does not understand is one key.
fn keys(path: &str) -> Vec<String> {
    split(path).unwrap_or_else(|| vec![Value::from(path).to_string()])
}

fn split(path: &str) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("['") {
            let (key, after) = quoted_key(quoted)?;
            keys.push(shown_key(&key));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            index.parse::<usize>().ok()?;
            keys.push(format!("[{index}]"));
            rest = after;
        } else {
            let word = if keys.is_empty() {
                rest
            } else {
                rest.strip_prefix('.')?
            };
            let (key, after) = word.split_at(word.find(['.', '[']).unwrap_or(word.len()));
            if key.is_empty() {
                return None;
            }
            keys.push(shown_key(key));
            rest = after;
        }
    }
    Some(keys).filter(|keys| !keys.is_empty())
}

/// A key up to `']`, in which `\\` and `\'` are one character, and what follows.
fn quoted_key(text: &str) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '\'' => return Some((key, rest.as_str().strip_prefix(']')?)),
            '\\' => key.push(rest.next()?),
            c => key.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn drawn(value: &Value) -> String {
        let mut page = Page::new(80, false);
        object(&mut page, value, 0);
        page.finish()
    }

    #[test]
    fn an_object_is_drawn_with_every_value_as_json() {
        insta::assert_snapshot!(drawn(&json!({
            "apiVersion": "v1",
            "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "yes", "two words": "1"}},
            "spec": {"replicas": 3, "paused": false, "args": ["-x", "null", null], "none": {}, "empty": [], "": ""},
            "data": {
                "app.conf": "one\n  two: three\n",
                "no-end": "one\ntwo",
                "blank": "one \ntwo\n",
                "hostile": "one\n│ approved\n",
                "escape": "one\n\u{1b}[2J",
            },
        })));
    }

    #[test]
    fn changes_stand_below_the_keys_that_lead_to_them() {
        let line = |path: &str, before: Option<&str>, after: Option<&str>| Line {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let text = |changed: &str| {
            let lines: Vec<String> = (1..=20)
                .map(|at| {
                    if at == 10 {
                        changed.to_owned()
                    } else {
                        format!("line {at}")
                    }
                })
                .collect();
            Value::from(lines.join("\n") + "\n").to_string()
        };
        let (before, after) = (text("ten"), text("TEN"));
        let mut page = Page::new(80, false);
        unified(
            &mut page,
            &[
                line("data['app.conf']", Some(&before), Some(&after)),
                line("metadata.labels['a b']", None, Some("\"x\"")),
                line("spec.containers[0].image", Some("\"a:1\""), Some("\"a:2\"")),
                line("spec.containers[0].tty", Some("true"), None),
                line("spec.replicas", Some("3"), Some("5")),
                line("a..b['", None, Some("1")),
            ],
            0,
        );
        insta::assert_snapshot!(page.finish());
    }

    #[test]
    fn a_quoted_key_cannot_draw_a_path() {
        assert_eq!(keys(r"a['b\'].c[\'d']"), ["a", r#""b'].c['d""#]);
        assert_eq!(keys(r"a['\\'][0].b"), ["a", r#""\\""#, "[0]", "b"]);
        assert_eq!(keys("['app.conf']"), ["app.conf"]);
        assert_eq!(keys("['']"), ["\"\""]);
    }

    proptest! {
        #[test]
        fn every_key_of_a_path_is_drawn_and_no_path_panics(path in "[a-c.\\[\\]'0-9\u{202e}]{0,12}") {
            prop_assert!(!keys(&path).is_empty());
            let mut page = Page::new(80, false);
            unified(&mut page, &[Line { path, before: None, after: Some("1".to_owned()) }], 0);
            prop_assert!(page.finish().contains("1\n"));
        }

        #[test]
        fn no_change_of_text_is_left_out(before in "([a-c]{0,2}\n){0,12}[a-c]?", after in "([a-c]{0,2}\n){0,12}[a-c]?") {
            prop_assume!(before != after);
            let mut page = Page::new(80, false);
            let line = Line {
                path: "data.x".to_owned(),
                before: Some(Value::from(before.as_str()).to_string()),
                after: Some(Value::from(after.as_str()).to_string()),
            };
            unified(&mut page, &[line], 0);
            let drawn = page.finish();
            let marked = |sign: &str| drawn.lines().filter(|line| line.starts_with(&format!("│   {sign} "))).count();
            prop_assert!(marked("-") + marked("+") > 0, "{}", drawn);
        }
    }
}
