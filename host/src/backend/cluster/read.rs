//! One object, and one page of a list.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::request::{Accept, Connection};
use super::selector::{check_field_selector, check_label_selector};
use super::token::Tokens;
use super::url::Url;
use super::{Cluster, Place, names};
use crate::call::Call;
use crate::clean::{Judged, Raw};
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit};

/// The largest page that may be asked for: the server's own chunk size in kubectl.
pub(crate) const MAX_PAGE: u32 = 500;

/// Which objects of a type, in which version.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListQuery {
    /// None is the version that the server prefers.
    pub(crate) version: Option<String>,
    /// As `kubectl -l`.
    pub(crate) label_selector: Option<String>,
    /// As `kubectl --field-selector`.
    pub(crate) field_selector: Option<String>,
    /// Whether metadata is all that is needed.
    pub(crate) metadata_only: bool,
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    /// The covered objects, in the server's order.
    pub(crate) objects: Raw<Vec<Judged>>,
    /// None on the last page.
    pub(crate) continue_token: Option<String>,
    /// None where the server does not say, or the permit does not cover all that it counts.
    pub(crate) remaining: Option<u32>,
    /// Of the collection.
    pub(crate) resource_version: String,
}

/// A list that is read page by page.
pub(super) struct Listing<'a> {
    connection: Arc<Connection>,
    place: Place,
    url: Url,
    accept: Accept,
    permit: Permit,
    tokens: &'a Tokens,
}

impl Cluster {
    /// Reads one object.
    ///
    /// # Errors
    /// `NotFound`, also for one that no grant covers; `Upstream`, `Invalid`, `Denied` by the API server.
    pub(crate) async fn get(
        &self,
        permit: Permit,
        call: &Call,
        version: Option<&str>,
        metadata_only: bool,
    ) -> Result<Raw<Judged>, Failure> {
        let Operation::Get {
            resource,
            reach,
            name,
        } = permit.operation()
        else {
            return Err(wrong_permit());
        };
        names::object(name)?;
        call.bound(async {
            let place = self.place(resource, version, reach).await?;
            let connection = self.connection_as(&call.actor).await?;
            let accept = if metadata_only {
                Accept::Metadata
            } else {
                Accept::Json
            };
            let object = connection.get_json(&place.url().join(name), accept).await;
            let mut object: Value = match self.noting_expiry(object) {
                Err(failure) if failure.kind == Kind::NotFound => return Err(place.absent(name)),
                other => other?,
            };
            place.complete(&mut object);
            let raw = Raw::object(&permit, object).map_err(|_| place.absent(name))?;
            take_objects(&permit, call, 1)?;
            Ok(raw)
        })
        .await
    }

    /// Reads one page of at most `limit` objects.
    ///
    /// # Errors
    /// `Conflict` for a continue token that is too old; `Invalid`, `Upstream`, `Denied` by the API server.
    pub(crate) async fn list_page(
        &self,
        permit: Permit,
        call: &Call,
        query: &ListQuery,
        limit: u32,
        continue_token: Option<&str>,
    ) -> Result<Page, Failure> {
        if limit == 0 || limit > MAX_PAGE {
            return Err(Failure::new(
                Kind::Invalid,
                format!("a page of {limit} objects cannot be read"),
            )
            .fix(format!("use a limit from 1 to {MAX_PAGE}")));
        }
        call.bound(async {
            let listing = self.listing(permit, call, query).await?;
            self.noting_expiry(listing.page(call, limit, continue_token).await)
        })
        .await
    }

    /// Begins a list.
    pub(super) async fn listing(
        &self,
        permit: Permit,
        call: &Call,
        query: &ListQuery,
    ) -> Result<Listing<'_>, Failure> {
        let Operation::List {
            resource, reach, ..
        } = permit.operation()
        else {
            return Err(wrong_permit());
        };
        if let Some(selector) = &query.field_selector {
            check_field_selector(resource, selector)?;
        }
        if let Some(selector) = &query.label_selector {
            check_label_selector(resource, selector)?;
        }
        let place = self
            .place(resource, query.version.as_deref(), reach)
            .await?;
        // What the grant says about labels, the server can filter: a page then is full of what may be seen.
        let labels = match (
            query
                .label_selector
                .as_deref()
                .filter(|text| !text.is_empty()),
            permit.label_selector(),
        ) {
            (Some(asked), Some(granted)) => Some(format!("{asked},{granted}")),
            (asked, granted) => asked.map(str::to_owned).or(granted),
        };
        let fields = query
            .field_selector
            .as_deref()
            .filter(|text| !text.is_empty());
        Ok(Listing {
            connection: self.connection_as(&call.actor).await?,
            url: place
                .url()
                .with_some("labelSelector", labels)
                .with_some("fieldSelector", fields),
            place,
            accept: if query.metadata_only {
                Accept::MetadataList
            } else {
                Accept::Json
            },
            permit,
            tokens: &self.tokens,
        })
    }
}

impl Listing<'_> {
    /// Reads one page.
    pub(super) async fn page(
        &self,
        call: &Call,
        limit: u32,
        continue_token: Option<&str>,
    ) -> Result<Page, Failure> {
        // Where some objects may not be seen, neither may the token, which names the next one.
        let sealed_for = (!self.permit.is_unconditional()).then(|| self.url.text());
        let continue_token = match (continue_token, &sealed_for) {
            (Some(token), Some(url)) => Some(self.tokens.open(token, url)?),
            (token, _) => token.map(str::to_owned),
        };
        let url = self
            .url
            .clone()
            .with("limit", limit.to_string())
            .with_some("continue", continue_token);
        let mut list: List = self.connection.get_json(&url, self.accept).await?;
        list.items
            .iter_mut()
            .for_each(|object| self.place.complete(object));
        let objects = Raw::objects(&self.permit, list.items);
        take_objects(&self.permit, call, objects.len())?;
        let next = list
            .metadata
            .continue_token
            .filter(|token| !token.is_empty());
        let continue_token = match (next, &sealed_for) {
            (Some(token), Some(url)) => Some(self.tokens.seal(&token, url)?),
            (token, _) => token,
        };
        Ok(Page {
            objects,
            continue_token,
            remaining: list
                .metadata
                .remaining_item_count
                .filter(|_| self.permit.is_unconditional()),
            resource_version: list.metadata.resource_version,
        })
    }

    /// Returns the permit that the list is read under.
    pub(super) fn permit(&self) -> &Permit {
        &self.permit
    }
}

pub(super) fn take_objects(permit: &Permit, call: &Call, objects: usize) -> Result<(), Failure> {
    match permit.max_objects() {
        Some((grant, most)) => call.budget.take_objects(grant, objects, most),
        None => Ok(()),
    }
}

/// A host call checked one operation and asked the backend for another.
pub(super) fn wrong_permit() -> Failure {
    Failure::new(
        Kind::Bug,
        "a permit was used for another operation than the one it was given for",
    )
}

/// `meta/v1.List`, as far as it is read.
#[derive(Deserialize)]
struct List {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(deserialize_with = "null_is_empty")]
    items: Vec<Value>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ListMeta {
    #[serde(rename = "continue")]
    continue_token: Option<String>,
    remaining_item_count: Option<u32>,
    resource_version: String,
}

/// Go writes an empty list as `null`.
fn null_is_empty<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
