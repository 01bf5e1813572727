//! Which other objects a change newly refers to.
//!
//! A name that stood elsewhere in the object is new where it comes to stand: what fetches images with a secret may not print it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Policy, Reference, Subject, Verb};
use crate::diff::{Step, differences, normalised};

/// A name with the row that says what it names.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    /// Index of the row.
    row: usize,
    name: String,
    /// What stands beside the name.
    namespace: Option<String>,
}

pub(super) fn references(policy: &Policy, subject: &Subject<'_>) -> Vec<Reference> {
    let before = match subject.verb {
        Verb::Create => None,
        Verb::Update => subject.before,
        Verb::Delete | Verb::Evict => return Vec::new(),
    };
    let known = names(policy, before);
    let mut found = BTreeSet::new();
    for named in names(policy, subject.after).difference(&known) {
        let row = &policy.references[named.row];
        let elsewhere = named
            .namespace
            .as_deref()
            .filter(|&namespace| subject.namespace != Some(namespace));
        // Some kinds pay no heed to a namespace beside the name: then it is the object's own that counts.
        let own = (subject.namespace.is_some() || elsewhere.is_none()).then_some(None);
        for namespace in own.into_iter().chain(elsewhere.map(Some)) {
            found.insert(Reference {
                group: row.group.clone(),
                resource: row.resource.clone(),
                namespace: namespace.map(str::to_owned),
                name: row.name.as_ref().unwrap_or(&named.name).clone(),
            });
        }
    }
    found.into_iter().collect()
}

/// Every value that a row says is a name.
fn names(policy: &Policy, object: Option<&Value>) -> BTreeSet<Named> {
    let Some(object) = object.map(normalised) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    // Seen from nothing, every leaf is a difference.
    for leaf in differences(None, Some(&object)) {
        let value = leaf.after.and_then(Value::as_str);
        let Some(name) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        for (row, rule) in policy.references.iter().enumerate() {
            if rule.path.is(&leaf.path) && !rule.except.iter().any(|except| except == name) {
                found.insert(Named {
                    row,
                    name: name.to_owned(),
                    namespace: beside(&object, &leaf.path).map(str::to_owned),
                });
            }
        }
    }
    found
}

/// The text at the key `namespace` beside a place.
fn beside<'a>(object: &'a Value, path: &[Step<'_>]) -> Option<&'a str> {
    let (_, parent) = path.split_last()?;
    let fields = parent.iter().try_fold(object, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })?;
    let namespace = fields.get("namespace")?.as_str()?;
    Some(namespace).filter(|namespace| !namespace.is_empty())
}
