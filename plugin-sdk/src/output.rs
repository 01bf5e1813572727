//! What a tool answers.
//!
//! Text and structured result say the same: by default the text is the JSON of the result; a tool that words it better
//! returns an [`Output`].

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::{Failure, schema};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A structured result together with the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output<T> {
    /// What a model reads.
    pub text: String,
    /// The same as a value.
    pub structured: T,
}

/// An answer that is only text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

/// What every answer comes down to: text, and the structured result where there is one.
pub type Answer = Output<Option<Value>>;

/// An answer on its way to the host: its structured result as JSON text.
pub type Written = Output<Option<String>>;

/// What a tool may return: any type with a schema of type object, an [`Output`] of one, or a [`Text`].
pub trait IntoOutput {
    /// Returns the JSON Schema of the structured result; none where there is only text.
    fn output_schema() -> Option<Value>;

    /// Returns the text and the structured result.
    ///
    /// # Errors
    /// [`Failure::Internal`] where the result cannot be written as JSON.
    fn into_output(self) -> Result<Written, Failure>;
}

impl<T: Serialize + JsonSchema> IntoOutput for T {
    fn output_schema() -> Option<Value> {
        Some(schema::of_result::<T>())
    }

    fn into_output(self) -> Result<Written, Failure> {
        let structured = to_json(&self)?;
        Ok(Output {
            text: structured.clone(),
            structured: Some(structured),
        })
    }
}

impl<T: Serialize + JsonSchema> IntoOutput for Output<T> {
    fn output_schema() -> Option<Value> {
        T::output_schema()
    }

    fn into_output(self) -> Result<Written, Failure> {
        Ok(Output {
            text: self.text,
            structured: Some(to_json(&self.structured)?),
        })
    }
}

impl IntoOutput for Text {
    fn output_schema() -> Option<Value> {
        None
    }

    fn into_output(self) -> Result<Written, Failure> {
        Ok(Output {
            text: self.0,
            structured: None,
        })
    }
}

impl Written {
    /// Returns the same with the structured result as a value.
    ///
    /// # Errors
    /// [`Failure::Internal`] where it is no JSON.
    pub(crate) fn parsed(self) -> Result<Answer, Failure> {
        let parse = |text: String| {
            serde_json::from_str(&text)
                .map_err(|error| Failure::Internal(format!("the result is no JSON: {error}")))
        };
        Ok(Output {
            text: self.text,
            structured: self.structured.map(parse).transpose()?,
        })
    }

    pub(crate) fn into_contract(self) -> contract::Output {
        contract::Output {
            content: vec![contract::Block::Text(self.text)],
            structured: self.structured,
        }
    }
}

pub(crate) fn to_json(result: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(result)
        .map_err(|error| Failure::Internal(format!("the result is no JSON: {error}")))
}
