//! How a grant, and a want, is compared with a demand. Pure; one rule per field.

use super::operation::{Demand, Reach, Resource};
use super::want::Want;
use crate::config::{Grant, GrantScope, Verb};

/// Resources that `*` never means: they are named, or not granted.
const ALWAYS_NAMED: [&str; 2] = ["secrets", "configmaps"];

/// How well a grant fits a demand: each rule that does not, in the order in which a person would mend it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) resource: bool,
    pub(super) verb: bool,
    pub(super) reach: bool,
    pub(super) name: bool,
}

impl Misfit {
    pub(super) fn fits(&self) -> bool {
        *self == Self::default()
    }

    /// How many rules are missing; the fewest is the grant that the operator probably meant.
    pub(super) fn rules(&self) -> usize {
        [self.resource, self.verb, self.reach, self.name]
            .into_iter()
            .filter(|missing| *missing)
            .count()
    }
}

/// Compares a grant with a demand. Labels are not looked at here: they need the object.
pub(super) fn misfit(grant: &Grant, demand: &Demand) -> Misfit {
    Misfit {
        resource: !covers_resource(&grant.api_groups, &grant.resources, &demand.resource),
        verb: !grant.verbs.contains(&demand.verb) || !demand.verb.reaches(&demand.resource.plural),
        reach: !covers_reach(&grant.scope, &demand.reach),
        // A list without a name is filtered object by object, so a grant over names can still serve it.
        name: demand
            .name
            .as_ref()
            .is_some_and(|name| !covers_name(grant, name)),
    }
}

/// Whether a want covers a demand. A want has no namespaces: where, is the operator's to say.
pub(super) fn wanted(want: &Want, demand: &Demand) -> bool {
    covers_resource(&want.api_groups, &want.resources, &demand.resource)
        && covers_verb(&want.verbs, demand.verb)
}

pub(super) fn covers_name(grant: &Grant, name: &str) -> bool {
    grant.names.is_empty() || grant.names.iter().any(|glob| glob.matches(name))
}

pub(super) fn covers_verb(verbs: &[String], verb: Verb) -> bool {
    verbs
        .iter()
        .any(|have| have == "*" || have == verb.as_str())
}

pub(super) fn covers_resource(groups: &[String], plurals: &[String], asked: &Resource) -> bool {
    groups
        .iter()
        .any(|group| group == "*" || *group == asked.group)
        && plurals
            .iter()
            .any(|plural| covers_plural(plural, &asked.plural))
}

fn covers_plural(granted: &str, asked: &str) -> bool {
    if granted == asked {
        return true;
    }
    match granted.split_once('/') {
        None => granted == "*" && !asked.contains('/') && !ALWAYS_NAMED.contains(&asked),
        // `*/status` is that subresource of every resource but the ones that are always named.
        Some((resource, subresource)) => {
            asked
                .split_once('/')
                .is_some_and(|(asked_resource, asked_subresource)| {
                    subresource == asked_subresource
                        && resource == "*"
                        && !ALWAYS_NAMED.contains(&asked_resource)
                })
        }
    }
}

fn covers_reach(scope: &GrantScope, asked: &Reach) -> bool {
    match (scope, asked) {
        (GrantScope::Cluster, Reach::Cluster) => true,
        (GrantScope::Namespaces(globs), Reach::Namespace(name)) => {
            globs.iter().any(|glob| glob.matches(name))
        }
        (GrantScope::Namespaces(globs), Reach::AllNamespaces) => {
            globs.iter().any(crate::config::Glob::is_all)
        }
        (GrantScope::Cluster, Reach::AllNamespaces | Reach::Namespace(_))
        | (GrantScope::Namespaces(_), Reach::Cluster) => false,
    }
}
