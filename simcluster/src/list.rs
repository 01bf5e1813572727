//! LIST: pages of a collection as it stood at one resource version.
//!
//! A continue token holds the resource version of its first page, so that the pages together are the collection at that
//! time. A token from before a compaction is refused with 410 and another token, with which the list can go on at a
//! newer state.

use std::borrow::Cow;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::accept::Form;
use crate::cluster::{Cluster, Collection, shown_as};
use crate::params::Params;
use crate::selection::Selection;
use crate::status::Refusal;
use crate::types::ResourceType;

/// Where a list goes on.
struct Token {
    /// Of the first page; none to go on at the newest state.
    resource_version: Option<u64>,
    /// The last key that was listed.
    after: String,
}

/// Answers a LIST.
///
/// # Errors
/// 400 for parameters that cannot be read, 406 for the form of a single object, 410 for a state that is forgotten,
/// 504 for one that is yet to come.
pub(crate) fn list(
    cluster: &Cluster,
    of: &ResourceType,
    namespace: Option<&str>,
    params: &Params,
    form: Form,
) -> Result<Value, Refusal> {
    if form == Form::Metadata {
        return Err(Refusal::not_acceptable(format!(
            "you requested PartialObjectMetadata, but the requested object is a list ({})",
            of.list_kind
        )));
    }
    let selection = Selection::of_request(of, namespace, params)?;
    let limit = params
        .integer("limit")?
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit > 0);
    let token = params.text("continue").map(Token::decode).transpose()?;
    let (collection, resource_version) = state(cluster, of, params, token.as_ref())?;

    let start = match &token {
        Some(token) => Bound::Excluded(token.after.as_str()),
        None => Bound::Included(selection.first_key()),
    };
    let mut matching = collection
        .range::<str, _>((start, Bound::Unbounded))
        .take_while(|(key, _)| selection.spans(key))
        .filter(|(key, object)| selection.matches(key, object));
    let page: Vec<_> = matching
        .by_ref()
        .take(limit.unwrap_or(usize::MAX))
        .collect();
    let remaining = if limit.is_some() { matching.count() } else { 0 };

    let mut metadata = Map::new();
    metadata.insert(
        "resourceVersion".into(),
        resource_version.to_string().into(),
    );
    if let Some((last, _)) = page.last().filter(|_| remaining > 0) {
        let next = Token {
            resource_version: Some(resource_version),
            after: (*last).clone(),
        };
        metadata.insert("continue".into(), next.encode().into());
        if !selection.is_selective {
            metadata.insert("remainingItemCount".into(), remaining.into());
        }
    }
    let items: Vec<Value> = page
        .into_iter()
        .map(|(_, object)| item(object, of, form))
        .collect();
    Ok(match form {
        Form::MetadataList | Form::Metadata => {
            json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items})
        }
        Form::Whole | Form::AggregatedDiscovery => {
            json!({"kind": of.list_kind, "apiVersion": of.api_version(), "metadata": metadata, "items": items})
        }
    })
}

/// The metadata of an object, as the API gives it where a client asks for no more.
pub(crate) fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

/// Items of built-in lists say neither kind nor version: the list does.
fn item(object: &Value, of: &ResourceType, form: Form) -> Value {
    if form == Form::MetadataList {
        return partial(object);
    }
    let mut object = shown_as(object, of);
    if !of.custom
        && of.group != "metrics.k8s.io"
        && let Some(object) = object.as_object_mut()
    {
        object.remove("kind");
        object.remove("apiVersion");
    }
    object
}

/// The collection to list, and its resource version.
fn state<'a>(
    cluster: &'a Cluster,
    of: &ResourceType,
    params: &Params,
    token: Option<&Token>,
) -> Result<(Cow<'a, Collection>, u64), Refusal> {
    let current = cluster.journal().resource_version();
    let asked = resource_version(params)?;
    if let Some(token) = token {
        if asked.is_some_and(|asked| asked > 0) {
            return Err(Refusal::bad_request(
                "specifying resource version is not allowed when using continue",
            ));
        }
        let Some(resource_version) = token.resource_version else {
            return Ok((cluster.collection(of), current));
        };
        let inconsistent = Token {
            resource_version: None,
            after: token.after.clone(),
        };
        let collection = cluster.collection_at(of, resource_version).ok_or_else(|| {
            Refusal::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new \
                 list without the continue parameter, or use the continue token in this response to retrieve the \
                 remainder of the results. Continuing with the provided token results in an inconsistent list - \
                 objects that were created, modified, or deleted between the time the first chunk was returned and \
                 now may show up in the list.",
                Some(inconsistent.encode()),
            )
        })?;
        return Ok((collection, resource_version));
    }
    match asked {
        Some(asked) if asked > current => Err(Refusal::too_large_resource_version(asked, current)),
        Some(asked) if params.text("resourceVersionMatch") == Some("Exact") => {
            let collection = cluster.collection_at(of, asked).ok_or_else(|| {
                Refusal::expired(
                    "The resourceVersion for the provided list is too old.",
                    None,
                )
            })?;
            Ok((collection, asked))
        }
        // Not older than what was asked for: the newest is that.
        _ => Ok((cluster.collection(of), current)),
    }
}

fn resource_version(params: &Params) -> Result<Option<u64>, Refusal> {
    let parse = |value: &str| {
        value.parse().map_err(|_| {
            Refusal::bad_request(format!(
                "invalid resource version: resourceVersion: Invalid value: \"{value}\": strconv.ParseUint: parsing \"{value}\": invalid syntax"
            ))
        })
    };
    params.text("resourceVersion").map(parse).transpose()
}

impl Token {
    /// -1 stands for the newest state, as in the real server's tokens. Clients must not look inside.
    fn encode(&self) -> String {
        let version = self.resource_version.map_or(json!(-1), Value::from);
        let token =
            json!({"v": "meta.k8s.io/v1", "rv": version, "start": format!("{}\u{0}", self.after)});
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    fn decode(text: &str) -> Result<Self, Refusal> {
        let read = || -> Option<Self> {
            let token: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let after = token["start"].as_str()?.strip_suffix('\u{0}')?.to_owned();
            let resource_version = match token["rv"].as_i64()? {
                -1 => None,
                version => Some(u64::try_from(version).ok().filter(|version| *version > 0)?),
            };
            (token["v"] == "meta.k8s.io/v1").then_some(Self {
                resource_version,
                after,
            })
        };
        read().ok_or_else(|| {
            Refusal::bad_request(
                "invalid continue token: continue key is not valid: it was not made by this server",
            )
        })
    }
}
