//! How much one answer may be: text and structured result together stay below the host's default of 32 KiB.

use crate::yaml;
use bulkhead_plugin_sdk::Failure;
use serde_json::Value;

/// The most bytes of text and structured result together. What is left is for the frame around them.
pub(crate) const ANSWER_BYTES: usize = 26 * 1024;

/// A value that fits, and what had to be left out for that.
#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) value: Value,
    /// The value as YAML.
    pub(crate) text: String,
    /// Such as `spec (41250 bytes)`, the largest first.
    pub(crate) left_out: Vec<String>,
}

/// Leaves out the largest parts of a value until it fits. Only whole entries of the top level go, so that what stays is true.
///
/// # Errors
/// `Limit` for a single value that is too large and has no parts.
pub(crate) fn fit(mut value: Value, most: usize) -> Result<Fitted, Failure> {
    let mut left_out = Vec::new();
    loop {
        let text = yaml::write(&value)?;
        let size = text.len() + value.to_string().len();
        if size <= most {
            return Ok(Fitted {
                value,
                text,
                left_out,
            });
        }
        let Some((name, bytes)) = remove_largest(&mut value) else {
            return Err(Failure::Limit(format!(
                "the value is too large for one answer ({size} bytes)"
            ))
            .next_step("ask for a part of it with `path`, such as `spec.containers[0].image`"));
        };
        left_out.push(format!("{name} ({bytes} bytes)"));
    }
}

/// Removes the largest entry of an object, or the last item of a list, and returns its name and size.
fn remove_largest(value: &mut Value) -> Option<(String, usize)> {
    match value {
        Value::Object(entries) => {
            let (name, bytes) = entries
                .iter()
                .map(|(name, entry)| (name.clone(), entry.to_string().len()))
                .max_by_key(|(_, bytes)| *bytes)?;
            entries.remove(&name);
            Some((name, bytes))
        }
        Value::Array(items) => {
            let last = items.pop()?;
            Some((format!("[{}]", items.len()), last.to_string().len()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::fit;
    use bulkhead_plugin_sdk::Failure;
    use serde_json::json;

    #[test]
    fn the_largest_part_goes_first_and_is_named() {
        let object = json!({ "kind": "Thing", "data": "x".repeat(500), "spec": "y".repeat(300) });
        let fitted = fit(object, 700).expect("the rest fits");
        assert_eq!(
            fitted.value,
            json!({ "kind": "Thing", "spec": "y".repeat(300) })
        );
        assert_eq!(fitted.left_out, ["data (502 bytes)"]);
    }

    #[test]
    fn a_list_loses_its_end() {
        let fitted =
            fit(json!(["a".repeat(100), "b".repeat(100)]), 300).expect("the first item fits");
        assert_eq!(fitted.value, json!(["a".repeat(100)]));
        assert_eq!(fitted.left_out, ["[1] (102 bytes)"]);
    }

    #[test]
    fn a_single_text_that_is_too_large_is_a_limit_with_a_next_step() {
        let failure = fit(json!("x".repeat(500)), 100).expect_err("it has no parts");
        assert!(
            matches!(&failure, Failure::Limit(message) if message.contains("`path`")),
            "{failure}"
        );
    }
}
