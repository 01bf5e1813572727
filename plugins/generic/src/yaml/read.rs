//! One YAML document, read so that nothing can mean two things.
//!
//! JSON is YAML. What readers of YAML disagree about is refused and named: `yes` without quotes, `012`, anchors and aliases, tags,
//! a key that stands twice. A manifest must not mean something else to the cluster than to the person who looks at it.

use bulkhead_plugin_sdk::Failure;
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Map, Number, Value};

/// Words that YAML 1.1 reads as true or false and YAML 1.2 as texts.
const EITHER: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];

/// Reads the one document of a text.
///
/// # Errors
/// `Invalid`, with the line: for what is no YAML, is ambiguous, or is none or several documents.
pub(crate) fn read(text: &str) -> Result<Value, Failure> {
    let mut options = Options::default();
    // Another crate of a native build may have switched them on.
    options.set_emit_comments(false);
    let mut reader = Reader {
        events: Parser::new_from_str_with_options(text, options),
    };
    let mut document = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break,
            (Event::StreamStart | Event::DocumentEnd | Event::DocumentStart(..), _) => {}
            (event, span) => {
                let value = reader.value(event, span)?;
                // `---` at the end or twice is a document without anything in it.
                if value.is_null() {
                    continue;
                }
                if document.replace(value).is_some() {
                    return Err(wrong(span, "a second document begins here")
                        .next_step("give one object at a time"));
                }
            }
        }
    }
    document.ok_or_else(|| Failure::invalid("the text has no YAML or JSON in it"))
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Failure> {
        let event = self
            .events
            .next_event()
            .unwrap_or(Ok((Event::StreamEnd, Span::default())));
        event.map_err(|error: ScanError| {
            let line = error.marker().line();
            Failure::invalid(format!("line {line} is no YAML: {}", error.info()))
        })
    }

    /// The depth of what nests is bounded by the parser.
    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Value, Failure> {
        match event {
            Event::Scalar(.., Some(_))
            | Event::SequenceStart(.., Some(_))
            | Event::MappingStart(.., Some(_)) => {
                Err(wrong(span, "a tag (`!`) stands here").next_step("leave it out"))
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text, span),
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => self.sequence(),
            Event::MappingStart(..) => self.mapping(),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                Err(wrong(span, "an alias (`*`) stands here")
                    .next_step("write out what it stands for"))
            }
            _ => Err(wrong(span, "no value stands here")),
        }
    }

    fn sequence(&mut self) -> Result<Value, Failure> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                (event, span) => items.push(self.value(event, span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, Failure> {
        let mut entries = Map::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Object(entries)),
                (Event::Scalar(key, _, _, None), span) if key != "<<" => (key.into_owned(), span),
                (_, span) => {
                    return Err(wrong(span, "a key stands here that is no plain text"));
                }
            };
            let (event, span) = self.next()?;
            let value = self.value(event, span)?;
            if entries.contains_key(&key.0) {
                return Err(wrong(
                    key.1,
                    &format!("the key `{}` stands here a second time", key.0),
                ));
            }
            entries.insert(key.0, value);
        }
    }
}

/// What a text without quotes means.
fn plain(text: &str, span: Span) -> Result<Value, Failure> {
    let ambiguous = |meanings: &str| {
        let reason = format!("`{text}` means {meanings}, depending on who reads it");
        Err(wrong(span, &reason).next_step("put it in quotes, or write what you mean"))
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ if EITHER.iter().any(|word| text.eq_ignore_ascii_case(word)) => {
            return ambiguous("a text, or true or false");
        }
        _ => {}
    }
    // JSON's own numbers are everybody's.
    if let Ok(number) = text.parse::<Number>()
        && text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
    {
        return Ok(Value::Number(number));
    }
    if looks_like_a_number(text) {
        return ambiguous("a text or a number");
    }
    Ok(Value::String(text.to_owned()))
}

/// `012`, `0x1F`, `0o17`, `1_000`, `.5`, `+1`, `1.`, `.inf`: a number to some.
fn looks_like_a_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let digits = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || more.contains(c))
    };
    let hexadecimal = unsigned
        .strip_prefix("0x")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_hexdigit() || c == '_'));
    let octal = unsigned.strip_prefix("0o").or(unsigned.strip_prefix("0b"));
    let is_word = [".inf", ".nan"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word));
    let decimal = digits(unsigned, "._")
        && unsigned.matches('.').count() <= 1
        && unsigned.contains(|c: char| c.is_ascii_digit());
    hexadecimal || octal.is_some_and(|rest| digits(rest, "_")) || is_word || decimal
}

fn wrong(span: Span, what: &str) -> Failure {
    Failure::invalid(format!("line {}: {what}", span.start.line()))
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::{Value, json};

    fn refused(text: &str) -> String {
        read(text).expect_err(text).to_string()
    }

    #[test]
    fn a_manifest_is_read_as_kubectl_reads_it() {
        let text = "---\n# a comment\napiVersion: v1\nmetadata: { name: web, labels: {a: \"yes\"} }\nspec:\n  ports:\n  - 80\n  - -1.5\n  \
                    empty:\n  tilde: ~\n  on_time: true\n  version: 1.2.3\n  image: nginx:1.27\n  time: 10:30\n  folded: >-\n    a\n    b\n  script: |\n    x: |\n      y\n";
        let expected = json!({
            "apiVersion": "v1",
            "metadata": { "name": "web", "labels": { "a": "yes" } },
            "spec": {
                "ports": [80, -1.5], "empty": null, "tilde": null, "on_time": true, "version": "1.2.3",
                "image": "nginx:1.27", "time": "10:30", "folded": "a b", "script": "x: |\n  y\n",
            },
        });
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn json_is_read_too() {
        let text = r#"{"a": ["b", 1, null, true, {"c": "\u00e4\n"}]}"#;
        let json: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read(text), Ok(json));
    }

    #[test]
    fn what_means_two_things_is_refused_by_its_line() {
        for word in [
            "yes", "No", "ON", "off", "y", "012", "0x1F", "0o17", "1_000", ".5", "+1", "1.", ".inf",
        ] {
            let message = refused(&format!("a: 1\nb: {word}\n"));
            assert!(
                message.contains("line 2") && message.contains(word),
                "{message}"
            );
        }
    }

    #[test]
    fn what_hides_a_meaning_is_refused() {
        for (text, reason) in [
            ("a: &x 1\nb: *x\n", "alias"),
            ("a: !!str 1\n", "tag"),
            ("a: 1\na: 2\n", "second time"),
            ("<<: { a: 1 }\n", "no plain text"),
            ("[a]: 1\n", "no plain text"),
            ("a: 1\n---\nb: 2\n", "second document"),
            ("a: [1\n", "no YAML"),
            ("\t- a: b\n c", "no YAML"),
            ("# nothing\n---\n", "has no YAML"),
            ("", "has no YAML"),
        ] {
            let message = refused(text);
            assert!(message.contains(reason), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_separator_at_the_end_begins_no_document() {
        assert_eq!(read("---\na: 1\n---\n"), Ok(json!({ "a": 1 })));
    }

    #[test]
    fn depth_without_end_is_refused() {
        assert!(refused(&"[".repeat(100_000)).contains("no YAML"));
        assert!(refused(&"- ".repeat(100_000)).contains("no YAML"));
    }
}
