//! Which requests the host makes for each verb of a grant: what a role must let through.
//!
//! It follows what `backend::cluster` sends. A request that is missing here is one that the API server refuses to a tool that was
//! granted its verb; one too many is a power that nothing uses.

use crate::backend::cluster::dependents::candidates;
use crate::config::{Grant, GrantScope, Verb};
use crate::gate::Resource;

/// One request that the host makes for a verb.
pub(super) struct Request {
    pub(super) resource: Resource,
    pub(super) verb: &'static str,
    /// Whether the object's name stands in the request's path, so that a rule over names lets it through.
    pub(super) by_name: bool,
}

/// Returns the requests that the host makes for a verb of a grant. A change is read before and after. `listed` are the types of
/// the cluster that have a namespace and can be listed, as far as they are known.
pub(super) fn requests(
    grant: &Grant,
    resource: &Resource,
    verb: Verb,
    listed: &[Resource],
) -> Vec<Request> {
    let on = |resource: &Resource, verb, by_name| Request {
        resource: resource.clone(),
        verb,
        by_name,
    };
    let get = || on(resource, "get", true);
    let (plural, subresource) = match resource.plural.split_once('/') {
        Some((plural, subresource)) => (plural, Some(subresource)),
        None => (resource.plural.as_str(), None),
    };
    let whole = || on(&Resource::new(resource.group.clone(), plural), "get", true);
    match verb {
        // The pod is read first where it must be judged.
        Verb::Get if subresource == Some("log") && is_conditional(grant) => vec![get(), whole()],
        Verb::Get => vec![get()],
        Verb::List => vec![on(resource, "list", false)],
        Verb::Watch => vec![get(), on(resource, "watch", false)],
        Verb::Create if subresource == Some("eviction") => {
            vec![on(resource, "create", true), whole()]
        }
        Verb::Create => vec![on(resource, "create", false), get()],
        // A Scale has no labels: where a grant goes by them, or by names, the object that it is of is read too.
        Verb::Patch if subresource == Some("scale") && is_conditional(grant) => {
            vec![on(resource, "patch", true), get(), whole()]
        }
        // A status is read with its object.
        Verb::Patch if subresource == Some("status") => {
            vec![on(resource, "patch", true), whole()]
        }
        Verb::Patch => vec![on(resource, "patch", true), get()],
        Verb::Delete => {
            // What an object of the cluster owns is not looked for.
            let owned = match grant.scope {
                GrantScope::Namespaces(_) => candidates(resource, listed),
                GrantScope::Cluster => Vec::new(),
            };
            let lists = owned.iter().map(|owned| on(owned, "list", false));
            [on(resource, "delete", true), get()]
                .into_iter()
                .chain(lists)
                .collect()
        }
        Verb::Use => Vec::new(),
    }
}

fn is_conditional(grant: &Grant) -> bool {
    !grant.names.is_empty() || grant.label_selector.is_some()
}
