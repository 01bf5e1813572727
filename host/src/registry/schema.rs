//! Arguments against the input schema, results against the output schema.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::failure::{Failure, Kind};
use crate::plugin::Tool;

/// Most faults that one answer names.
const MAX_FAULTS: usize = 5;

/// Removes the arguments that are null and not required: to a model, null and nothing are the same.
pub(crate) fn leave_out_nulls(tool: &Tool, arguments: &mut Value) {
    let required = tool.input_schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| {
        required.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)))
    };
    if let Some(arguments) = arguments.as_object_mut() {
        arguments.retain(|name, value| !value.is_null() || is_required(name));
    }
}

/// The validators of one tool, made when they are first needed: making all of them would delay the first answer.
#[derive(Default)]
pub(crate) struct Schemas {
    input: OnceLock<Validator>,
    output: OnceLock<Validator>,
}

impl Schemas {
    /// Checks arguments, before a guest is entered.
    ///
    /// # Errors
    /// `Invalid` with the JSON pointer of each fault and what was expected.
    pub(crate) fn check_arguments(&self, tool: &Tool, arguments: &Value) -> Result<(), Failure> {
        let validator = made(&self.input, &tool.input_schema)?;
        let faults = faults(validator, arguments);
        if faults.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Invalid,
            format!(
                "the arguments of `{}` are wrong: {}",
                tool.name,
                faults.join("; ")
            ),
        )
        .fix("correct them as the tool's input schema says"))
    }

    /// Checks a structured result: that it is a JSON object, and in debug builds that it matches the schema.
    ///
    /// # Errors
    /// `Plugin` with the faults.
    pub(crate) fn check_result(
        &self,
        tool: &Tool,
        structured: Option<&str>,
    ) -> Result<(), Failure> {
        let broken = |what: String| {
            Failure::new(
                Kind::Plugin,
                format!("tool `{}` answered with a broken result: {what}", tool.name),
            )
            .fix("tell the plugin's author")
        };
        let Some(text) = structured else {
            return match &tool.output_schema {
                Some(_) => Err(broken(
                    "its output schema promises a structured result, and there is none".to_owned(),
                )),
                None => Ok(()),
            };
        };
        let value: Value = serde_json::from_str(text)
            .map_err(|error| broken(format!("it is not JSON ({error})")))?;
        if !value.is_object() {
            return Err(broken("it is not a JSON object".to_owned()));
        }
        if let (true, Some(schema)) = (cfg!(debug_assertions), &tool.output_schema) {
            let faults = faults(made(&self.output, schema)?, &value);
            if !faults.is_empty() {
                return Err(broken(faults.join("; ")));
            }
        }
        Ok(())
    }
}

fn made<'a>(place: &'a OnceLock<Validator>, schema: &Value) -> Result<&'a Validator, Failure> {
    if let Some(validator) = place.get() {
        return Ok(validator);
    }
    let validator = jsonschema::draft202012::new(schema).map_err(|error| {
        Failure::new(
            Kind::Plugin,
            format!("a schema of the plugin cannot be used: {error}"),
        )
    })?;
    Ok(place.get_or_init(|| validator))
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    let fault = |error: jsonschema::ValidationError<'_>| {
        let pointer = error.instance_path().to_string();
        let place = if pointer.is_empty() {
            "/".to_owned()
        } else {
            pointer
        };
        // Cut: the message repeats the value, which may be anything.
        let words: String = error.to_string().chars().take(200).collect();
        format!("at `{place}`: {words}")
    };
    validator
        .iter_errors(value)
        .take(MAX_FAULTS)
        .map(fault)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool() -> Tool {
        Tool {
            name: "t".into(),
            title: String::new(),
            description: String::new(),
            input_schema: json!({"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}, "name": {"type": "string"}},
                "required": ["name"], "additionalProperties": false}),
            output_schema: Some(
                json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}),
            ),
            changes: false,
            destructive: false,
            idempotent: true,
        }
    }

    #[test]
    fn each_fault_of_the_arguments_is_named_with_its_pointer() {
        let text = Schemas::default()
            .check_arguments(&tool(), &json!({"limit": "ten", "nmae": 1}))
            .unwrap_err()
            .text();
        for part in [
            "`/limit`",
            "integer",
            "\"name\" is a required property",
            "'nmae'",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(
            Schemas::default()
                .check_arguments(&tool(), &json!({"name": "x", "limit": 3}))
                .is_ok()
        );
    }

    #[test]
    fn a_null_is_left_out_where_the_argument_may_be() {
        let mut arguments = json!({"limit": null, "name": null});
        leave_out_nulls(&tool(), &mut arguments);
        let refused = Schemas::default().check_arguments(&tool(), &arguments);
        assert!(refused.unwrap_err().text().contains("`/name`"));
        assert_eq!(arguments, json!({"name": null}));
    }

    #[test]
    fn a_result_that_breaks_its_promise_is_the_plugins_fault() {
        let schemas = Schemas::default();
        for broken in [None, Some("{"), Some("[]"), Some(r#"{"n":"x"}"#)] {
            assert_eq!(
                schemas.check_result(&tool(), broken).unwrap_err().kind,
                Kind::Plugin,
                "{broken:?}"
            );
        }
        assert!(schemas.check_result(&tool(), Some(r#"{"n":1}"#)).is_ok());
    }
}
