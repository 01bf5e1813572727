//! Which objects of a collection a list or a watch means.

use std::sync::Arc;

use serde_json::Value;

use crate::fields::FieldSelector;
use crate::params::Params;
use crate::selector::LabelSelector;
use crate::status::Refusal;
use crate::types::ResourceType;

/// Namespace, labels and fields.
#[derive(Debug)]
pub(crate) struct Selection {
    /// `NAMESPACE/`, or empty for all.
    prefix: String,
    labels: LabelSelector,
    fields: FieldSelector,
    /// Whether more than the namespace decides.
    pub(crate) is_selective: bool,
}

impl Selection {
    /// # Errors
    /// 400 if a selector cannot be read.
    pub(crate) fn of_request(
        of: &ResourceType,
        namespace: Option<&str>,
        params: &Params,
    ) -> Result<Self, Refusal> {
        let (labels, fields) = (params.text("labelSelector"), params.text("fieldSelector"));
        Ok(Self {
            prefix: namespace
                .map(|namespace| format!("{namespace}/"))
                .unwrap_or_default(),
            is_selective: labels.is_some() || fields.is_some(),
            labels: labels
                .map(LabelSelector::parse)
                .transpose()?
                .unwrap_or_default(),
            fields: fields
                .map(|text| FieldSelector::parse(text, of))
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// The first key that can match.
    pub(crate) fn first_key(&self) -> &str {
        &self.prefix
    }

    /// Whether `key` lies in the namespace.
    pub(crate) fn spans(&self, key: &str) -> bool {
        key.starts_with(&self.prefix)
    }

    /// Whether the object under `key` is meant.
    pub(crate) fn matches(&self, key: &str, object: &Arc<Value>) -> bool {
        self.spans(key)
            && self.labels.matches(
                object
                    .pointer("/metadata/labels")
                    .and_then(Value::as_object),
            )
            && self.fields.matches(object)
    }
}
