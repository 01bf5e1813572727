//! In which form a client wants its answer, from the `Accept` header.
//!
//! `Table` is not served: a client that also takes plain JSON gets that, as with a server that knows no tables.

use crate::status::Refusal;

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are.
    Whole,
    /// `PartialObjectMetadata`, for one object or the events of a watch.
    Metadata,
    /// `PartialObjectMetadataList`.
    MetadataList,
    /// `APIGroupDiscoveryList` of `apidiscovery.k8s.io/v2`, for `/api` and `/apis`.
    AggregatedDiscovery,
}

/// Returns the first form of the header that this server can write.
///
/// # Errors
/// 406 if there is none.
pub(crate) fn negotiate(accept: Option<&str>) -> Result<Form, Refusal> {
    let Some(accept) = accept else {
        return Ok(Form::Whole);
    };
    accept.split(',').find_map(form).ok_or_else(|| {
        Refusal::not_acceptable(
            "406: Not Acceptable\n\nAvailable representations: application/json (simcluster writes neither tables, YAML nor protobuf)",
        )
    })
}

fn form(range: &str) -> Option<Form> {
    let mut parts = range.split(';').map(str::trim);
    if !matches!(parts.next()?, "application/json" | "application/*" | "*/*") {
        return None;
    }
    let (mut kind, mut group, mut version) = (None, "", "");
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match name {
            "as" => kind = Some(value),
            "g" => group = value,
            "v" => version = value,
            // `q`, `stream`, `charset`: the answer is the same.
            _ => {}
        }
    }
    match (kind, group, version) {
        (None, ..) => Some(Form::Whole),
        (Some("PartialObjectMetadata"), "meta.k8s.io", "v1") => Some(Form::Metadata),
        (Some("PartialObjectMetadataList"), "meta.k8s.io", "v1") => Some(Form::MetadataList),
        (Some("APIGroupDiscoveryList"), "apidiscovery.k8s.io", "v2") => {
            Some(Form::AggregatedDiscovery)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, negotiate};

    #[test]
    fn kubectl_get_falls_back_from_a_table_to_json() {
        let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(negotiate(Some(accept)).ok(), Some(Form::Whole));
    }

    #[test]
    fn a_client_that_only_takes_a_table_is_told_so() {
        assert!(negotiate(Some("application/json;as=Table;v=v1;g=meta.k8s.io")).is_err());
    }
}
