//! From two values to the JSON patch (RFC 6902) between them.
//!
//! What is replaced or removed is tested first, so that the patch fails on anything else than what it was made from. The same
//! two values always give the same patch.

use serde_json::{Value, json};

/// Returns the operations that turn `before` into `after`, which stand at the JSON pointer `at`.
pub(crate) fn between(at: &str, before: &Value, after: &Value) -> Vec<Value> {
    let mut operations = Vec::new();
    collect(at, before, after, &mut operations);
    operations
}

fn collect(at: &str, before: &Value, after: &Value, operations: &mut Vec<Value>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, before) in old {
                let at = format!("{at}/{}", escaped(key));
                match new.get(key) {
                    Some(after) => collect(&at, before, after, operations),
                    None => operations.extend([
                        json!({ "op": "test", "path": at, "value": before }),
                        json!({ "op": "remove", "path": at }),
                    ]),
                }
            }
            let added = new.iter().filter(|(key, _)| !old.contains_key(*key));
            operations.extend(added.map(|(key, after)| {
                json!({ "op": "add", "path": format!("{at}/{}", escaped(key)), "value": after })
            }));
        }
        // A list of another length is replaced whole: by index, a removal would shift what follows.
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (before, after)) in old.iter().zip(new).enumerate() {
                collect(&format!("{at}/{index}"), before, after, operations);
            }
        }
        _ if before == after => {}
        _ => operations.extend([
            json!({ "op": "test", "path": at, "value": before }),
            json!({ "op": "replace", "path": at, "value": after }),
        ]),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::between;
    use serde_json::json;

    #[test]
    fn equal_values_need_no_patch() {
        let value = json!({ "a": [1, { "b": null }] });
        assert!(between("/spec", &value, &value).is_empty());
    }

    #[test]
    fn what_goes_is_tested_first_and_keys_are_escaped() {
        let before = json!({ "labels": { "a/b": "1" }, "list": [{ "image": "x:1" }, 2] });
        let after = json!({ "labels": {}, "list": [{ "image": "x:2" }, 2], "new": true });
        let expected = json!([
            { "op": "test", "path": "/t/labels/a~1b", "value": "1" },
            { "op": "remove", "path": "/t/labels/a~1b" },
            { "op": "test", "path": "/t/list/0/image", "value": "x:1" },
            { "op": "replace", "path": "/t/list/0/image", "value": "x:2" },
            { "op": "add", "path": "/t/new", "value": true },
        ]);
        assert_eq!(json!(between("/t", &before, &after)), expected);
    }

    #[test]
    fn a_list_of_another_length_is_replaced_whole() {
        let expected = json!([
            { "op": "test", "path": "/a", "value": [1, 2] },
            { "op": "replace", "path": "/a", "value": [2] },
        ]);
        let patch = between("", &json!({ "a": [1, 2] }), &json!({ "a": [2] }));
        assert_eq!(json!(patch), expected);
    }
}
