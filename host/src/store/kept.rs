//! What stays of a proposal that has come to its end.
//!
//! It was kept whole so that a decision is about every byte that is sent. Afterwards it is read, and nothing of it is sent any
//! more: the values of Secrets, and what looks like one elsewhere, have no business on the disk. Of what nobody decided on,
//! only its name and where it came from stay, so that asking again and again fills no disk.

use serde_json::Value;

use crate::proposal::{Change, PatchKind, Proposal, Step};
use crate::redact;

/// What stands in a diff in place of a value.
const REMOVED: &str = "\"(removed)\"";

/// Where a Secret has its values.
const VALUES: [&str; 2] = ["data", "stringData"];

/// Holds a copy of all that `kubectl apply` has sent.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Takes the secrets out of what was to be sent, and out of what was shown of it.
pub(super) fn without_secrets(proposal: &mut Proposal) {
    let words = [Some(&mut proposal.summary), proposal.reason.as_mut()];
    for text in words.into_iter().flatten() {
        if let std::borrow::Cow::Owned(redacted) = redact::text(text) {
            *text = redacted;
        }
    }
    proposal.steps.iter_mut().for_each(step_without_secrets);
}

/// Leaves its name, what it is bound to, and what it was said to be for.
pub(super) fn bare(proposal: &mut Proposal) {
    proposal.steps.clear();
    proposal.warnings.clear();
    proposal.binding.arguments = Value::Null;
    without_secrets(proposal);
}

fn step_without_secrets(step: &mut Step) {
    let secret = step.target.group.is_empty() && step.target.plural == "secrets";
    let mut removed = Vec::new();
    match &mut step.change {
        Change::Create { object }
        | Change::CreateSecret { object, .. }
        | Change::Apply { object } => {
            if secret {
                remove_values(object);
            }
            redacted(object, &mut removed);
        }
        Change::Patch { how, body, .. } => {
            if secret {
                match how {
                    PatchKind::Merge | PatchKind::Strategic => remove_values(body),
                    PatchKind::JsonPatch => remove_operands(body),
                }
            }
            redacted(body, &mut removed);
        }
        Change::PatchStatus { body, expected } => {
            redacted(body, &mut removed);
            for one in expected {
                redacted(&mut one.value, &mut removed);
            }
        }
        Change::RotateSecret { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => {}
    }
    if secret || !removed.is_empty() {
        step.for_model.clear();
    }
    for line in &mut step.diff {
        let values = secret && (of_values(&line.path) || line.path.contains(LAST_APPLIED));
        for text in [&mut line.before, &mut line.after].into_iter().flatten() {
            if values || removed.contains(text) {
                REMOVED.clone_into(text);
            }
        }
    }
}

fn remove_values(object: &mut Value) {
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    fields.retain(|key, _| !VALUES.contains(&key.as_str()));
    if let Some(annotations) = fields
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("annotations"))
        .and_then(Value::as_object_mut)
    {
        annotations.remove(LAST_APPLIED);
    }
}

/// Where an operation leads to stays; what it puts there may be the whole object.
fn remove_operands(patch: &mut Value) {
    for operation in patch.as_array_mut().into_iter().flatten() {
        if let Some(operation) = operation.as_object_mut() {
            operation.remove("value");
        }
    }
}

/// `data`, `data.password` or `data['tls.key']`.
fn of_values(path: &str) -> bool {
    VALUES.iter().any(|values| {
        path.strip_prefix(values)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

/// Redacts what looks like a secret, and adds what was there, as a diff has it.
fn redacted(body: &mut Value, removed: &mut Vec<String>) {
    let whole = body.clone();
    redact::json(body);
    changed(&whole, body, removed);
}

fn changed(whole: &Value, left: &Value, removed: &mut Vec<String>) {
    match (whole, left) {
        (Value::Object(whole), Value::Object(left)) => {
            for (key, value) in whole {
                changed(value, left.get(key).unwrap_or(&Value::Null), removed);
            }
        }
        (Value::Array(whole), Value::Array(left)) => {
            for (index, value) in whole.iter().enumerate() {
                changed(value, left.get(index).unwrap_or(&Value::Null), removed);
            }
        }
        (whole, left) if whole != left => removed.push(whole.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::Line;

    fn step(plural: &str, change: Change, lines: &[(&str, &str)]) -> Step {
        let lines: Vec<Line> = lines
            .iter()
            .map(|(path, after)| Line {
                path: (*path).to_owned(),
                before: None,
                after: Some((*after).to_owned()),
            })
            .collect();
        serde_json::from_value(json!({
            "change": change, "diff": lines, "action": "patch",
            "target": {"group": "", "plural": plural, "namespace": "shop", "name": "db"},
            "reasons": [], "warnings": [], "items": [], "dependents": [], "for_model": "",
        }))
        .unwrap()
    }

    #[test]
    fn no_value_of_a_secret_stays_in_any_kind_of_change() {
        let applied = json!({"data": {"key": "c3dvcmRmaXNo"}}).to_string();
        let object = json!({
            "kind": "Secret", "metadata": {"name": "db", "annotations": {LAST_APPLIED: applied}},
            "data": {"key": "c3dvcmRmaXNo"}, "stringData": {"other": "swordfish"}, "type": "Opaque",
        });
        let patch = |how, body| Change::Patch {
            how,
            body,
            expected_version: None,
        };
        let replaced = json!([{"op": "replace", "path": "/data/key", "value": "c3dvcmRmaXNo"}]);
        let changes = [
            Change::Create {
                object: object.clone(),
            },
            Change::Apply {
                object: object.clone(),
            },
            Change::CreateSecret {
                object: object.clone(),
                generate: Vec::new(),
            },
            patch(PatchKind::Merge, object.clone()),
            patch(PatchKind::Strategic, object),
            patch(PatchKind::JsonPatch, replaced),
        ];
        for change in changes {
            let lines = [
                ("data.key", "\"c3dvcmRmaXNo\""),
                ("data['a.b']", "\"swordfish\""),
                ("type", "\"Opaque\""),
            ];
            let mut step = step("secrets", change, &lines);
            step_without_secrets(&mut step);
            let text = serde_json::to_string(&step).unwrap();
            assert!(!text.contains("c3dvcmRmaXNo"), "{text}");
            assert!(!text.contains("swordfish"), "{text}");
            assert!(
                text.contains("data.key") && text.contains("Opaque"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_looks_like_a_secret_elsewhere_is_removed_with_its_line() {
        let object = json!({"kind": "Pod", "spec": {"containers": [{
            "name": "db", "image": "registry.example/db:1",
            "env": [{"name": "DB_PASSWORD", "value": "correct-horse-battery"}],
        }]}});
        let lines = [
            (
                "spec.containers[0].env[0].value",
                "\"correct-horse-battery\"",
            ),
            ("spec.containers[0].image", "\"registry.example/db:1\""),
        ];
        let mut step = step("pods", Change::Create { object }, &lines);
        step_without_secrets(&mut step);
        let text = serde_json::to_string(&step).unwrap();
        assert!(!text.contains("correct-horse-battery"), "{text}");
        assert_eq!(step.diff[0].after.as_deref(), Some(REMOVED));
        assert_eq!(step.diff[1].after.as_deref(), Some(lines[1].1));
    }
}
