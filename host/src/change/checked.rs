//! From what a guest asks for to a plan that makes sense, before any request is sent.

use std::collections::HashSet;

use serde_json::Value;

use super::mask::{MARK, texts};
use super::{expected, pointer};
use crate::config::{ChangesConfig, Verb};
use crate::failure::{Failure, Kind, shown};
use crate::gate::{Operation, Reach, Resource};
use crate::proposal::{Change, Generated, PatchKind, Plan, Target};

/// Most characters of the plugin's and the caller's claims.
const MAX_CLAIM: usize = 500;

/// Operations that would read what they compare or copy.
const READING: [&str; 3] = ["test", "copy", "move"];

/// Keys of `metadata` that no patch sets: they say which object it is, or whose fields are whose.
const HOSTS: [&str; 5] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "managedFields",
];

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

/// Returns the places that a JSON patch writes to, as the paths of a diff.
pub(super) fn written_by(operations: &Value) -> Vec<String> {
    let operations = operations.as_array().into_iter().flatten();
    let writing = operations.filter(|operation| operation["op"] != "test");
    let pointers = writing.filter_map(|operation| operation["path"].as_str());
    pointers
        .map(|pointer| {
            let steps = pointer::steps(pointer);
            // What comes to the end of a list is told by the lines of the diff.
            pointer::path(steps.iter().filter(|step| *step != "-"))
        })
        .collect()
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

/// Refuses the operations of a JSON patch that read what redaction covers. `covers` says where secrets were observed.
///
/// # Errors
/// Which operation, and why.
pub(super) fn reads_no_secret(
    target: &Target,
    change: &Change,
    covers: impl Fn(&str) -> bool,
) -> Result<(), Failure> {
    let Change::Patch {
        how: PatchKind::JsonPatch,
        body: Value::Array(operations),
        ..
    } = change
    else {
        return Ok(());
    };
    for operation in operations {
        let word = operation["op"].as_str().unwrap_or_default();
        if !READING.contains(&word) {
            continue;
        }
        let pointers = [&operation["path"], &operation["from"]];
        for pointer in pointers.into_iter().filter_map(Value::as_str) {
            // What is not masked in the object can be read anyway.
            if is_secret(target) || covers(pointer) {
                return Err(Failure::new(
                    Kind::Denied,
                    format!(
                        "`{word}` at `{}` of {target} would read what redaction covers",
                        shown(pointer)
                    ),
                )
                .fix(
                    "leave the operation out: the proposal is bound to the resourceVersion anyway",
                ));
            }
        }
    }
    Ok(())
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
        Change::Patch { how, body, .. } => patch(*how, body),
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

/// Refuses what a plan may not set: who set which field decides what the next apply of somebody else takes away, and a status is
/// its controller's.
fn not_set(object: &Value, keys: &[&str]) -> Result<(), String> {
    for key in keys {
        if object["metadata"].get(key).is_some() {
            return Err(format!("it sets `metadata.{key}`, which is the server's"));
        }
    }
    if object.get("status").is_some() {
        return Err("it sets `status`, which is its controller's".to_owned());
    }
    Ok(())
}

fn patch(how: PatchKind, body: &Value) -> Result<(), String> {
    match how {
        PatchKind::Merge | PatchKind::Strategic => {
            if !body.is_object() {
                return Err("the patch is not a JSON object".to_owned());
            }
            not_set(body, &HOSTS)
        }
        PatchKind::JsonPatch => {
            let operations = body
                .as_array()
                .filter(|operations| !operations.is_empty())
                .ok_or("the JSON patch is not a list of operations")?;
            for operation in operations {
                let word = operation["op"].as_str().unwrap_or_default();
                if !["add", "remove", "replace"].contains(&word) && !READING.contains(&word) {
                    return Err(format!("`{}` is no operation of a JSON patch", shown(word)));
                }
                let Some(path) = operation["path"].as_str() else {
                    return Err("an operation of the JSON patch has no `path`".to_owned());
                };
                if word != "test" {
                    writes_no_more_than_a_patch(path)?;
                }
                if let (true, Some(from)) = (word == "move", operation["from"].as_str()) {
                    writes_no_more_than_a_patch(from)?;
                }
            }
            Ok(())
        }
    }
}

/// Refuses a place of a JSON patch at which a merge patch could not write either.
fn writes_no_more_than_a_patch(path: &str) -> Result<(), String> {
    let steps = pointer::steps(path);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    match steps.as_slice() {
        [] | ["metadata"] => {
            Err("an operation replaces the whole object or its metadata".to_owned())
        }
        ["status", ..] => Err("it sets `status`, which is its controller's".to_owned()),
        ["metadata", key, ..] if HOSTS.contains(key) => {
            Err(format!("it sets `metadata.{key}`, which is the server's"))
        }
        _ => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(group: &str, plural: &str) -> Target {
        Target {
            group: group.to_owned(),
            version: None,
            plural: plural.to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        }
    }

    fn refused(target: Target, change: Change) -> String {
        let plan = Plan {
            summary: "a test".to_owned(),
            reason: None,
            changes: vec![(target, change)],
        };
        super::plan(&plan, &ChangesConfig::default())
            .map(|()| "accepted".to_owned())
            .unwrap_or_else(|failure| failure.message)
    }

    fn merge(body: Value) -> Change {
        Change::Patch {
            how: PatchKind::Merge,
            body,
            expected_version: None,
        }
    }

    fn json_patch(body: Value) -> Change {
        Change::Patch {
            how: PatchKind::JsonPatch,
            body,
            expected_version: None,
        }
    }

    #[test]
    fn what_is_the_hosts_or_the_servers_cannot_be_set() {
        let web = || target("apps", "deployments");
        for key in [
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "managedFields",
        ] {
            let said = refused(web(), merge(json!({"metadata": {key: "x"}})));
            assert!(said.contains(key), "{said}");
        }
        for path in [
            "",
            "/metadata",
            "/metadata/managedFields/0",
            "/metadata/uid",
            "/status/phase",
        ] {
            let said = refused(
                web(),
                json_patch(json!([{"op": "add", "path": path, "value": {}}])),
            );
            assert_ne!(said, "accepted", "{path}");
        }
        let status = json!({"status": {"phase": "Completed"}});
        assert!(refused(web(), merge(status)).contains("its controller's"));
        let open = json!({"metadata": {"generateName": "web-", "namespace": "shop"}});
        assert!(refused(web(), Change::Create { object: open }).contains("generateName"));
        let other = json!({"metadata": {"name": "other", "namespace": "shop"}});
        assert!(refused(web(), Change::Create { object: other }).contains("another object"));
        assert_eq!(
            refused(web(), merge(json!({"spec": {"replicas": 3}}))),
            "accepted"
        );
    }

    #[test]
    fn a_status_is_set_by_a_patch_of_it_alone_and_needs_the_right_to_that() {
        let status = |body| Change::PatchStatus {
            body,
            expected: Vec::new(),
        };
        let web = || target("apps", "deployments");
        assert_eq!(refused(web(), status(json!({"replicas": 3}))), "accepted");
        for nothing in [json!({}), json!(null), json!("x")] {
            assert!(refused(web(), status(nothing)).contains("its status"));
        }
        let needed = operations(&web(), &status(json!({"replicas": 3})), true);
        let Operation::Change { verb, resource, .. } = &needed[0] else {
            panic!("it changes something");
        };
        assert_eq!(
            (*verb, resource.plural.as_str()),
            (Verb::Patch, "deployments/status")
        );
        assert!(
            matches!(&needed[1], Operation::Get { resource, .. } if resource.plural == "deployments")
        );
    }

    #[test]
    fn a_text_that_looks_like_a_mask_is_refused() {
        let said = refused(
            target("", "configmaps"),
            merge(json!({"data": {"a": "(masked: 12 characters, #00000000)"}})),
        );
        assert!(said.contains("how the host shows what it hides"), "{said}");
    }

    #[test]
    fn a_plan_has_a_size_and_each_object_once() {
        let scale = |_| (target("apps", "deployments"), Change::Scale { replicas: 1 });
        let plan = |changes| Plan {
            summary: String::new(),
            reason: None,
            changes,
        };
        let bounds = ChangesConfig::default();
        let kind = |changes| super::plan(&plan(changes), &bounds).unwrap_err().kind;
        assert_eq!(kind((0..51).map(scale).collect()), Kind::Limit);
        assert_eq!(kind((0..2).map(scale).collect()), Kind::Invalid);
        assert_eq!(kind(Vec::new()), Kind::Invalid);
        let large = merge(json!({"data": {"a": "x".repeat(300 * 1024)}}));
        assert_eq!(kind(vec![(target("", "configmaps"), large)]), Kind::Limit);
    }

    #[test]
    fn values_are_generated_for_secrets_alone_and_for_each_key_once() {
        let rotate = |keys: &[(&str, u8)]| Change::RotateSecret {
            generate: keys
                .iter()
                .map(|(key, characters)| Generated {
                    key: (*key).to_owned(),
                    characters: *characters,
                })
                .collect(),
        };
        let secret = || target("", "secrets");
        assert_eq!(refused(secret(), rotate(&[("a", 32)])), "accepted");
        for wrong in [
            rotate(&[]),
            rotate(&[("a", 15)]),
            rotate(&[("a", 129)]),
            rotate(&[("a", 32), ("a", 32)]),
            rotate(&[("a/b", 32)]),
        ] {
            assert_ne!(refused(secret(), wrong), "accepted");
        }
        assert!(refused(target("", "configmaps"), rotate(&[("a", 32)])).contains("Secrets alone"));
    }

    #[test]
    fn a_json_patch_reads_no_secret() {
        let reads = |target: &Target, operation: Value, covered: bool| {
            reads_no_secret(target, &json_patch(json!([operation])), |_| covered).is_err()
        };
        let secret = target("", "secrets");
        let web = target("apps", "deployments");
        for word in READING {
            let at = |path: &str| json!({"op": word, "path": path, "from": path, "value": "x"});
            assert!(reads(&secret, at("/data/password"), false), "{word}");
            assert!(reads(&web, at("/spec/x"), true), "{word}");
            assert!(!reads(&web, at("/spec/replicas"), false), "{word}");
        }
        let replace = json!({"op": "replace", "path": "/data/password", "value": "eA=="});
        assert!(!reads(&secret, replace, true));
    }
}
