//! One grant: every word must be able to match something, and nothing may mean more than it says.

use super::super::file;
use super::super::glob::Glob;
use super::super::grant::{Grant, GrantScope, Verb};
use super::super::problem::{At, Place, Report};
use super::super::selector::{LabelSelector, is_dns_label, is_dns_subdomain};
use super::quantity::count;

type Texts = At<Vec<At<String>>>;

/// As many objects as a count reads at most.
const MAX_OBJECTS: u32 = 100_000;

pub(super) fn grant(file: file::Grant, report: &mut Report<'_>) -> Grant {
    let place = &file.place;
    let api_groups = required(
        file.api_groups,
        place,
        "api_groups",
        "[\"\"] for the core group",
        report,
    );
    let resources = required(file.resources, place, "resources", "[\"pods\"]", report);
    let verbs = required(file.verbs, place, "verbs", "[\"get\", \"list\"]", report);
    let scope = scope(file.scope, file.namespaces, place, report);
    for group in &api_groups {
        check_api_group(group, report);
    }
    for resource in &resources {
        check_resource(resource, report);
    }
    let grant = Grant {
        api_groups: api_groups.into_iter().map(|text| text.value).collect(),
        resources: resources.into_iter().map(|text| text.value).collect(),
        verbs: verbs.iter().filter_map(|text| verb(text, report)).collect(),
        scope,
        names: file
            .names
            .map(|names| name_globs(names, report))
            .unwrap_or_default(),
        label_selector: file
            .label_selector
            .and_then(|text| label_selector(&text, report)),
        max_objects: file
            .max_objects
            .map(|given| count(Some(given), 1..=MAX_OBJECTS, 1, report)),
        secret_values: file.secret_values.as_ref().is_some_and(|flag| flag.value),
    };
    if let Some(flag) = file.secret_values.filter(|flag| flag.value) {
        check_secret_values(&grant, &flag.place, report);
    }
    grant
}

fn required(
    given: Option<Texts>,
    grant: &Place,
    key: &str,
    example: &str,
    report: &mut Report<'_>,
) -> Vec<At<String>> {
    match given {
        Some(texts) => {
            check_not_empty(&texts, report);
            texts.value
        }
        None => {
            report.add(
                &grant.below(key),
                format!("`{key}` is missing"),
                format!("add {key}, such as {example}"),
            );
            Vec::new()
        }
    }
}

fn check_not_empty(texts: &Texts, report: &mut Report<'_>) {
    if texts.value.is_empty() {
        let message = "the list is empty, so the grant is over nothing";
        report.add(
            &texts.place,
            message,
            "name what is granted, or remove the grant",
        );
    }
}

fn scope(
    scope: Option<At<String>>,
    namespaces: Option<Texts>,
    grant: &Place,
    report: &mut Report<'_>,
) -> GrantScope {
    const FIX: &str = "add namespaces = [\"…\"] for objects in namespaces, or scope = \"cluster\" for objects without one";
    if let Some(text) = scope.as_ref().filter(|text| text.value != "cluster") {
        let fix =
            "use \"cluster\" for objects without a namespace, or namespaces = [\"…\"] in its place";
        report.add(&text.place, format!("`{}` is not a scope", text.value), fix);
    }
    match (scope, namespaces) {
        (Some(scope), Some(_)) => {
            let message = "`scope` and `namespaces` exclude each other";
            report.add(
                &scope.place,
                message,
                "remove one of them, or write two grants",
            );
            GrantScope::Cluster
        }
        (Some(_), None) => GrantScope::Cluster,
        (None, Some(namespaces)) => {
            check_not_empty(&namespaces, report);
            let in_a_namespace =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*';
            let rule = "names of namespaces have small letters, digits and `-`";
            GrantScope::Namespaces(globs(namespaces.value, in_a_namespace, rule, report))
        }
        (None, None) => {
            report.add(
                grant,
                "the grant says neither `namespaces` nor `scope`",
                FIX,
            );
            GrantScope::Cluster
        }
    }
}

/// Reads patterns and reports those that have a character that no name of their kind has.
pub(super) fn globs(
    texts: Vec<At<String>>,
    known: impl Fn(char) -> bool,
    rule: &str,
    report: &mut Report<'_>,
) -> Vec<Glob> {
    let mut globs = Vec::new();
    for text in texts {
        match text.value.parse::<Glob>() {
            Ok(glob) if glob.as_str().chars().all(&known) => globs.push(glob),
            Ok(glob) => report.add(&text.place, format!("`{glob}` can match nothing"), rule),
            Err(error) => {
                report.add(
                    &text.place,
                    error.to_string(),
                    "write a name, with `*` for any run of characters",
                );
            }
        }
    }
    globs
}

fn name_globs(names: Texts, report: &mut Report<'_>) -> Vec<Glob> {
    if names.value.is_empty() {
        let message = "the list is empty, so the grant is over nothing";
        report.add(&names.place, message, "leave the key out for every name");
    }
    globs(names.value, |_| true, "", report)
}

fn verb(text: &At<String>, report: &mut Report<'_>) -> Option<Verb> {
    match text.value.parse::<Verb>() {
        Ok(verb) => Some(verb),
        Err(error) => {
            report.add(&text.place, error.to_string(), error.fix());
            None
        }
    }
}

fn label_selector(text: &At<String>, report: &mut Report<'_>) -> Option<LabelSelector> {
    match text.value.parse() {
        Ok(selector) => Some(selector),
        Err(error) => {
            let fix = "write it as for kubectl -l: `app=shop,tier!=web,stage in (a,b),!legacy`";
            let error: super::super::selector::SelectorError = error;
            report.add(&text.place, error.to_string(), fix);
            None
        }
    }
}

fn check_api_group(group: &At<String>, report: &mut Report<'_>) {
    let text = group.value.as_str();
    let (message, fix) = match text.split_once('/') {
        _ if text.is_empty() || text == "*" => return,
        Some((name, _)) if is_dns_subdomain(name) => (
            format!("`{text}` has a version, and a grant is over every version"),
            format!("write \"{name}\""),
        ),
        _ if text == "core" || text == "v1" => (
            format!("`{text}` is not an API group"),
            "write \"\" for the core group".to_owned(),
        ),
        None if is_dns_subdomain(text) => return,
        _ if text.contains('*') => (
            format!("`{text}`: `*` stands alone and is every group"),
            "name each group, or write \"*\"".to_owned(),
        ),
        _ => {
            let fix =
                "write the group's name, such as \"apps\" or \"velero.io\"; \"\" is the core group";
            (format!("`{text}` is not an API group"), fix.to_owned())
        }
    };
    report.add(&group.place, message, fix);
}

fn check_resource(resource: &At<String>, report: &mut Report<'_>) {
    let text = resource.value.as_str();
    let (plural, subresource) = text
        .split_once('/')
        .map_or((text, None), |(plural, sub)| (plural, Some(sub)));
    let problem = plural_problem(plural).or_else(|| subresource_problem(plural, subresource?));
    if let Some((reason, fix)) = problem {
        report.add(&resource.place, format!("`{text}` {reason}"), fix);
    }
}

type Reason = (&'static str, &'static str);

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
    } else if plural.contains('.') {
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
    const GRANTABLE: &str =
        "remove it; the subresources that can be granted are pods/log, */status and */scale";
    match subresource {
        "status" | "scale" => None,
        "log" if plural == "pods" => None,
        "log" => Some((
            "is not a subresource: only pods have a log",
            "write \"pods/log\"",
        )),
        "*" => Some((
            "is every subresource, and subresources are granted by their names",
            GRANTABLE,
        )),
        "eviction" | "binding" | "approval" | "finalize" => Some((
            "changes the cluster, and this release grants reading only",
            GRANTABLE,
        )),
        // `exec`, `attach`, `portforward`, `proxy`, `token`, `ephemeralcontainers`, and whatever else there is.
        _ => Some((
            "is not reachable through the contract, so no grant can give it",
            GRANTABLE,
        )),
    }
}

fn check_secret_values(grant: &Grant, place: &Place, report: &mut Report<'_>) {
    let names_secrets = grant.resources.iter().any(|resource| resource == "secrets");
    let in_core_group = grant
        .api_groups
        .iter()
        .any(|group| group.is_empty() || group == "*");
    let reads = grant
        .verbs
        .iter()
        .any(|verb| matches!(verb, Verb::Get | Verb::List));
    let problem = if !names_secrets {
        (
            "`secret_values` means nothing where `resources` does not name `secrets`",
            "remove it, or add \"secrets\" to resources",
        )
    } else if !in_core_group {
        (
            "`secret_values` means nothing without the core group",
            "remove it, or add \"\" to api_groups",
        )
    } else if !reads {
        (
            "`secret_values` means nothing without the verb `get` or `list`",
            "remove it, or add \"get\" to verbs",
        )
    } else {
        return;
    };
    report.add(place, problem.0, problem.1);
}
