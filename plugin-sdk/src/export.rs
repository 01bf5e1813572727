//! What the code that [`plugin!`](crate::plugin!) writes into a plugin refers to. Not for authors.

pub use crate::bindings::exports::bulkhead::plugin::plugin::{
    CompletionTarget, Contents, Guest, Manifest, Message, Output,
};
use crate::{Failure, Plugin};

/// Answers `call-tool`.
///
/// # Errors
/// As [`Plugin::call`].
pub fn call_tool(plugin: &Plugin, name: &str, input: &str) -> Result<Output, Failure> {
    Ok(plugin.call(name, input)?.into_contract())
}

/// The answer to a question for something that a plugin of tools does not have.
pub fn no_such(what: &str, name: &str) -> Failure {
    Failure::NotFound(format!("this plugin has no {what} `{name}`"))
}
