//! What a plugin may do, as a table that an operator can read.
//!
//! The cells come from the gate itself, by asking it: the table cannot say other than what is enforced.

use std::collections::BTreeSet;

use super::{Demand, Gate, Reach, Resource, Summary, Want};
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

/// Returns the rows of a plugin's table: the notable resources and those that a grant or a want names, sorted. A row with `*`
/// stands for all that no other row names.
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
    groups.iter().flat_map(move |group| {
        plurals
            .iter()
            .map(move |plural| Resource::new(group.clone(), plural.clone()))
    })
}

/// Draws the table: a row a resource, a column a verb. A cell says where: `all` namespaces, the namespaces by name, `cluster`;
/// `plan` before them that it takes an approved proposal; a `?` behind one that only some objects or fields are covered, by name,
/// label or path; `·` nothing.
#[must_use]
pub fn table(gate: &Gate, resources: &[Resource]) -> String {
    let header = std::iter::once(String::new())
        .chain(Verb::ALL.iter().map(ToString::to_string))
        .collect();
    let rows = resources.iter().map(|resource| {
        let cells = Verb::ALL.iter().map(|verb| cell(gate, resource, *verb));
        std::iter::once(resource.to_string())
            .chain(cells)
            .collect::<Vec<_>>()
    });
    lines(&std::iter::once(header).chain(rows).collect::<Vec<_>>())
}

/// Sets rows of one length in columns.
fn lines(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
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

/// What a grant names, with the verbs that reach it; without its wildcards.
pub(super) fn granted(grant: &Grant) -> impl Iterator<Item = (Resource, Verb)> + '_ {
    pairs(&grant.api_groups, &grant.resources)
        .filter(|resource| resource.group != "*" && !resource.plural.contains('*'))
        .flat_map(|resource| {
            let verbs = grant.verbs.iter().copied();
            let reaching = verbs.filter(|verb| verb.reaches(&resource.plural));
            reaching
                .map(|verb| (resource.clone(), verb))
                .collect::<Vec<_>>()
        })
}

/// Which objects and fields a grant covers by a verb, in words; empty for all.
pub(super) fn bounds(grant: &Grant, verb: Verb) -> String {
    let list = |items: Vec<&str>| items.join(", ");
    let mut bounds = Vec::new();
    if !grant.names.is_empty() {
        let names = grant.names.iter().map(crate::config::Glob::as_str);
        bounds.push(format!("names {}", list(names.collect())));
    }
    if let Some(labels) = &grant.label_selector {
        bounds.push(format!("labels {labels}"));
    }
    if matches!(verb, Verb::Create | Verb::Patch) && !grant.fields.is_empty() {
        let fields = grant.fields.iter().map(crate::config::FieldPattern::as_str);
        bounds.push(format!("fields {}", list(fields.collect())));
    }
    bounds.join("; ")
}

/// Asks the gate how it covers a verb with a resource in one reach. A patch shows what it changes, so it needs `get` too.
fn covered(gate: &Gate, resource: &Resource, verb: Verb, reach: &Reach) -> Option<Summary> {
    let demand = |verb| Demand {
        verb,
        resource: resource.clone(),
        reach: reach.clone(),
        name: None,
    };
    if verb == Verb::Patch && !resource.plural.contains('/') {
        gate.covers(&demand(Verb::Get))?;
    }
    gate.covers(&demand(verb))
}

fn cell(gate: &Gate, resource: &Resource, verb: Verb) -> String {
    let shows = matches!(verb, Verb::Get | Verb::List | Verb::Watch);
    let mut places: Vec<String> = Vec::new();
    let mut add = |name: &str, reach: &Reach| {
        let Some(coverage) = covered(gate, resource, verb, reach) else {
            return false;
        };
        let mut place = name.to_owned();
        if shows && resource.plural == "secrets" && !coverage.shows_secrets() {
            place.push_str(" (keys)");
        }
        if !coverage.is_unconditional() {
            place.push('?');
        }
        places.push(place);
        true
    };
    add("cluster", &Reach::Cluster);
    if !add("all", &Reach::AllNamespaces) {
        for namespace in gate.namespaces() {
            add(&namespace, &Reach::Namespace(namespace.clone()));
        }
    }
    if places.is_empty() {
        "·".to_owned()
    } else if verb.changes() {
        format!("plan {}", places.join(", "))
    } else {
        places.join(", ")
    }
}

/// Returns what one gate allows and another does not, a line each: resource, verb, where and under which bounds. Without a gate
/// to compare with, everything.
pub(crate) fn beyond(gate: &Gate, other: Option<&Gate>, resources: &[Resource]) -> Vec<String> {
    let mut namespaces = gate.namespaces();
    namespaces.extend(other.into_iter().flat_map(Gate::namespaces));
    namespaces.sort();
    namespaces.dedup();
    let mut rows = Vec::new();
    for resource in resources {
        for verb in Verb::ALL {
            let more = |reach: &Reach| {
                let mine = covered(gate, resource, verb, reach)?;
                let theirs = other.and_then(|other| covered(other, resource, verb, reach));
                mine.beyond(theirs.as_ref())
            };
            let mut row = |place: &str, summary: &Summary| {
                let conditions = summary.conditions.iter();
                rows.extend(conditions.map(|condition| {
                    let plan = if verb.changes() { "plan " } else { "" };
                    let values = if condition.shows_secrets && resource.plural == "secrets" {
                        " (values)"
                    } else {
                        ""
                    };
                    vec![
                        resource.to_string(),
                        verb.to_string(),
                        format!("{plan}{place}{values}"),
                        condition.bounds.clone(),
                    ]
                }));
            };
            if let Some(summary) = more(&Reach::Cluster) {
                row("cluster", &summary);
            }
            let everywhere = more(&Reach::AllNamespaces);
            if let Some(summary) = &everywhere {
                row("all", summary);
            }
            for namespace in &namespaces {
                let here = more(&Reach::Namespace(namespace.clone()));
                // What is allowed everywhere need not be told again.
                if let Some(summary) = here.and_then(|here| here.beyond(everywhere.as_ref())) {
                    row(namespace, &summary);
                }
            }
        }
    }
    lines(&rows).lines().map(str::to_owned).collect()
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
