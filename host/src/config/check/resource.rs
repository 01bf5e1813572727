//! The API groups and resources of a grant: each must be able to exist, and be within the contract's reach.
//!
//! A `*` stands alone. In `resources` it never means a subresource: these are granted by their names.

use super::super::problem::{At, Report};
use super::super::selector::{is_dns_label, is_dns_subdomain};

/// What is wrong, to follow the word, and what to write.
type Reason = (&'static str, &'static str);

pub(super) fn check_api_group(group: &At<String>, report: &mut Report<'_>) {
    let text = group.value.as_str();
    if let Some((reason, fix)) = api_group_problem(text) {
        report.add(&group.place, format!("`{text}` {reason}"), fix);
    }
}

fn api_group_problem(text: &str) -> Option<Reason> {
    if text == "core" || text == "v1" {
        Some(("is not an API group", "write \"\" for the core group"))
    } else if text.is_empty() || text == "*" || is_dns_subdomain(text) {
        None
    } else if text.contains('*') {
        Some((
            "has a `*` that does not stand alone",
            "name each group, or write \"*\" for every group",
        ))
    } else if text.contains('/') {
        Some((
            "has a version, and a grant is over every version",
            "write the group alone, such as \"apps\"",
        ))
    } else {
        Some((
            "is not an API group",
            "write its name, such as \"apps\" or \"cert-manager.io\"; \"\" is the core group",
        ))
    }
}

pub(super) fn check_resource(resource: &At<String>, report: &mut Report<'_>) {
    let text = resource.value.as_str();
    let (plural, subresource) = text
        .split_once('/')
        .map_or((text, None), |(plural, sub)| (plural, Some(sub)));
    let problem = plural_problem(plural).or_else(|| subresource_problem(plural, subresource?));
    if let Some((reason, fix)) = problem {
        report.add(&resource.place, format!("`{text}` {reason}"), fix);
    }
}

fn plural_problem(plural: &str) -> Option<Reason> {
    if plural == "*"
        || (is_dns_label(plural) && plural.starts_with(|c: char| c.is_ascii_lowercase()))
    {
        None
    } else if plural.contains('*') {
        Some((
            "has a `*` that does not stand alone",
            "name each resource, or write \"*\"",
        ))
    } else if plural.contains('.') && is_dns_subdomain(plural) {
        Some((
            "has an API group in it",
            "write the plural alone, and the group in api_groups",
        ))
    } else {
        Some((
            "is not a resource",
            "write the plural in small letters, as `kubectl api-resources` shows it",
        ))
    }
}

fn subresource_problem(plural: &str, subresource: &str) -> Option<Reason> {
    const GRANTABLE: &str = "remove it; the subresources that can be granted are pods/log, pods/eviction, */status and */scale";
    match subresource {
        "status" | "scale" => None,
        "log" | "eviction" if plural == "pods" => None,
        "log" => Some((
            "is not a subresource: only pods have a log",
            "write \"pods/log\"",
        )),
        "*" => Some((
            "is every subresource, and subresources are granted by their names",
            GRANTABLE,
        )),
        "eviction" => Some((
            "is not a subresource: only pods are evicted",
            "write \"pods/eviction\"",
        )),
        // `exec`, `attach`, `portforward`, `proxy`, `token`, `ephemeralcontainers`, `binding`, and whatever else there is.
        _ => Some((
            "is not reachable through the contract, so no grant can give it",
            GRANTABLE,
        )),
    }
}
