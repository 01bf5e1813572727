//! What a plugin may do, as a table that an operator can read.
//!
//! The cells come from the gate itself, by asking it: the table cannot say other than what is enforced.

use std::collections::BTreeSet;

use super::{Demand, Gate, Reach, Resource, Want};
use crate::config::{Grant, GrantScope, Verb};

/// Resources that everyone asks about, beside those that grants and wants name.
const NOTABLE: [(&str, &str); 14] = [
    ("", "configmaps"),
    ("", "events"),
    ("", "namespaces"),
    ("", "nodes"),
    ("", "pods"),
    ("", "pods/exec"),
    ("", "pods/log"),
    ("", "secrets"),
    ("", "serviceaccounts"),
    ("", "serviceaccounts/token"),
    ("", "services"),
    ("apps", "deployments"),
    ("batch", "jobs"),
    ("rbac.authorization.k8s.io", "clusterroles"),
];

const VERBS: [Verb; 3] = [Verb::Get, Verb::List, Verb::Watch];

/// Returns the rows of a plugin's table: the notable resources and those that a grant or a want names, sorted.
#[must_use]
pub fn resources(grants: &[Grant], wants: &[Want]) -> Vec<Resource> {
    let notable = NOTABLE
        .iter()
        .map(|(group, plural)| Resource::new(*group, *plural));
    let granted = grants
        .iter()
        .flat_map(|grant| pairs(&grant.api_groups, &grant.resources));
    let wanted = wants
        .iter()
        .flat_map(|want| pairs(&want.api_groups, &want.resources));
    notable
        .chain(granted)
        .chain(wanted)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn pairs<'a>(groups: &'a [String], plurals: &'a [String]) -> impl Iterator<Item = Resource> + 'a {
    let named = |text: &&String| !text.contains('*');
    groups.iter().filter(named).flat_map(move |group| {
        plurals
            .iter()
            .filter(named)
            .map(move |plural| Resource::new(group.clone(), plural.clone()))
    })
}

/// Draws the table: a row a resource, a column a verb. A cell says where: `all` namespaces, the namespaces by name, `cluster`;
/// a `?` behind it that only some objects are covered, by name or label; `·` nothing.
#[must_use]
pub fn table(gate: &Gate, resources: &[Resource]) -> String {
    let header = std::iter::once(String::new())
        .chain(VERBS.iter().map(ToString::to_string))
        .collect();
    let rows = resources.iter().map(|resource| {
        let cells = VERBS.iter().map(|verb| cell(gate, resource, *verb));
        std::iter::once(resource.to_string())
            .chain(cells)
            .collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let widths: Vec<usize> = (0..=VERBS.len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a grant names, without its wildcards.
pub(super) fn granted(grant: &Grant) -> impl Iterator<Item = (Resource, Verb)> + '_ {
    pairs(&grant.api_groups, &grant.resources).flat_map(|resource| {
        grant
            .verbs
            .iter()
            .map(move |verb| (resource.clone(), *verb))
    })
}

fn cell(gate: &Gate, resource: &Resource, verb: Verb) -> String {
    let mut places: Vec<String> = Vec::new();
    let demand = |reach| Demand {
        verb,
        resource: resource.clone(),
        reach,
        name: None,
    };
    let mut add = |place: &str, reach: Reach| {
        if let Some(coverage) = gate.covers(&demand(reach)) {
            let mut place = place.to_owned();
            if resource.plural == "secrets" && !coverage.shows_secrets {
                place.push_str(" (keys)");
            }
            if !coverage.unconditional {
                place.push('?');
            }
            places.push(place);
        }
    };
    add("cluster", Reach::Cluster);
    add("all", Reach::AllNamespaces);
    if gate.covers(&demand(Reach::AllNamespaces)).is_none() {
        for namespace in gate.namespaces() {
            add(&namespace, Reach::Namespace(namespace.clone()));
        }
    }
    if places.is_empty() {
        "·".to_owned()
    } else {
        places.join(", ")
    }
}

/// The namespaces that a grant names, sorted. A glob stands for itself, since it matches itself.
pub(super) fn namespaces(grants: &[Grant]) -> Vec<String> {
    let named = grants.iter().filter_map(|grant| match &grant.scope {
        GrantScope::Namespaces(globs) => Some(globs),
        GrantScope::Cluster => None,
    });
    named
        .flatten()
        .map(|glob| glob.as_str().to_owned())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
