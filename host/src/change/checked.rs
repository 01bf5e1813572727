//! From what a guest asks for to a plan that makes sense, before any request is sent.

mod patch;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::Value;

use self::patch::not_set;
pub(super) use self::patch::{reads_no_secret, written_by};
use super::expected;
use super::mask::{MARK, texts};
use crate::config::{ChangesConfig, Verb};
use crate::failure::{Failure, Kind, shown};
use crate::gate::{Operation, Reach, Resource};
use crate::proposal::{Change, Generated, Plan, Target};

/// Most characters of the plugin's and the caller's claims.
const MAX_CLAIM: usize = 500;

/// Checks the size of a plan, which needs nothing but the plan.
///
/// # Errors
/// `Limit` with the bound.
pub(super) fn size(changes: usize, bytes: u64, bounds: &ChangesConfig) -> Result<(), Failure> {
    let over = |what: String, most: String, key: &str| {
        Err(Failure::new(
            Kind::Limit,
            format!("the plan has {what}, more than the {most} that one proposal may have"),
        )
        .fix(format!(
            "propose a part of it first; the operator can raise `{key}`"
        )))
    };
    if changes > bounds.max_changes as usize {
        let most = bounds.max_changes.to_string();
        return over(format!("{changes} changes"), most, "changes.max_changes");
    }
    if bytes > bounds.max_plan.bytes() {
        let most = bounds.max_plan.to_string();
        return over(format!("{bytes} bytes"), most, "changes.max_plan");
    }
    Ok(())
}

/// Checks the shape of a plan.
///
/// # Errors
/// `Invalid` with the change and what is wrong with it.
pub(super) fn plan(plan: &Plan, bounds: &ChangesConfig) -> Result<(), Failure> {
    let bytes = |change| serde_json::to_vec(change).map_or(0, |text| text.len() as u64);
    let bytes = plan.changes.iter().map(|(_, change)| bytes(change)).sum();
    size(plan.changes.len(), bytes, bounds)?;
    if plan.changes.is_empty() {
        return Err(invalid(None, "the plan has no changes"));
    }
    for (claim, text) in [
        ("summary", Some(&plan.summary)),
        ("reason", plan.reason.as_ref()),
    ] {
        if text.is_some_and(|text| text.chars().count() > MAX_CLAIM) {
            return Err(invalid(
                None,
                &format!("the {claim} is longer than {MAX_CLAIM} characters"),
            ));
        }
    }
    let mut targets = HashSet::new();
    for (number, (target, change)) in plan.changes.iter().enumerate() {
        check(target, change).map_err(|reason| invalid(Some((number, target)), &reason))?;
        // Another version of it is the same object.
        let Target {
            group,
            version: _,
            plural,
            namespace,
            name,
        } = target;
        if !targets.insert((group, plural, namespace, name)) {
            return Err(invalid(
                Some((number, target)),
                "an earlier change is about the same object: put both into one",
            ));
        }
    }
    Ok(())
}

/// Returns what the gate must allow for a change of an object that is there, or is not.
pub(super) fn operations(target: &Target, change: &Change, exists: bool) -> Vec<Operation> {
    let operation = |verb, subresource: &str| Operation::Change {
        verb,
        resource: Resource::new(
            target.group.clone(),
            format!("{}{subresource}", target.plural),
        ),
        reach: Reach::of(target),
        name: target.name.clone(),
    };
    let (verb, subresource) = change.verb(exists);
    let own = operation(verb, subresource);
    let also = match change {
        Change::Apply { .. } if !exists => operation(Verb::Patch, ""),
        // Its diff shows the object.
        Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::RotateSecret { .. } => Operation::Get {
            resource: Resource::new(target.group.clone(), target.plural.clone()),
            reach: Reach::of(target),
            name: target.name.clone(),
        },
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => return vec![own],
    };
    vec![own, also]
}

/// Returns the word that a person reads for a change.
pub(super) fn action(change: &Change, exists: bool) -> &'static str {
    match change {
        Change::Create { .. } | Change::CreateSecret { .. } => "create",
        Change::Apply { .. } if exists => "apply",
        Change::Apply { .. } => "create",
        Change::Patch { .. } | Change::PatchStatus { .. } => "patch",
        Change::RotateSecret { .. } => "rotate",
        Change::Scale { .. } => "scale",
        Change::Delete { .. } => "delete",
        Change::Evict => "evict",
    }
}

/// Whether a target is a Secret.
pub(super) fn is_secret(target: &Target) -> bool {
    target.group.is_empty() && target.plural == "secrets"
}

fn check(target: &Target, change: &Change) -> Result<(), String> {
    match change {
        Change::Create { object } | Change::Apply { object } => named(target, object),
        Change::CreateSecret { object, generate } => {
            named(target, object)?;
            if !is_secret(target) {
                return Err("values are generated for Secrets alone".to_owned());
            }
            let taken = |key: &str| {
                object["data"].get(key).is_some() || object["stringData"].get(key).is_some()
            };
            generated(generate, taken)
        }
        Change::RotateSecret { generate } => {
            if !is_secret(target) {
                return Err("values are generated for Secrets alone".to_owned());
            }
            generated(generate, |_| false)
        }
        Change::Patch { how, body, .. } => patch::check(*how, body),
        Change::PatchStatus { body, expected }
            if body.as_object().is_some_and(|body| !body.is_empty()) =>
        {
            expected::check(expected)
        }
        Change::PatchStatus { .. } => {
            Err("the patch of its status is not a JSON object with something in it".to_owned())
        }
        Change::Scale { .. } | Change::Delete { .. } => Ok(()),
        Change::Evict if target.group.is_empty() && target.plural == "pods" => Ok(()),
        Change::Evict => Err("only pods are evicted".to_owned()),
    }?;
    let mut marked = false;
    let body = serde_json::to_value(change).unwrap_or_default();
    texts(&body, &mut |text| marked |= text.starts_with(MARK));
    if marked {
        return Err(format!(
            "a text begins with `{MARK}`, which is how the host shows what it hides"
        ));
    }
    Ok(())
}

fn named(target: &Target, object: &Value) -> Result<(), String> {
    if !object.is_object() {
        return Err("the object is not a JSON object".to_owned());
    }
    let metadata = &object["metadata"];
    if metadata.get("generateName").is_some() {
        return Err(
            "`metadata.generateName` leaves the name open, and a person decides on a name: set `metadata.name`"
                .to_owned(),
        );
    }
    if metadata["name"].as_str() != Some(&target.name)
        || metadata["namespace"].as_str() != target.namespace.as_deref()
    {
        return Err("`metadata` names another object".to_owned());
    }
    not_set(object, &["managedFields"])
}

fn generated(generate: &[Generated], taken: impl Fn(&str) -> bool) -> Result<(), String> {
    if generate.is_empty() {
        return Err("no key is named for which a value is generated".to_owned());
    }
    let mut keys = HashSet::new();
    for Generated { key, characters } in generate {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if key.is_empty() || key.len() > 253 || !key.chars().all(plain) {
            return Err(format!("`{}` is no key of a Secret", shown(key)));
        }
        if !(16..=128).contains(characters) {
            return Err(format!(
                "`{key}` would get {characters} characters, and may have 16 to 128"
            ));
        }
        if taken(key) || !keys.insert(key) {
            return Err(format!("`{key}` is given twice"));
        }
    }
    Ok(())
}

fn invalid(change: Option<(usize, &Target)>, reason: &str) -> Failure {
    let message = match change {
        Some((number, target)) => format!("change {} ({target}): {reason}", number + 1),
        None => reason.to_owned(),
    };
    Failure::new(Kind::Invalid, message).fix("correct the plan; nothing was sent")
}
