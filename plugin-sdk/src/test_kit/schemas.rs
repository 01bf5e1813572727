//! Arguments and results against the tool's own schemas, as the host checks them.

use crate::Failure;
use crate::bindings::exports::bulkhead::plugin::plugin::Tool;
use crate::output::Answer;
use serde_json::Value;

/// Checks arguments before the tool is called.
pub(super) fn check_arguments(tool: &Tool, arguments: &Value) -> Result<(), Failure> {
    match faults(&tool.input_schema, arguments).as_slice() {
        [] => Ok(()),
        faults => {
            let faults = faults.join("; ");
            Err(Failure::Invalid(format!(
                "the arguments of `{}` are wrong: {faults}",
                tool.name
            )))
        }
    }
}

/// Checks a structured result, so that a schema which promises too much fails the test and not a user's call.
pub(super) fn check_answer(tool: &Tool, answer: &Answer) -> Result<(), Failure> {
    let broken = |what: String| {
        Failure::Internal(format!(
            "tool `{}` answered with a broken result: {what}",
            tool.name
        ))
    };
    match (&tool.output_schema, &answer.structured) {
        (None, None) => Ok(()),
        (Some(_), None) | (None, Some(_)) => Err(broken(
            "schema and structured result belong together".to_owned(),
        )),
        (Some(schema), Some(value)) => match faults(schema, value).as_slice() {
            [] if value.is_object() => Ok(()),
            [] => Err(broken("it is not a JSON object".to_owned())),
            faults => Err(broken(faults.join("; "))),
        },
    }
}

fn faults(schema: &str, value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).expect("the SDK writes schemas as JSON");
    match jsonschema::draft202012::new(&schema) {
        Ok(validator) => {
            let faults = validator.iter_errors(value);
            faults
                .map(|fault| format!("at `{}/`: {fault}", fault.instance_path()))
                .collect()
        }
        Err(error) => vec![format!("the schema cannot be used: {error}")],
    }
}
