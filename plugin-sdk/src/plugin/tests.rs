use super::Plugin;
use crate::{Failure, Output, Text, Tool, Want};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Numbers {
    /// To be added up.
    numbers: Vec<u32>,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Sum {
    sum: u32,
}

fn add(arguments: Numbers) -> Result<Sum, Failure> {
    Ok(Sum {
        sum: arguments.numbers.iter().sum(),
    })
}

fn add_in_words(arguments: Numbers) -> Result<Output<Sum>, Failure> {
    let structured = add(arguments)?;
    Ok(Output {
        text: format!("the sum is {}", structured.sum),
        structured,
    })
}

fn only_words(_: Numbers) -> Result<Text, Failure> {
    Ok(Text("words".to_owned()))
}

fn describe() -> Plugin {
    Plugin::new("sums", "1.2.3", "Adds up.")
        .wants(Want::cluster(
            &[""],
            &["pods"],
            &["list"],
            "to have numbers",
        ))
        .tool(Tool::read("add", "Adds numbers up.", add).title("Add"))
        .tool(Tool::read(
            "add_in_words",
            "Adds numbers up, in words.",
            add_in_words,
        ))
        .tool(Tool::read("only_words", "Has no value.", only_words))
}

#[test]
fn the_manifest_holds_the_schemas_of_the_functions_types() {
    let manifest = describe().manifest();
    let tool = manifest.tools.first().expect("three tools were added");
    let input: serde_json::Value =
        serde_json::from_str(&tool.input_schema).expect("a schema is JSON");
    assert_eq!((tool.name.as_str(), tool.title.as_str()), ("add", "Add"));
    assert_eq!(
        input["properties"]["numbers"]["description"],
        "To be added up."
    );
    assert_eq!(input["required"], json!(["numbers"]));
    assert!(
        tool.output_schema
            .as_deref()
            .is_some_and(|schema| schema.contains("sum"))
    );
    assert!(
        manifest
            .tools
            .last()
            .is_some_and(|tool| tool.output_schema.is_none())
    );
    assert_eq!(manifest.wants.len(), 1);
}

#[test]
fn a_plain_result_is_its_own_text() {
    let output = describe()
        .call("add", r#"{"numbers":[1,2]}"#)
        .expect("the arguments fit");
    assert_eq!(
        output,
        Output {
            text: r#"{"sum":3}"#.to_owned(),
            structured: Some(json!({ "sum": 3 }))
        }
    );
}

#[test]
fn an_output_keeps_its_words_beside_the_value() {
    let output = describe()
        .call("add_in_words", r#"{"numbers":[4]}"#)
        .expect("the arguments fit");
    assert_eq!(
        output,
        Output {
            text: "the sum is 4".to_owned(),
            structured: Some(json!({ "sum": 4 }))
        }
    );
}

#[test]
fn an_unknown_tool_is_not_found_and_a_wrong_argument_is_invalid() {
    let unknown = describe()
        .call("subtract", "{}")
        .expect_err("there is no such tool");
    assert_eq!(
        unknown,
        Failure::NotFound("plugin `sums` has no tool `subtract`".to_owned())
    );
    let wrong = describe()
        .call("add", r#"{"numbers":"one"}"#)
        .expect_err("a text is no list");
    assert!(
        matches!(&wrong, Failure::Invalid(message) if message.contains("invalid type: string")),
        "{wrong}"
    );
}
