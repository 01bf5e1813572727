//! Fields that a schema does not know, and the defaults that it knows.

use serde_json::Value;

use super::{Node, known, member};

/// A walk that takes out unknown fields.
pub(super) struct Unknown {
    custom: bool,
    pub(super) paths: Vec<String>,
}

impl Unknown {
    pub(super) fn new(custom: bool) -> Self {
        Self {
            custom,
            paths: Vec::new(),
        }
    }

    pub(super) fn prune(&mut self, node: &Node<'_>, value: &mut Value, path: &str) {
        match value {
            Value::Object(members) => {
                members.retain(|name, value| self.keeps(node, name, value, path));
            }
            Value::Array(items) => {
                if let Some(node) = node.items() {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.prune(&node, item, &format!("{path}[{index}]"));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn keeps(&mut self, node: &Node<'_>, name: &str, value: &mut Value, path: &str) -> bool {
        if let Some(node) = node.property(name) {
            // To the API, null is the same as nothing, but where a CRD says otherwise.
            let keeps = !value.is_null() || node.says("nullable");
            self.prune(&node, value, &member(path, name));
            return keeps;
        }
        if let Some(node) = node.values() {
            self.prune(&node, value, &member(path, name));
            return true;
        }
        if self.is_open(node) || is_known(node, name) {
            return true;
        }
        self.paths.push(member(path, name));
        false
    }

    /// Whether a node may have members that it does not name.
    fn is_open(&self, node: &Node<'_>) -> bool {
        node.says("x-kubernetes-preserve-unknown-fields")
            || node.says("additionalProperties")
            // A built-in object without properties is one that the subset does not describe.
            || (!self.custom && !node.schema["properties"].is_object())
    }
}

fn is_known(node: &Node<'_>, name: &str) -> bool {
    let embedded = node.says("x-kubernetes-embedded-resource");
    (embedded && matches!(name, "apiVersion" | "kind" | "metadata"))
        || node
            .component
            .is_some_and(|component| known::is_known(component, name))
}

/// Sets the defaults of a CRD's schema, which holds no references but to the metadata.
pub(super) fn fill_in(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if let Some(default) = schema.get("default") {
                    members
                        .entry(name.clone())
                        .or_insert_with(|| default.clone());
                }
                if let Some(value) = members.get_mut(name) {
                    fill_in(schema, value);
                }
            }
            let values = &schema["additionalProperties"];
            if values.is_object() {
                members
                    .values_mut()
                    .for_each(|value| fill_in(values, value));
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| fill_in(&schema["items"], item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
