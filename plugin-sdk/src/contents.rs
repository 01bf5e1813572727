//! What reading a resource gives.
//!
//! One text with its MIME type. A value is written as JSON; what should be read otherwise says so itself.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::output::to_json;
use crate::{Failure, Text};
use serde::Serialize;

/// A resource as it was read: a text and what kind of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Such as `application/yaml`.
    pub mime_type: String,
    /// The whole text.
    pub text: String,
}

impl Contents {
    /// Says where it was read.
    pub(crate) fn at(self, uri: impl Into<String>) -> contract::Contents {
        contract::Contents {
            uri: uri.into(),
            mime_type: self.mime_type,
            text: self.text,
        }
    }
}

/// What the function of a resource may return: any type that serde writes, a [`Text`], or [`Contents`].
pub trait IntoContents {
    /// What the resource is listed with where [`mime_type`](crate::Resource::mime_type) does not say otherwise.
    const MIME_TYPE: &'static str;

    /// Returns the text. `mime_type` is what the resource is listed with.
    ///
    /// # Errors
    /// [`Failure::Internal`] where the value cannot be written as JSON.
    fn into_contents(self, mime_type: &str) -> Result<Contents, Failure>;
}

impl<T: Serialize> IntoContents for T {
    const MIME_TYPE: &'static str = "application/json";

    fn into_contents(self, mime_type: &str) -> Result<Contents, Failure> {
        Text(to_json(&self)?).into_contents(mime_type)
    }
}

impl IntoContents for Text {
    const MIME_TYPE: &'static str = "text/plain";

    fn into_contents(self, mime_type: &str) -> Result<Contents, Failure> {
        Ok(Contents {
            mime_type: mime_type.to_owned(),
            text: self.0,
        })
    }
}

/// Keeps its own MIME type, whatever the resource is listed with.
impl IntoContents for Contents {
    const MIME_TYPE: &'static str = Text::MIME_TYPE;

    fn into_contents(self, _mime_type: &str) -> Result<Contents, Failure> {
        Ok(self)
    }
}
