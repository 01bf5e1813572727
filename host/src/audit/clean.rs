//! A record on its way to the disk: without secrets, and no longer than it may be.

use serde_json::{Map, Value};

use super::{Approver, Record};
use crate::redact;

/// Of one text. Enough for any sentence; what is longer is a body, which a record does not need.
const TEXT_BYTES: usize = 4 * 1024;

/// Of all arguments together.
const ARGUMENTS_BYTES: usize = 16 * 1024;

/// Returns the record as it is kept.
pub(super) fn clean(mut record: Record) -> Map<String, Value> {
    let Record {
        kind: _,
        time: _,
        // Made by the host out of numbers, names of the configuration and digests.
        caller: _,
        plugin: _,
        change: _,
        digest: _,
        audit_id: _,
        duration_ms: _,
        count: _,
        client,
        tool,
        arguments,
        rule,
        object,
        approver,
        outcome,
        detail,
        missing_grant,
    } = &mut record;
    let by = approver.as_mut().map(|Approver { by, .. }| by);
    let texts = [client, tool, rule, object, outcome, detail, missing_grant];
    for text in texts.into_iter().filter_map(Option::as_mut).chain(by) {
        if let std::borrow::Cow::Owned(redacted) = redact::text(text) {
            *text = redacted;
        }
    }
    if let Some(arguments) = arguments {
        redact::json(arguments);
        let text = arguments.to_string();
        if text.len() > ARGUMENTS_BYTES {
            *arguments = Value::String(text);
        }
    }
    let mut value = serde_json::to_value(&record).unwrap_or_default();
    cut(&mut value);
    match value {
        Value::Object(record) => record,
        // A struct with string keys becomes an object.
        other => Map::from_iter([("unreadable".to_owned(), other)]),
    }
}

fn cut(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > TEXT_BYTES => {
            let more = format!("… ({} bytes)", text.len());
            text.truncate(text.floor_char_boundary(TEXT_BYTES));
            text.push_str(&more);
        }
        Value::Array(items) => items.iter_mut().for_each(cut),
        Value::Object(fields) => {
            if fields.keys().any(|key| key.len() > TEXT_BYTES) {
                *value = Value::String("… (a key that is too long)".to_owned());
            } else {
                fields.values_mut().for_each(cut);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit::Kind;

    #[test]
    fn no_secret_and_no_long_text_is_kept() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG\n-----END PRIVATE KEY-----";
        let record = Record {
            arguments: Some(
                json!({ "manifest": { "password": "correct-horse" }, "text": "ä".repeat(5_000) }),
            ),
            detail: Some(format!("failed: {key}")),
            object: Some("x".repeat(5_000)),
            ..Record::new(Kind::Call)
        };
        let kept = Value::Object(clean(record)).to_string();
        assert!(
            !kept.contains("correct-horse") && !kept.contains("MIIEvAIBADANBgkqhkiG"),
            "{kept}"
        );
        assert!(kept.len() < 3 * TEXT_BYTES);
        assert!(kept.contains("… (10000 bytes)") && kept.contains("… (5000 bytes)"));
    }

    #[test]
    fn many_arguments_are_cut_as_one_text() {
        let many: Vec<Value> = (0..10_000).map(Value::from).collect();
        let record = Record {
            arguments: Some(Value::Array(many)),
            ..Record::new(Kind::Call)
        };
        let kept = clean(record);
        assert!(kept["arguments"].as_str().unwrap().starts_with("[0,1,2,3"));
        assert!(Value::Object(kept).to_string().len() < 2 * TEXT_BYTES);
    }

    #[test]
    fn what_does_not_apply_is_not_written() {
        let kept = Value::Object(clean(Record::new(Kind::Denial)));
        assert_eq!(kept, json!({ "kind": "denial", "time": 0 }));
    }
}
