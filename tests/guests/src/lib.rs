//! What the hostile guests share: a way to say what the SDK is too polite for.
//!
//! Each guest is one file in `examples`, one behaviour, one tool of the guest's name. None of them is meant to harm the
//! machine of whoever runs the tests: each tries something that the host must stop, and says how far it came.

pub use bulkhead_plugin_sdk as sdk;

use sdk::bindings::exports::bulkhead::plugin::plugin::{Effect, Manifest, Tool};

/// The arguments of a tool that takes none.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Nothing {}

/// Exports a guest: the plugin's name, the function of its one tool, and what it wants, if anything.
#[macro_export]
macro_rules! hostile {
    ($name:literal, $tool:ident $(, $want:expr)?) => {
        fn describe() -> $crate::sdk::Plugin {
            let tool = $crate::sdk::Tool::read(stringify!($tool), "A hostile guest.", $tool);
            $crate::sdk::Plugin::new($name, "0.1.0", "A hostile guest.")$(.wants($want))?.tool(tool)
        }

        $crate::sdk::plugin!(describe);
    };
}

/// Exports a guest like [`hostile!`] whose one tool says that it may propose changes.
#[macro_export]
macro_rules! proposing {
    ($name:literal, $tool:ident, $want:expr) => {
        fn describe() -> $crate::sdk::Plugin {
            let tool = $crate::sdk::Tool::change(stringify!($tool), "A hostile guest.", $tool);
            $crate::sdk::Plugin::new($name, "0.1.0", "A hostile guest.")
                .wants($want)
                .tool(tool)
        }

        $crate::sdk::plugin!(describe);
    };
}

/// The schema of an object with anything in it.
pub const ANY_OBJECT: &str = r#"{"type":"object"}"#;

/// A manifest with one tool, whose name and output schema are taken as they are.
pub fn manifest(name: &str, output_schema: &str) -> Manifest {
    let tool = Tool {
        name: name.to_owned(),
        title: name.to_owned(),
        description: "A hostile guest.".to_owned(),
        input_schema: ANY_OBJECT.to_owned(),
        output_schema: Some(output_schema.to_owned()),
        effect: Effect::Read,
        destructive: false,
        idempotent: true,
    };
    Manifest {
        name: name.replace('_', "-"),
        version: "0.1.0".to_owned(),
        description: "A hostile guest.".to_owned(),
        wants: Vec::new(),
        tools: vec![tool],
        resources: Vec::new(),
        templates: Vec::new(),
        prompts: Vec::new(),
    }
}

/// Exports a guest whose one tool answers with any text in place of JSON. Takes the tool's name, its output schema, and a
/// `fn() -> String` that stands beside it.
#[macro_export]
macro_rules! impolite {
    ($name:literal, $schema:expr, $structured:ident) => {
        const SCHEMA: &str = $schema;

        #[cfg(not(target_arch = "wasm32"))]
        const _: (&str, fn() -> String) = (SCHEMA, $structured);

        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "a component's exports are C functions under fixed names")]
        mod component {
            use $crate::sdk::Failure;
            use $crate::sdk::bindings::exports::bulkhead::plugin::plugin as contract;

            struct Component;

            impl contract::Guest for Component {
                fn describe() -> contract::Manifest {
                    $crate::manifest($name, super::SCHEMA)
                }

                fn call_tool(_name: String, _input: String) -> Result<contract::Output, Failure> {
                    let content = vec![contract::Block::Text("an answer".to_owned())];
                    Ok(contract::Output { content, structured: Some(super::$structured()) })
                }

                fn read_resource(_uri: String) -> Result<Vec<contract::Contents>, Failure> {
                    Ok(Vec::new())
                }

                fn get_prompt(
                    _name: String,
                    _input: Vec<(String, String)>,
                ) -> Result<Vec<contract::Message>, Failure> {
                    Ok(Vec::new())
                }

                fn complete(
                    _target: contract::CompletionTarget,
                    _argument: String,
                    _value: String,
                    _given: Vec<(String, String)>,
                ) -> Result<Vec<String>, Failure> {
                    Ok(Vec::new())
                }
            }

            $crate::sdk::bindings::export!(Component with_types_in $crate::sdk::bindings);
        }
    };
}
