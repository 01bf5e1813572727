//! What a change writes where: the texts that a person is shown verbatim, since they are decided on.
//!
//! Only where a change writes may say what is shown there, never what stands there already: else a plugin that sends its guess of a
//! secret to another place would learn from the host's judgement whether the guess is right. Where it cannot be told for sure
//! where a text comes to stand, it stands nowhere.

use std::slice;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::change::pointer;
use crate::proposal::{Change, PatchKind};

/// What a change writes at one place, and below it.
#[derive(Default)]
pub(super) struct Sent<'a> {
    items: Items,
    /// What is written here whole.
    here: Vec<&'a Value>,
    /// What is written further down: the steps there from here.
    below: Vec<(Vec<String>, &'a Value)>,
    /// At the top alone.
    is_top: bool,
    /// What the server writes here in base64.
    encoded: Option<Box<Self>>,
}

/// Which item of a list an item is.
#[derive(Clone, Copy, Default)]
enum Items {
    /// The one in the same place.
    #[default]
    InOrder,
    /// The one of the same name.
    ByName,
}

impl<'a> Sent<'a> {
    /// What a change writes into an object.
    pub(super) fn by(change: &'a Change) -> Self {
        let (items, object) = match change {
            Change::Create { object } | Change::CreateSecret { object, .. } => {
                (Items::InOrder, object)
            }
            Change::Apply { object } => (Items::ByName, object),
            Change::Patch { how, body, .. } => match how {
                PatchKind::Merge => (Items::InOrder, body),
                PatchKind::Strategic if has_directives(body) => return Self::default(),
                PatchKind::Strategic => (Items::ByName, body),
                PatchKind::JsonPatch => return Self::of_json_patch(body),
            },
            Change::PatchStatus { body, .. } => {
                return Self {
                    below: vec![(vec!["status".to_owned()], body)],
                    ..Self::default()
                };
            }
            Change::RotateSecret { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict => return Self::default(),
        };
        Self {
            items,
            here: vec![object],
            is_top: true,
            ..Self::default()
        }
    }

    fn of_json_patch(operations: &'a Value) -> Self {
        let mut below = Vec::new();
        for operation in operations.as_array().into_iter().flatten() {
            let steps = pointer::steps(operation["path"].as_str().unwrap_or_default());
            // What comes into a list or goes from one moves the others; and what a key that looks like a place is, the
            // object says.
            let moves = steps
                .last()
                .is_none_or(|step| step == "-" || step.bytes().all(|byte| byte.is_ascii_digit()));
            match operation["op"].as_str() {
                Some("replace") => below.push((steps, &operation["value"])),
                Some("add") if !moves => below.push((steps, &operation["value"])),
                Some("remove") if !moves => {}
                Some("test") => {}
                _ => return Self::default(),
            }
        }
        Self {
            below,
            is_top: true,
            ..Self::default()
        }
    }

    /// What it writes at a key of the object here.
    pub(super) fn at_key(&self, key: &str) -> Self {
        let encoded = match &self.encoded {
            Some(encoded) => Some(Box::new(encoded.step(key))),
            // The server writes the one into the other.
            None if self.is_top && key == "data" => Some(Box::new(self.step("stringData"))),
            None => None,
        };
        Self {
            encoded,
            ..self.step(key)
        }
    }

    /// What it writes at an item of the list here.
    pub(super) fn at_item(&self, index: usize, item: &Value) -> Self {
        let mut next = self.step(&index.to_string());
        let lists = self.here.iter().filter_map(|value| value.as_array());
        next.here.extend(lists.flat_map(|list| match self.items {
            Items::InOrder => list.get(index).map_or(&[][..], slice::from_ref),
            Items::ByName => list.as_slice(),
        }));
        if matches!(self.items, Items::ByName) {
            let is_it = |one: &&Value| {
                one["name"].as_str().is_none()
                    || item["name"].as_str().is_none()
                    || one["name"] == item["name"]
            };
            next.here.retain(is_it);
        }
        next
    }

    /// Whether it writes this text here.
    pub(super) fn is(&self, text: &str) -> bool {
        let encoded = self.encoded.iter().flat_map(|encoded| &encoded.here);
        let mut encoded = encoded.filter_map(|value| value.as_str());
        self.here.iter().any(|value| value.as_str() == Some(text))
            || encoded.any(|plain| STANDARD.encode(plain) == text)
    }

    fn step(&self, step: &str) -> Self {
        let mut next = Self {
            items: self.items,
            here: self
                .here
                .iter()
                .filter_map(|value| value.get(step))
                .collect(),
            ..Self::default()
        };
        for (steps, value) in &self.below {
            match steps.as_slice() {
                [first] if first == step => next.here.push(value),
                [first, rest @ ..] if first == step => next.below.push((rest.to_vec(), value)),
                _ => {}
            }
        }
        next
    }
}

/// Whether a strategic patch has directives, which decide what becomes of what stands beside them.
fn has_directives(body: &Value) -> bool {
    match body {
        Value::Object(entries) => entries
            .iter()
            .any(|(key, value)| key.starts_with('$') || has_directives(value)),
        Value::Array(items) => items.iter().any(has_directives),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(how: PatchKind, body: Value) -> Change {
        Change::Patch {
            how,
            body,
            expected_version: None,
        }
    }

    #[test]
    fn a_merge_patch_writes_where_it_says() {
        let patch = patch(PatchKind::Merge, json!({"data": {"password": "x"}}));
        let sent = Sent::by(&patch);
        assert!(sent.at_key("data").at_key("password").is("x"));
        assert!(!sent.at_key("data").at_key("password").is("y"));
        assert!(!sent.at_key("data").at_key("user").is("x"));
        assert!(!sent.at_key("metadata").at_key("password").is("x"));
    }

    #[test]
    fn a_text_for_a_secret_comes_to_stand_in_its_data() {
        let patch = patch(PatchKind::Merge, json!({"stringData": {"password": "x"}}));
        let sent = Sent::by(&patch);
        assert!(sent.at_key("data").at_key("password").is("eA=="));
        assert!(!sent.at_key("data").at_key("password").is("x"));
        assert!(
            !sent
                .at_key("spec")
                .at_key("data")
                .at_key("password")
                .is("eA==")
        );
    }

    #[test]
    fn items_are_found_in_order_or_by_name() {
        let body = json!({"env": [{"name": "B", "value": "x"}]});
        let item = json!({"name": "B", "value": "x"});
        let other = json!({"name": "A", "value": "x"});
        let is_x = |how, index, item: &Value| {
            let patch = patch(how, body.clone());
            let list = Sent::by(&patch).at_key("env");
            list.at_item(index, item).at_key("value").is("x")
        };
        assert!(is_x(PatchKind::Strategic, 1, &item));
        assert!(!is_x(PatchKind::Strategic, 0, &other));
        assert!(is_x(PatchKind::Merge, 0, &other));
        assert!(!is_x(PatchKind::Merge, 1, &item));
    }

    #[test]
    fn a_json_patch_that_moves_items_writes_nowhere_for_sure() {
        let at = "/data/a~1b";
        let replace = json!({"op": "replace", "path": at, "value": "x"});
        let is_x = |operations: Value| {
            let patch = patch(PatchKind::JsonPatch, operations);
            Sent::by(&patch).at_key("data").at_key("a/b").is("x")
        };
        assert!(is_x(json!([replace])));
        assert!(is_x(
            json!([{"op": "add", "path": "/data", "value": {"a/b": "x"}}])
        ));
        for other in [
            json!({"op": "add", "path": "/list/0", "value": 1}),
            json!({"op": "add", "path": "/list/-", "value": 1}),
            json!({"op": "remove", "path": "/list/0"}),
            json!({"op": "move", "from": "/a", "path": "/b"}),
            json!({"op": "copy", "from": "/a", "path": "/b"}),
        ] {
            assert!(!is_x(json!([replace, other])), "{other}");
        }
    }

    #[test]
    fn a_patch_with_directives_writes_nowhere_for_sure() {
        let body = json!({"data": {"$patch": "replace", "password": "x"}});
        let patch = patch(PatchKind::Strategic, body);
        assert!(!Sent::by(&patch).at_key("data").at_key("password").is("x"));
    }
}
