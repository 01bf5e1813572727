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
    Ok(plugin.run(name, input)?.into_contract())
}

/// Answers `read-resource`.
///
/// # Errors
/// As [`Plugin::read`].
pub fn read_resource(plugin: &Plugin, uri: &str) -> Result<Vec<Contents>, Failure> {
    Ok(vec![plugin.read(uri)?.at(uri)])
}
