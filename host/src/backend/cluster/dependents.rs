//! What goes with an object that is deleted: the objects that it owns, and those that they own.
//!
//! Which types are looked at is said once, in [`candidates`]: `bulkhead rbac` asks for them too, so that what is listed and what
//! may be listed are the same.

use std::collections::HashSet;

use serde_json::Value;

use super::request::Accept;
use super::write::Observed;
use super::{Cluster, Place};
use crate::call::Actor;
use crate::failure::{Failure, Kind};
use crate::gate::{Reach, Resource};
use crate::proposal::Target;

/// API group and plural.
type Named = (&'static str, &'static str);

/// What the controllers of built-in types make, by the type that owns it.
const MADE_OF: [(&str, &str, &[Named]); 7] = [
    (
        "apps",
        "deployments",
        &[("apps", "replicasets"), ("", "pods")],
    ),
    ("apps", "replicasets", &[("", "pods")]),
    (
        "apps",
        "statefulsets",
        &[("", "pods"), ("", "persistentvolumeclaims")],
    ),
    ("apps", "daemonsets", &[("", "pods")]),
    ("", "replicationcontrollers", &[("", "pods")]),
    ("batch", "jobs", &[("", "pods")]),
    ("batch", "cronjobs", &[("batch", "jobs"), ("", "pods")]),
];

/// Built-in types of which others own none, or nothing but endpoints and events.
const OWNERLESS: [Named; 7] = [
    ("", "pods"),
    ("", "services"),
    ("", "configmaps"),
    ("", "secrets"),
    ("", "persistentvolumeclaims"),
    ("", "serviceaccounts"),
    ("policy", "poddisruptionbudgets"),
];

/// What an operator makes for its own types. Secrets and ConfigMaps are not among them: to list them is to read them.
const MADE_OF_CUSTOM: [Named; 8] = [
    ("", "pods"),
    ("", "services"),
    ("", "persistentvolumeclaims"),
    ("apps", "replicasets"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
];

/// Objects of one type that are looked at.
const MOST: &str = "2000";

/// What an object owns.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    /// As `pods/web-0`, by depth, then by type.
    pub(crate) names: Vec<String>,
    /// Types that could not be looked at, or not whole.
    pub(crate) unseen: Vec<String>,
}

impl Cluster {
    /// Finds what the garbage collector would delete after an object: by metadata alone, in its namespace.
    ///
    /// # Errors
    /// `Upstream` where the server does not answer.
    pub(crate) async fn dependents(
        &self,
        actor: &Actor,
        target: &Target,
        owner: &Observed,
    ) -> Result<Owned, Failure> {
        let mut owned = Owned::default();
        let (Some(namespace), Some(uid)) = (&target.namespace, owner.uid()) else {
            owned
                .unseen
                .push("what an object of the cluster owns".to_owned());
            return Ok(owned);
        };
        let reach = Reach::Namespace(namespace.clone());
        let connection = self.connection_as(actor).await?;
        let types = self.types(None).await?;
        let can_be_listed = |verbs: &[String]| verbs.iter().any(|verb| verb == "list");
        let listed = types.all();
        let listed = listed.filter(|one| one.namespaced && can_be_listed(&one.verbs));
        let deleted = Resource::new(target.group.clone(), target.plural.clone());
        let mut objects = Vec::new();
        for resource in candidates(&deleted, listed.map(|one| &one.resource)) {
            let Ok(place) = self.place(&resource, None, &reach).await else {
                continue;
            };
            let url = Place::url(&place).with("limit", MOST);
            let list = connection
                .get_json::<Value>(&url, Accept::MetadataList)
                .await;
            match self.noting_expiry(list) {
                Ok(list) => {
                    if list["metadata"]["continue"]
                        .as_str()
                        .is_some_and(|token| !token.is_empty())
                    {
                        owned.unseen.push(resource.to_string());
                    }
                    let items = list["items"].as_array().cloned().unwrap_or_default();
                    objects.extend(items.into_iter().map(|item| (resource.clone(), item)));
                }
                Err(failure) if failure.kind == Kind::Denied => {
                    owned.unseen.push(resource.to_string());
                }
                // A type without `list`.
                Err(failure) if matches!(failure.kind, Kind::NotFound | Kind::Invalid) => {}
                Err(failure) => return Err(failure),
            }
        }
        let mut known = HashSet::from([uid.to_owned()]);
        loop {
            let before = known.len();
            objects.retain(|(resource, object)| {
                let metadata = &object["metadata"];
                let owners = metadata["ownerReferences"].as_array();
                let is_owned = owners.is_some_and(|owners| {
                    owners
                        .iter()
                        .any(|owner| owner["uid"].as_str().is_some_and(|uid| known.contains(uid)))
                });
                if is_owned {
                    let name = metadata["name"].as_str().unwrap_or_default();
                    owned.names.push(format!("{resource}/{name}"));
                    known.extend(metadata["uid"].as_str().map(str::to_owned));
                }
                !is_owned
            });
            if known.len() == before {
                return Ok(owned);
            }
        }
    }
}

/// Returns the types that may hold what an object of this type owns: these are listed before it is deleted, and no others are.
/// `listed` are those of the cluster that have a namespace and the verb `list`.
pub(crate) fn candidates<'a>(
    owner: &Resource,
    listed: impl IntoIterator<Item = &'a Resource>,
) -> Vec<Resource> {
    let named = |types: &[Named]| -> Vec<Resource> {
        let types = types.iter();
        types
            .map(|(group, plural)| Resource::new(*group, *plural))
            .collect()
    };
    if let Some(made) = made_of(owner) {
        return named(made);
    }
    let mut candidates = named(&MADE_OF_CUSTOM);
    if may_own_of_its_group(owner) {
        let listed = listed.into_iter();
        candidates.extend(listed.filter(|one| one.group == owner.group).cloned());
    }
    candidates.sort();
    candidates.dedup();
    candidates
}

/// Whether [`candidates`] depend on what the cluster serves. In the core group that would be the Secrets too.
pub(crate) fn may_own_of_its_group(owner: &Resource) -> bool {
    made_of(owner).is_none() && !owner.group.is_empty()
}

/// Returns what is made for a built-in type; `None` where that is not known.
fn made_of(owner: &Resource) -> Option<&'static [Named]> {
    let is = |group: &str, plural: &str| owner.group == group && owner.plural == plural;
    if OWNERLESS.iter().any(|(group, plural)| is(group, plural)) {
        return Some(&[]);
    }
    let made = MADE_OF.iter().find(|(group, plural, _)| is(group, plural));
    made.map(|(_, _, made)| *made)
}
