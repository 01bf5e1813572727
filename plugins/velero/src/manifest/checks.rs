//! What Velero and the API server would refuse of the arguments, said before anything is written.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::arguments::Values;
use serde_json::{Map, Value};

/// The most characters of a namespace's name, and of a label's value.
const LONGEST_LABEL: usize = 63;

/// Returns the name of the object.
///
/// # Errors
/// `Invalid` for what is no DNS-1123 subdomain, or is longer.
pub(super) fn name(values: &Values, longest: usize) -> Result<&str, Failure> {
    let name = values.text("name").unwrap_or_default();
    if name.len() <= longest && !name.is_empty() && name.split('.').all(is_word) {
        return Ok(name);
    }
    Err(Failure::invalid(format!("`{name}` is no name for it")).next_step(&format!(
        "give small letters, digits, `-` and `.`, with a letter or digit at both ends, at most {longest}"
    )))
}

/// Checks the lists of namespaces as Velero does (`ValidateNamespaceIncludesExcludes` in `pkg/util/collections` of 1.18).
///
/// # Errors
/// `Invalid`, with the name that is wrong.
pub(super) fn namespaces(values: &Values) -> Result<(), Failure> {
    let included = values.texts("included_namespaces");
    let excluded = values.texts("excluded_namespaces");
    for pattern in included.iter().chain(&excluded) {
        // `*` and `?` match; with a letter in their place it has to be a name.
        let name = pattern.replace(['*', '?'], "a");
        if pattern.contains("**") || !is_namespace(&name) {
            return Err(
                Failure::invalid(format!("`{pattern}` is no name of a namespace"))
                    .next_step("give names, in which `*` and `?` may match, or `*` alone"),
            );
        }
    }
    lists(values, "included_namespaces", "excluded_namespaces")
}

/// Checks the lists of resources (`ValidateIncludesExcludes` in `pkg/util/collections` of 1.18).
///
/// # Errors
/// `Invalid`, with the lists that are wrong.
pub(super) fn resources(values: &Values) -> Result<(), Failure> {
    lists(values, "included_resources", "excluded_resources")
}

/// What no restore brings back (`nonRestorableResources` in `pkg/controller/restore_controller.go` of 1.18).
const NOT_RESTORED: [&str; 9] = [
    "nodes",
    "events",
    "events.events.k8s.io",
    "backups.velero.io",
    "restores.velero.io",
    "resticrepositories.velero.io",
    "csinodes.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "backuprepositories.velero.io",
];

/// Checks that a restore can bring back what it names.
///
/// # Errors
/// `Invalid`, with the resource that Velero never restores.
pub(super) fn restorable(values: &Values) -> Result<(), Failure> {
    let included = values.texts("included_resources");
    let never = included
        .iter()
        .find(|name| NOT_RESTORED.contains(&name.as_str()));
    match never {
        None => Ok(()),
        Some(never) => Err(Failure::invalid(format!(
            "included_resources holds `{never}`, which Velero never restores"
        ))
        .next_step("leave it out")),
    }
}

/// Velero takes two such lists only where `*` stands alone among what is taken and nothing is in both.
fn lists(values: &Values, included_in: &str, excluded_in: &str) -> Result<(), Failure> {
    let included = values.texts(included_in);
    let excluded = values.texts(excluded_in);
    let is_all = |name: &String| name == "*";
    if included.len() > 1 && included.iter().any(is_all) {
        return Err(
            Failure::invalid(format!("`*` stands in {included_in} beside names"))
                .next_step("give either, since `*` is all of them"),
        );
    }
    if excluded.iter().any(is_all) {
        return Err(
            Failure::invalid(format!("{excluded_in} holds `*`, so nothing is left"))
                .next_step("name what to leave out"),
        );
    }
    match included.iter().find(|name| excluded.contains(name)) {
        None => Ok(()),
        Some(both) => Err(Failure::invalid(format!(
            "`{both}` stands in {included_in} and in {excluded_in}"
        ))
        .next_step("leave one of them out")),
    }
}

/// Checks where namespaces are restored into. Returns what would have no effect.
///
/// # Errors
/// `Invalid` for what is no namespace, and where two would become one, also where one of them is restored as itself.
pub(super) fn mapping(values: &Values) -> Result<Vec<String>, Failure> {
    let included = values.texts("included_namespaces");
    let mut notes = Vec::new();
    let pairs = values.pairs("namespace_mapping");
    for (at, (from, to)) in pairs.iter().enumerate() {
        if !is_namespace(from) || !is_namespace(to) {
            return Err(Failure::invalid(format!(
                "namespace_mapping has `{from}` to `{to}`, which are no two namespaces"
            ))
            .next_step("give names, such as {\"shop\": \"shop-restored\"}"));
        }
        if pairs.iter().take(at).any(|(_, other)| other == to) {
            return Err(Failure::invalid(format!(
                "namespace_mapping has `{to}` twice, so objects would meet there"
            ))
            .next_step("restore each namespace into one of its own"));
        }
        // A namespace that is mapped elsewhere leaves its own name free.
        let stays = |name: &String| name == to && !pairs.iter().any(|(other, _)| other == to);
        if included.iter().any(stays) {
            return Err(Failure::invalid(format!(
                "namespace_mapping has `{from}` to `{to}`, and included_namespaces has `{to}`, so objects would meet there"
            ))
            .next_step("restore each namespace into one of its own"));
        }
        let names = |name: &String| name == from || name.contains(['*', '?']);
        if !included.is_empty() && !included.iter().any(names) {
            notes.push(format!(
                "namespace_mapping names {from}, which is not in included_namespaces"
            ));
        }
    }
    Ok(notes)
}

/// Reads `app=web,tier=front`.
///
/// # Errors
/// `Invalid` for anything else.
pub(super) fn labels(text: &str) -> Result<Map<String, Value>, Failure> {
    let mut labels = Map::new();
    for part in text.split(',') {
        let pair = part
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()));
        match pair {
            Some((key, value)) if is_key(key) && is_value(value) => {
                labels.insert(key.to_owned(), value.into());
            }
            Some(_) | None => {
                return Err(Failure::invalid(format!("label_selector has `{part}`, which is no label with its value"))
                    .next_step("give `app=web,tier=front`; for `in`, `!=` and the like write labelSelector into generated YAML by hand"));
            }
        }
    }
    Ok(labels)
}

fn is_namespace(name: &str) -> bool {
    name.len() <= LONGEST_LABEL && is_word(name)
}

/// Small letters, digits and `-`, with a letter or digit at both ends.
fn is_word(word: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    word.starts_with(is_alphanumeric)
        && word.ends_with(is_alphanumeric)
        && word.chars().all(|c| is_alphanumeric(c) || c == '-')
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').unwrap_or(("a", key));
    prefix.split('.').all(is_word) && !name.is_empty() && is_value(name)
}

fn is_value(value: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    value.is_empty()
        || (value.len() <= LONGEST_LABEL
            && value.starts_with(alphanumeric)
            && value.ends_with(alphanumeric)
            && value.chars().all(|c| alphanumeric(c) || "-_.".contains(c)))
}
