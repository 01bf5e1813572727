//! What a plugin is told: its settings, and those that the operator takes from the environment.
//!
//! Only the operator's file names variables. A plugin has no word in it, and sees nothing else of the environment.

use serde_json::{Map, Value};

use super::super::Environment;
use super::super::problem::{At, Report};

/// Longest key of a setting, and longest name of a variable.
const MAX_KEY: usize = 64;
const MAX_VARIABLE: usize = 128;

/// Returns the settings, with what variables give to keys that `given` does not have.
pub(super) fn settings(
    given: Map<String, Value>,
    from_environment: Vec<(At<String>, At<String>)>,
    environment: &Environment,
    report: &mut Report<'_>,
) -> Map<String, Value> {
    let mut settings = given;
    for (key, variable) in from_environment {
        if !is_name(&key.value, MAX_KEY, "_-") {
            let message = format!("`{}` cannot be the key of a setting", key.value);
            let fix =
                "begin with a letter or `_`; letters, digits, `_` and `-`; at most 64 characters";
            report.add(&key.place, message, fix);
            continue;
        }
        if !is_name(&variable.value, MAX_VARIABLE, "_") {
            let message = format!("`{}` cannot be the name of a variable", variable.value);
            let fix = "write its name alone, such as \"SHOP_NAMESPACE\": letters, digits and `_`";
            report.add(&variable.place, message, fix);
            continue;
        }
        let Some(value) = environment.variable(&variable.value) else {
            continue;
        };
        let Some(text) = value.to_str() else {
            let message = format!("the variable `{}` is not UTF-8 text", variable.value);
            report.add(
                &variable.place,
                message,
                "set it to a text, or leave the key out",
            );
            continue;
        };
        settings
            .entry(key.value)
            .or_insert_with(|| Value::from(text));
    }
    settings
}

fn is_name(text: &str, most: usize, joints: &str) -> bool {
    text.len() <= most
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || joints.contains(c))
}
