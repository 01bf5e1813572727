//! What the grants of a plugin are worth on this cluster.

use std::collections::BTreeSet;

use super::Report;
use crate::backend::cluster::Cluster;
use crate::config::{Grant, GrantScope, PluginConfig, Verb};
use crate::failure::chain;
use crate::gate::{Demand, Reach, Resource};
use crate::plugin::actor_of;

/// Access reviews of one run: a grant over many names would be a flood.
const MAX_REVIEWS: usize = 200;

pub(super) async fn check(cluster: &Cluster, plugin: &PluginConfig, report: &mut Report) {
    served(cluster, plugin, report).await;
    allowed(cluster, plugin, report).await;
}

/// Warns of a grant over a word that is no plural of this cluster, such as a kind: it covers nothing.
async fn served(cluster: &Cluster, plugin: &PluginConfig, report: &mut Report) {
    let types = match cluster.served().await {
        Ok(types) => types,
        Err(failure) => {
            report.fail(
                format!(
                    "the types that the cluster serves are not known: {}",
                    chain(&failure)
                ),
                "ask the cluster's administrator",
            );
            return;
        }
    };
    let named = plugin.grants.iter().flat_map(|grant| {
        let plurals = move |group| grant.resources.iter().map(move |plural| (group, plural));
        grant.api_groups.iter().flat_map(plurals)
    });
    for (group, plural) in named.collect::<BTreeSet<_>>() {
        let plural = plural.split('/').next().unwrap_or(plural);
        let mut all = types.all().map(|one| &one.resource);
        let is_served = plural == "*"
            || all.any(|of| of.plural == plural && (group == "*" || of.group == *group));
        if is_served {
            continue;
        }
        let meant = types.resolve(plural).map(|(found, _)| &found.resource);
        let fix = match meant {
            Some(of) => format!(
                "write api_groups = [\"{}\"] and resources = [\"{}\"]",
                of.group, of.plural
            ),
            None => "correct it, or leave it for the day when its CRD is installed".to_owned(),
        };
        report.warn(
            format!(
                "plugin `{}` is granted `{}`, which this cluster does not serve",
                plugin.key,
                Resource::new(group.clone(), plural)
            ),
            &fix,
        );
    }
}

async fn allowed(cluster: &Cluster, plugin: &PluginConfig, report: &mut Report) {
    let demands: BTreeSet<_> = plugin.grants.iter().flat_map(demands).collect();
    let actor = actor_of(plugin);
    let asked = demands.len().min(MAX_REVIEWS);
    let mut refused = Vec::new();
    for (verb, resource, reach) in demands.into_iter().take(MAX_REVIEWS) {
        let Ok(verb) = verb.parse() else { continue };
        let reach = reach.map_or(Reach::Cluster, Reach::Namespace);
        let demand = Demand {
            verb,
            resource,
            reach,
            name: None,
        };
        match cluster.review(&actor, verb, &demand).await {
            Ok(true) => {}
            Ok(false) => refused.push(demand.to_string()),
            Err(failure) => {
                report.fail(
                    format!(
                        "the API server does not answer access reviews: {}",
                        chain(&failure)
                    ),
                    match actor.impersonate {
                        Some(_) => {
                            "apply what `bulkhead rbac` prints, or ask the cluster's administrator"
                        }
                        None => "ask the cluster's administrator",
                    },
                );
                return;
            }
        }
    }
    if refused.is_empty() {
        report.ok(format!(
            "the API server allows what plugin `{}` is granted ({asked} reviews)",
            plugin.key
        ));
    }
    for demand in refused {
        report.warn(
            format!(
                "plugin `{}` is granted to {demand}, but the API server forbids it",
                plugin.key
            ),
            match actor.impersonate {
                Some(_) => {
                    "give the identity that the plugin acts as that right, or take the grant back"
                }
                None => "give the identity of this context that right, or take the grant back",
            },
        );
    }
}

/// What a grant gives, in the API server's words: verb, resource, namespace (none is the cluster or all of them).
fn demands(grant: &Grant) -> Vec<(&'static str, Resource, Option<String>)> {
    let namespaces: Vec<Option<String>> = match &grant.scope {
        GrantScope::Cluster => vec![None],
        // A glob other than `*` names namespaces that are not known here; the whole is asked for.
        GrantScope::Namespaces(globs) => globs
            .iter()
            .map(|glob| Some(glob.as_str().to_owned()).filter(|text| !text.contains('*')))
            .collect(),
    };
    let mut demands = Vec::new();
    for group in &grant.api_groups {
        for plural in &grant.resources {
            // `use` is no verb of the API server's: there is nothing to ask.
            let verbs = grant.verbs.iter().filter(|verb| **verb != Verb::Use);
            for verb in verbs.filter(|verb| verb.reaches(plural)) {
                for namespace in &namespaces {
                    demands.push((
                        verb.as_str(),
                        Resource::new(group.clone(), plural.clone()),
                        namespace.clone(),
                    ));
                }
            }
        }
    }
    demands
}
