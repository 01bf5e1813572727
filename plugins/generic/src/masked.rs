//! What the host has masked on the way here, and what must never be sent back: it would stand in place of the real value.

use serde_json::Value;

/// How the host's masks begin: `<redacted>`, `<redacted 12 bytes>`.
const MASK: &str = "<redacted";

/// Returns the path of the first text that holds a mask, such as `spec.env[0].value`; none where nothing is masked.
pub(crate) fn find(value: &Value) -> Option<String> {
    find_at(String::new(), value)
}

fn find_at(path: String, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains(MASK).then_some(path),
        Value::Object(entries) => entries.iter().find_map(|(key, value)| {
            let joint = if path.is_empty() { "" } else { "." };
            find_at(format!("{path}{joint}{key}"), value)
        }),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| find_at(format!("{path}[{index}]"), item))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::find;
    use serde_json::json;

    #[test]
    fn a_mask_is_found_wherever_it_stands_in_a_text() {
        let object = json!({ "spec": { "env": [{ "value": "a" }, { "value": "postgres://a:<redacted>@db" }] } });
        assert_eq!(find(&object).as_deref(), Some("spec.env[1].value"));
        let bytes = json!([["<redacted 12 bytes>"]]);
        assert_eq!(find(&bytes).as_deref(), Some("[0][0]"));
    }

    #[test]
    fn what_is_not_masked_is_not_found() {
        assert_eq!(find(&json!({ "a": ["redacted", 1, null, true] })), None);
    }
}
