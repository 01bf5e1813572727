//! Objects as YAML, for people who keep them in a repository.
//!
//! Small on purpose: it writes what JSON can hold and reads nothing. A text stands without quotes only where no reader of YAML,
//! of 1.1 or 1.2, could take it for anything else.

use serde_json::Value;
use std::iter;

/// What some reader of YAML takes for true, false or nothing, in any case.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Returns a value as YAML that ends with a line break, with lists as kubectl indents them.
pub(crate) fn write(value: &Value) -> String {
    let mut text = lines(value).join("\n");
    text.push('\n');
    text
}

fn lines(value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let key = quoted(key);
                let inner = lines(value);
                match value {
                    Value::Array(items) if !items.is_empty() => {
                        out.push(format!("{key}:"));
                        out.extend(inner);
                    }
                    Value::Object(entries) if !entries.is_empty() => {
                        out.push(format!("{key}:"));
                        out.extend(inner.iter().map(|line| format!("  {line}")));
                    }
                    _ => out.extend(inner.iter().map(|scalar| format!("{key}: {scalar}"))),
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let marks = iter::once("- ").chain(iter::repeat("  "));
                let inner = lines(item);
                out.extend(
                    inner
                        .iter()
                        .zip(marks)
                        .map(|(line, mark)| format!("{mark}{line}")),
                );
            }
        }
        Value::String(text) => out.push(quoted(text)),
        // `null`, numbers, `true`, `{}` and `[]` are the same in both.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            out.push(value.to_string());
        }
    }
    out
}

/// Returns a text as it is where it is plainly a word, else in quotes.
fn quoted(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_word {
        return text.to_owned();
    }
    let inside: String = text.chars().map(escaped).collect();
    format!("\"{inside}\"")
}

fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        ' '..='~' => c.to_string(),
        _ => format!("\\U{:08x}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::{Value, json};

    /// Compared with what a real reader makes of it.
    fn comes_back(value: &Value) -> String {
        let text = write(value);
        let read: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| {
            panic!("{error}:\n{text}");
        });
        assert_eq!(&read, value, "{text}");
        text
    }

    #[test]
    fn an_object_stands_as_kubectl_writes_it() {
        let text = comes_back(&json!({
            "apiVersion": "velero.io/v1",
            "kind": "Schedule",
            "metadata": { "name": "nightly" },
            "spec": {
                "schedule": "0 2 * * *",
                "paused": false,
                "template": {
                    "includedNamespaces": ["shop", "*"],
                    "ttl": "720h",
                    "hooks": {},
                    "volumeSnapshotLocations": [],
                    "labelSelector": { "matchExpressions": [{ "key": "app", "values": ["a"] }, {}] },
                },
            },
        }));
        assert_eq!(
            text,
            "apiVersion: velero.io/v1
kind: Schedule
metadata:
  name: nightly
spec:
  paused: false
  schedule: \"0 2 * * *\"
  template:
    hooks: {}
    includedNamespaces:
    - shop
    - \"*\"
    labelSelector:
      matchExpressions:
      - key: app
        values:
        - a
      - {}
    ttl: \"720h\"
    volumeSnapshotLocations: []
"
        );
    }

    #[test]
    fn a_text_never_becomes_anything_else() {
        for text in [
            "",
            " ",
            "a",
            "yes",
            "No",
            "ON",
            "y",
            "n",
            "true",
            "False",
            "null",
            "Null",
            "~",
            "012",
            "0x1F",
            "0o17",
            "1e3",
            "1_000",
            ".5",
            "1.",
            "-",
            "- a",
            "--- a",
            "...",
            "?",
            ": a",
            "a: b",
            "a:",
            "#",
            "a #b",
            "&a",
            "*a",
            "!a",
            "!!str a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "'a'",
            "\"a\"",
            "\\",
            "{a}",
            "[a]",
            "a,b",
            "=",
            "<<",
            ".inf",
            "-.inf",
            ".nan",
            "NaN",
            "2026-11-21",
            "2026-11-21T09:30:00Z",
            "12:30:45",
            "190:20:30",
            " a",
            "a ",
            "a\nb",
            "a\n",
            "\n",
            "\ta",
            "a\tb",
            "a\r\nb",
            "\0",
            "\u{7}",
            "\u{7f}",
            "\u{85}",
            "\u{a0}",
            "\u{2028}",
            "\u{feff}",
            "ä",
            "名",
            "🦀",
            "\u{202e}a",
            "velero.io/schedule-name",
            "0 2 * * *",
            "@daily",
            "720h",
            "a/b",
            "a.b-c_d",
            "0",
            "-1",
            "1.0",
        ] {
            comes_back(&json!(text));
            comes_back(&json!({ text: [text, { text: text }, [text]] }));
        }
    }

    #[test]
    fn values_of_each_kind_come_back_at_any_depth() {
        comes_back(&json!([[], [[]], {}, [{}], [{ "a": [] }], [[1, [2, [3]]]]]));
        comes_back(&json!({ "a": { "b": { "c": [{ "d": [{ "e": null }] }] } } }));
        comes_back(&json!([
            0,
            -1,
            1.5,
            18_446_744_073_709_551_615_u64,
            true,
            false,
            null
        ]));
        comes_back(&json!("alone"));
    }
}
