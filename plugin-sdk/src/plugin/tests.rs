use super::Plugin;
use crate::bindings::exports::bulkhead::plugin::plugin::CompletionTarget;
use crate::{Contents, Failure, Output, Prompt, Resource, Template, Text, Tool, Typed, Want};
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

#[derive(serde::Deserialize)]
struct Which {
    of: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Addend {
    /// What to begin with.
    first: String,
}

fn sums() -> Result<Vec<u32>, Failure> {
    Ok(vec![3])
}

fn sum(which: Which) -> Result<Text, Failure> {
    Ok(Text(format!("the sum of {}", which.of)))
}

fn any_sum(which: Which) -> Result<Contents, Failure> {
    Ok(Contents {
        mime_type: "text/markdown".to_owned(),
        text: format!("# {}", which.of),
    })
}

fn addends(typed: Typed<'_>) -> Result<Vec<String>, Failure> {
    Ok(vec![format!("{}1", typed.value()), "20".to_owned()])
}

fn ask(addend: Addend) -> Result<String, Failure> {
    Ok(format!("begin with {}", addend.first))
}

fn readable() -> Plugin {
    Plugin::new("sums", "1.2.3", "Adds up.")
        .resource(Resource::new("sums://all", "all", "All of them.", sums).title("All"))
        .template(
            Template::new("sums://of/{of}", "one", "One of them.", sum)
                .mime_type("text/x-sum")
                .completes("of", addends),
        )
        .template(Template::new("sums://{of}", "any", "Any.", any_sum))
        .template(Template::new("sums://{+of}", "wild", "Never.", sum))
        .prompt(Prompt::new("ask", "Asks.", ask).completes("first", addends))
}

fn contents(mime_type: &str, text: &str) -> Contents {
    Contents {
        mime_type: mime_type.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn the_manifest_holds_what_can_be_read() {
    let manifest = readable().manifest();
    let [resource] = manifest.resources.as_slice() else {
        panic!("one resource was added");
    };
    assert_eq!(
        (resource.uri.as_str(), resource.title.as_str()),
        ("sums://all", "All")
    );
    let types: Vec<_> = manifest
        .templates
        .iter()
        .map(|it| (it.uri_template.as_str(), it.mime_type.as_str()))
        .collect();
    assert_eq!(
        types,
        [
            ("sums://of/{of}", "text/x-sum"),
            ("sums://{of}", "text/plain"),
            ("sums://{+of}", "text/plain"),
        ]
    );
    let [prompt] = manifest.prompts.as_slice() else {
        panic!("one prompt was added");
    };
    assert_eq!(
        (prompt.name.as_str(), prompt.title.as_str()),
        ("ask", "ask")
    );
    assert_eq!(prompt.arguments[0].description, "What to begin with.");
}

#[test]
fn a_fixed_uri_comes_before_a_template_and_the_first_template_before_the_next() {
    let read = |uri: &str| readable().read(uri);
    assert_eq!(read("sums://all"), Ok(contents("application/json", "[3]")));
    let sum = contents("text/x-sum", "the sum of 1 and 2");
    assert_eq!(read("sums://of/1%20and%202"), Ok(sum));
    assert_eq!(read("sums://of"), Ok(contents("text/markdown", "# of")));
}

#[test]
fn a_uri_that_nothing_matches_is_named_with_what_there_is() {
    let failure = readable().read("sums://a/b/c");
    let words = "plugin `sums` has no resource `sums://a/b/c`; it has sums://all, sums://of/{of}, sums://{of}, sums://{+of}";
    assert_eq!(failure, Err(Failure::not_found(words)));
    let failure = describe().read("sums://all");
    let words = "plugin `sums` has no resource `sums://all`; it has none";
    assert_eq!(failure, Err(Failure::not_found(words)));
}

#[test]
fn a_template_whose_function_asks_for_another_variable_fails_that_read() {
    let plugin = Plugin::new("sums", "1.2.3", "Adds up.").template(Template::new(
        "sums://{for}",
        "one",
        "One.",
        sum,
    ));
    let failure = plugin.read("sums://1").expect_err("there is no `of`");
    assert!(
        failure.message().contains("missing field `of`"),
        "{failure}"
    );
}

#[test]
fn an_unknown_prompt_is_not_found() {
    let failure = readable().get_prompt("tell", &[]);
    let words = "plugin `sums` has no prompt `tell`";
    assert_eq!(failure, Err(Failure::not_found(words)));
}

#[test]
fn only_what_says_so_is_completed() {
    let template = |uri_template: &str| CompletionTarget::Template(uri_template.to_owned());
    let prompt = |name: &str| CompletionTarget::Prompt(name.to_owned());
    for (target, argument, values) in [
        (template("sums://of/{of}"), "of", vec!["21", "20"]),
        (template("sums://of/{of}"), "for", vec![]),
        (template("sums://{of}"), "of", vec![]),
        (template("sums://all"), "of", vec![]),
        (prompt("ask"), "first", vec!["21", "20"]),
        (prompt("ask"), "second", vec![]),
        (prompt("tell"), "first", vec![]),
    ] {
        let completed = readable().complete(&target, argument, "2", &[]);
        let values = values.into_iter().map(str::to_owned).collect();
        assert_eq!(completed, Ok(values), "{target:?} {argument}");
    }
}
