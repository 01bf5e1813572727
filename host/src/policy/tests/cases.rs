//! The changes of the golden matrix: what each is, in the words of whoever would ask for it.

mod backups;
mod cluster;
mod data;
mod databases;
mod operators;
mod outside;
mod power;
mod workloads;

use serde_json::{Value, json};

use super::super::{Subject, Verb};

/// A change with the title of its row.
pub(super) struct Case {
    pub(super) title: &'static str,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    verb: Verb,
    namespace: Option<&'static str>,
    name: &'static str,
    before: Option<Value>,
    after: Option<Value>,
}

impl Case {
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            verb: self.verb,
            group: self.group,
            resource: self.resource,
            namespace: self.namespace,
            name: self.name,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
            dependents: None,
        }
    }

    fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn within(self, namespace: &'static str) -> Self {
        let namespace = Some(namespace);
        Self { namespace, ..self }
    }

    fn of_cluster(self) -> Self {
        Self {
            namespace: None,
            ..self
        }
    }
}

/// API group and plural.
type Kind = (&'static str, &'static str);

const POD: Kind = ("", "pods");
const SECRET: Kind = ("", "secrets");

fn case(
    title: &'static str,
    verb: Verb,
    kind: Kind,
    before: Option<Value>,
    after: Option<Value>,
) -> Case {
    let (group, resource) = kind;
    Case {
        title,
        group,
        resource,
        verb,
        namespace: Some("shop"),
        name: "web",
        before,
        after,
    }
}

fn create(title: &'static str, kind: Kind, object: Value) -> Case {
    case(title, Verb::Create, kind, None, Some(object))
}

/// `change` is a merge patch.
fn update(title: &'static str, kind: Kind, before: Value, change: Value) -> Case {
    let mut after = before.clone();
    merge(&mut after, change);
    case(title, Verb::Update, kind, Some(before), Some(after))
}

fn delete(title: &'static str, kind: Kind) -> Case {
    case(title, Verb::Delete, kind, Some(json!({})), None)
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        let fields = target.as_object_mut().expect("it was made one above");
        if value.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// One deployment, as the API server would show it.
pub(super) fn deployment() -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{
                    "name": "web", "image": "web:1",
                    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                }]},
            },
        },
    })
}

fn annotated(key: &str, value: &str) -> Value {
    json!({"metadata": {"annotations": {key: value}}})
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = workloads::cases();
    cases.extend(power::cases());
    cases.extend(cluster::cases());
    cases.extend(outside::cases());
    cases.extend(operators::cases());
    cases.extend(data::cases());
    cases.extend(backups::cases());
    cases.extend(databases::cases());
    cases
}
