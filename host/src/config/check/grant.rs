//! One grant: every word must be able to match something, and nothing may mean more than it says.

use super::super::field::{FieldError, FieldPattern};
use super::super::file;
use super::super::grant::{Grant, GrantScope, Verb, VerbError};
use super::super::limits::MAX_OBJECTS;
use super::super::problem::{At, Place, Report};
use super::super::selector::{LabelSelector, SelectorError};
use super::pattern::{NamesOf, patterns};
use super::quantity::count;
use super::resource::{check_api_group, check_resource};

type Texts = At<Vec<At<String>>>;

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
    for group in &api_groups {
        check_api_group(group, report);
    }
    for resource in &resources {
        check_resource(resource, report);
    }
    let every_name = "leave the key out for every name";
    let grant = Grant {
        api_groups: api_groups.into_iter().map(|text| text.value).collect(),
        resources: resources.into_iter().map(|text| text.value).collect(),
        verbs: verbs.iter().filter_map(|text| verb(text, report)).collect(),
        scope: scope(file.scope, file.namespaces, place, report),
        names: file
            .names
            .map(|names| patterns(names, NamesOf::Objects, every_name, report))
            .unwrap_or_default(),
        label_selector: file
            .label_selector
            .and_then(|text| label_selector(&text, report)),
        fields: file
            .fields
            .as_ref()
            .map(|paths| fields(paths, report))
            .unwrap_or_default(),
        max_objects: file
            .max_objects
            .map(|number| count(Some(number), MAX_OBJECTS, *MAX_OBJECTS.end(), report)),
        secret_values: file.secret_values.as_ref().is_some_and(|flag| flag.value),
    };
    // Where one of the lists is wrong, how it goes with the others is not known.
    let lists = ["api_groups", "resources", "verbs"];
    if !lists.iter().any(|key| report.knows(&place.below(key).key)) {
        check_reachable(&grant, place, report);
        if let Some(paths) = file.fields {
            check_fields(&grant, &paths.place, report);
        }
        if let Some(flag) = file.secret_values.filter(|flag| flag.value) {
            check_secret_values(&grant, &flag.place, report);
        }
    }
    grant
}

/// Returns a list that a grant cannot do without.
fn required(
    given: Option<Texts>,
    grant: &Place,
    key: &str,
    example: &str,
    report: &mut Report<'_>,
) -> Vec<At<String>> {
    let place = grant.below(key);
    let Some(texts) = given else {
        if !report.knows(&place.key) {
            report.add(
                &place,
                format!("`{key}` is missing"),
                format!("add {key}, such as {example}"),
            );
        }
        return Vec::new();
    };
    if texts.value.is_empty() {
        let message = "the list is empty, so the grant is over nothing";
        report.add(
            &texts.place,
            message,
            "name what is granted, or remove the grant",
        );
    }
    texts.value
}

fn scope(
    scope: Option<At<String>>,
    namespaces: Option<Texts>,
    grant: &Place,
    report: &mut Report<'_>,
) -> GrantScope {
    if let Some(text) = scope.as_ref().filter(|text| text.value != "cluster") {
        let fix =
            "use \"cluster\" for objects without a namespace; for others, namespaces = [\"…\"]";
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
            let all = "write [\"*\"] for every namespace, or remove the grant";
            GrantScope::Namespaces(patterns(namespaces, NamesOf::Namespaces, all, report))
        }
        (None, None) => {
            let misread = ["scope", "namespaces"]
                .iter()
                .any(|key| report.knows(&grant.below(key).key));
            if !misread {
                let message = "the grant says neither `namespaces` nor `scope`";
                let fix = "add namespaces = [\"…\"], or scope = \"cluster\" for objects without a namespace";
                report.add(grant, message, fix);
            }
            GrantScope::Cluster
        }
    }
}

fn verb(text: &At<String>, report: &mut Report<'_>) -> Option<Verb> {
    text.value
        .parse()
        .map_err(|error: VerbError| report.add(&text.place, error.to_string(), error.fix()))
        .ok()
}

fn label_selector(text: &At<String>, report: &mut Report<'_>) -> Option<LabelSelector> {
    let fix = "write it as for kubectl -l: app=shop,tier!=web,stage in (a,b),!legacy";
    text.value
        .parse()
        .map_err(|error: SelectorError| report.add(&text.place, error.to_string(), fix))
        .ok()
}

fn fields(paths: &Texts, report: &mut Report<'_>) -> Vec<FieldPattern> {
    const FIX: &str = "write paths such as \"spec.replicas\", \"spec.template.spec.containers[*].image\" or \"metadata.labels['a.b/c']\"";
    if paths.value.is_empty() {
        let message = "the list is empty, so no field may be set";
        report.add(&paths.place, message, "leave the key out for every field");
    }
    let parse = |text: &At<String>| {
        text.value
            .parse()
            .map_err(|error: FieldError| report.add(&text.place, error.to_string(), FIX))
            .ok()
    };
    paths.value.iter().filter_map(parse).collect()
}

fn check_fields(grant: &Grant, fields: &Place, report: &mut Report<'_>) {
    let sets = |verb: &Verb| matches!(verb, Verb::Create | Verb::Patch);
    if !grant.verbs.iter().any(sets) {
        let message = "it means nothing without the verb `create` or `patch`";
        report.add(fields, message, "remove it, or add \"patch\" to verbs");
    }
}

/// Each resource must be reached by some verb: a subresource takes only a few.
fn check_reachable(grant: &Grant, place: &Place, report: &mut Report<'_>) {
    for resource in &grant.resources {
        if grant.verbs.iter().any(|verb| verb.reaches(resource)) {
            continue;
        }
        let reaching = Verb::ALL.into_iter().filter(|verb| verb.reaches(resource));
        let verbs: Vec<String> = reaching.map(|verb| format!("\"{verb}\"")).collect();
        report.add(
            place,
            format!(
                "`{resource}` takes {} alone, so the grant says nothing of it",
                verbs.join(" and ")
            ),
            format!(
                "write a grant of its own for it, with verbs = [{}]",
                verbs.join(", ")
            ),
        );
    }
}

fn check_secret_values(grant: &Grant, flag: &Place, report: &mut Report<'_>) {
    if !grant.resources.iter().any(|resource| resource == "secrets") {
        let message = "it means nothing where `resources` does not name `secrets`";
        report.add(flag, message, "remove it, or add \"secrets\" to resources");
    }
    if !grant
        .api_groups
        .iter()
        .any(|group| group.is_empty() || group == "*")
    {
        let message = "it means nothing without the core group, which Secrets are in";
        report.add(flag, message, "remove it, or add \"\" to api_groups");
    }
    if !grant
        .verbs
        .iter()
        .any(|verb| matches!(verb, Verb::Get | Verb::List))
    {
        let message = "it means nothing without the verb `get` or `list`";
        report.add(flag, message, "remove it, or add \"get\" to verbs");
    }
}
