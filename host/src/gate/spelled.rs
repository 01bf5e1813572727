//! A grant spelled out: which resources it gives by which verbs, as far as the wants ask.
//!
//! For `bulkhead rbac`: RBAC's own `*` has Secrets and every subresource in it, so what a grant means by `*` must be named.

use std::collections::BTreeSet;

use super::matching::{covers_resource, wanted};
use super::{Demand, Reach, Resource, Want};
use crate::config::{Grant, Verb};

/// What one grant gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spelled {
    /// Resources and verbs. A `*` stands only for the group, or before a subresource.
    pub(crate) pairs: BTreeSet<(Resource, Verb)>,
    /// Whether a `*` could not be spelled out, since it is not known what the cluster serves.
    pub(crate) is_partial: bool,
}

/// Spells a grant out. `served` are the resources of the cluster that have a namespace, or that have none, as the grant's scope
/// has it, with the verbs that the server knows for each; `None` where they are not known.
pub(crate) fn spelled_out(
    grant: &Grant,
    wants: &[Want],
    served: Option<&[(Resource, Vec<String>)]>,
) -> Spelled {
    let mut pairs = BTreeSet::new();
    let mut is_partial = false;
    for verb in &grant.verbs {
        let give = |resource: &Resource| {
            verb.reaches(&resource.plural)
                && covers_resource(&grant.api_groups, &grant.resources, resource)
                && is_wanted(wants, resource, *verb)
        };
        let named = named(&grant.api_groups, &grant.resources).chain(
            wants
                .iter()
                .flat_map(|want| named(&want.api_groups, &want.resources)),
        );
        pairs.extend(
            named
                .filter(|resource| give(resource))
                .map(|resource| (resource, *verb)),
        );
        match served {
            Some(served) => {
                let known = served
                    .iter()
                    .filter(|(_, verbs)| *verb == Verb::Use || knows(verbs, *verb));
                pairs.extend(
                    known
                        .filter(|(resource, _)| give(resource))
                        .map(|(resource, _)| (resource.clone(), *verb)),
                );
            }
            None => is_partial |= *verb != Verb::Use && has_open_end(grant, wants, *verb),
        }
    }
    Spelled { pairs, is_partial }
}

/// Resources that RBAC can name as they stand: all but a `*` that is every resource.
fn named<'a>(
    groups: &'a [String],
    plurals: &'a [String],
) -> impl Iterator<Item = Resource> + use<'a> {
    let plurals = plurals.iter().filter(|plural| *plural != "*");
    plurals.flat_map(move |plural| {
        groups
            .iter()
            .map(move |group| Resource::new(group.clone(), plural.clone()))
    })
}

fn is_wanted(wants: &[Want], resource: &Resource, verb: Verb) -> bool {
    let demand = Demand {
        verb,
        resource: resource.clone(),
        reach: Reach::Cluster,
        name: None,
    };
    wants.iter().any(|want| wanted(want, &demand))
}

/// Whether both a grant and a want say `*` for every resource of some group.
fn has_open_end(grant: &Grant, wants: &[Want], verb: Verb) -> bool {
    let every = |plurals: &[String]| plurals.iter().any(|plural| plural == "*");
    let shares_group = |want: &Want| {
        let mine = &grant.api_groups;
        let has = |groups: &[String], group: &String| groups.contains(group);
        mine.iter()
            .any(|group| group == "*" || has(&want.api_groups, group))
            || want.api_groups.iter().any(|group| group == "*")
    };
    let asks = |want: &Want| {
        want.verbs
            .iter()
            .any(|word| word == "*" || word == verb.as_str())
    };
    every(&grant.resources)
        && wants
            .iter()
            .any(|want| every(&want.resources) && shares_group(want) && asks(want))
}

fn knows(verbs: &[String], verb: Verb) -> bool {
    verbs.iter().any(|word| word == verb.as_str())
}
