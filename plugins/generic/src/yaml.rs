//! Objects as people write them.

mod read;

use bulkhead_plugin_sdk::Failure;
use serde_json::Value;
use serde_saphyr::SerializerOptions;

pub(crate) use read::read;

/// Returns a value as YAML, with lists as kubectl indents them.
///
/// # Errors
/// `Internal` where the writer refuses the value.
pub(crate) fn write(value: &Value) -> Result<String, Failure> {
    let mut options = SerializerOptions::default();
    options.compact_list_indent = true;
    serde_saphyr::to_string_with_options(value, options)
        .map_err(|error| Failure::internal(format!("the value cannot be written as YAML: {error}")))
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::json;

    #[test]
    fn words_that_yaml_would_take_for_something_else_are_quoted() {
        let text =
            write(&json!({ "a": "yes", "b": "012", "c": "null", "d": "1.20", "e": "plain words" }))
                .expect("it is JSON");
        assert_eq!(
            text,
            "a: \"yes\"\nb: \"012\"\nc: \"null\"\nd: \"1.20\"\ne: plain words\n"
        );
    }

    #[test]
    fn a_list_stands_as_deep_as_its_key() {
        let text = write(&json!({ "containers": [{ "name": "app", "ports": [80] }] }))
            .expect("it is JSON");
        assert_eq!(text, "containers:\n- name: app\n  ports:\n  - 80\n");
    }
}
