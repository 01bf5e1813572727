//! A plugin as a value: its tools and its wants. `describe` and `call-tool` both read from it, so they cannot disagree.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::output::Answer;
use crate::{Failure, Tool, Want};

/// A plugin: what it is called, what it asks for, and its tools.
pub struct Plugin {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    wants: Vec<Want>,
    tools: Vec<Tool>,
}

impl Plugin {
    /// A plugin without tools. The name is `[a-z][a-z0-9-]{0,31}`, the version `env!("CARGO_PKG_VERSION")`, the description one
    /// sentence for the operator.
    pub fn new(name: &'static str, version: &'static str, description: &'static str) -> Self {
        Self {
            name,
            version,
            description,
            wants: Vec::new(),
            tools: Vec::new(),
        }
    }

    /// Adds a power to ask the operator for.
    #[must_use]
    pub fn wants(mut self, want: Want) -> Self {
        self.wants.push(want);
        self
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Runs a tool on the JSON text of its arguments.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for an unknown tool, [`Failure::Invalid`] for arguments that do not fit, else the tool's own.
    pub fn call(&self, name: &str, input: &str) -> Result<Answer, Failure> {
        match self.tools.iter().find(|tool| tool.name() == name) {
            Some(tool) => tool.call(input),
            None => Err(Failure::NotFound(format!(
                "plugin `{}` has no tool `{name}`",
                self.name
            ))),
        }
    }

    /// Returns the tools as `describe` names them.
    pub(crate) fn tools(&self) -> impl Iterator<Item = contract::Tool> {
        self.tools.iter().map(Tool::to_contract)
    }

    /// Returns what `describe` answers.
    pub fn manifest(self) -> contract::Manifest {
        contract::Manifest {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            description: self.description.to_owned(),
            tools: self.tools().collect(),
            wants: self.wants.into_iter().map(Want::into_contract).collect(),
            resources: Vec::new(),
            templates: Vec::new(),
            prompts: Vec::new(),
        }
    }
}

/// Exports a plugin as a component. Takes the name of a `fn() -> Plugin` that stands beside it and makes no host call.
///
/// Outside of WebAssembly it exports nothing, so that the plugin's own tests link.
#[macro_export]
macro_rules! plugin {
    ($describe:ident) => {
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() -> $crate::Plugin = $describe;

        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "a component's exports are C functions under fixed names")]
        mod component {
            struct Component;

            impl $crate::export::Guest for Component {
                fn describe() -> $crate::export::Manifest {
                    super::$describe().manifest()
                }

                fn call_tool(name: String, input: String) -> Result<$crate::export::Output, $crate::Failure> {
                    $crate::export::call_tool(&super::$describe(), &name, &input)
                }

                fn read_resource(uri: String) -> Result<Vec<$crate::export::Contents>, $crate::Failure> {
                    Err($crate::export::no_such("resource", &uri))
                }

                fn get_prompt(
                    name: String,
                    _input: Vec<(String, String)>,
                ) -> Result<Vec<$crate::export::Message>, $crate::Failure> {
                    Err($crate::export::no_such("prompt", &name))
                }

                fn complete(
                    _target: $crate::export::CompletionTarget,
                    argument: String,
                    _value: String,
                ) -> Result<Vec<String>, $crate::Failure> {
                    Err($crate::export::no_such("completion", &argument))
                }
            }

            $crate::bindings::export!(Component with_types_in $crate::bindings);
        }
    };
}

#[cfg(test)]
mod tests {
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
}
