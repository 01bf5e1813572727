//! The revisions of a workload: ReplicaSets of a Deployment, ControllerRevisions of the others.

use super::Workload;
use crate::selector;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Time};
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Reverse;

/// The label by which a Deployment tells its ReplicaSets apart: no part of the template that was asked for.
const HASH: &str = "pod-template-hash";

/// One revision.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) number: u64,
    pub(crate) made: Option<Time>,
    /// As the user wrote it down, by the annotation `kubernetes.io/change-cause`.
    pub(crate) cause: String,
    /// The pods that it made.
    pub(crate) template: Value,
}

impl Revision {
    /// Returns the images of its containers.
    pub(crate) fn images(&self) -> String {
        let containers = self
            .template
            .pointer("/spec/containers")
            .and_then(Value::as_array);
        let images = containers.into_iter().flatten();
        let images = images.filter_map(|container| container.get("image")?.as_str());
        images.collect::<Vec<_>>().join(", ")
    }
}

/// Metadata's name is not asked for: the number is what people call a revision.
#[derive(Deserialize)]
struct Row(
    Option<Vec<Owner>>,
    Option<Time>,
    Option<String>,
    Option<Value>,
    Option<Value>,
);

#[derive(Deserialize)]
struct Owner {
    kind: String,
    name: String,
    #[serde(default)]
    controller: bool,
}

/// Reads the revisions of a workload, which is given whole. The newest, which is the current one, comes first.
///
/// # Errors
/// As [`kubernetes::list_fields`].
pub(crate) fn of(
    workload: Workload,
    what: &ObjectRef,
    object: &Value,
) -> Result<Vec<Revision>, Failure> {
    let (plural, number, template) = match workload {
        Workload::Deployment => (
            "replicasets",
            "metadata.annotations['deployment.kubernetes.io/revision']",
            "spec.template",
        ),
        Workload::StatefulSet | Workload::DaemonSet => {
            ("controllerrevisions", "revision", "data.spec.template")
        }
    };
    let paths = [
        "metadata.ownerReferences",
        "metadata.creationTimestamp",
        "metadata.annotations['kubernetes.io/change-cause']",
        number,
        template,
    ];
    let namespace = what.namespace.as_deref().unwrap_or_default();
    let mut query = Query::in_namespace(ResourceType::new("apps", plural), namespace);
    query.label_selector = selector::of(object);
    let kind = object.get("kind").and_then(Value::as_str);
    let mut revisions = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = kubernetes::list_fields::<Row>(&query, &paths, 100, token.as_deref())?;
        let mine = page.items.into_iter().filter(|Row(owners, ..)| {
            let mut owners = owners.iter().flatten();
            owners.any(|owner| {
                owner.controller && Some(owner.kind.as_str()) == kind && owner.name == what.name
            })
        });
        revisions.extend(mine.filter_map(revision));
        token = page.continue_token;
        if token.is_none() {
            break;
        }
    }
    revisions.sort_by_key(|revision| Reverse(revision.number));
    Ok(revisions)
}

fn revision(Row(_, made, cause, number, template): Row) -> Option<Revision> {
    let number = match number? {
        Value::String(text) => text.parse().ok()?,
        number => number.as_u64()?,
    };
    Some(Revision {
        number,
        made,
        cause: cause.unwrap_or_default(),
        template: as_asked_for(template?),
    })
}

/// Leaves out of a revision's template what its controller has put there.
fn as_asked_for(mut template: Value) -> Value {
    if let Some(template) = template.as_object_mut() {
        // A ControllerRevision holds a strategic merge patch.
        template.remove("$patch");
    }
    if let Some(labels) = template
        .pointer_mut("/metadata/labels")
        .and_then(Value::as_object_mut)
    {
        labels.remove(HASH);
    }
    template
}

#[cfg(test)]
mod tests {
    use super::{Row, revision};
    use serde_json::{Value, json};

    fn row(number: Value) -> Row {
        let template = json!({
            "$patch": "replace",
            "metadata": { "labels": { "app": "web", "pod-template-hash": "5b8c" } },
            "spec": { "containers": [{ "image": "a:1" }, { "image": "b:2" }] },
        });
        Row(None, None, None, Some(number), Some(template))
    }

    #[test]
    fn a_revision_is_numbered_by_an_annotation_or_a_field() {
        for number in [json!("12"), json!(12)] {
            assert_eq!(revision(row(number)).map(|it| it.number), Some(12));
        }
        assert!(revision(row(json!("none"))).is_none());
    }

    #[test]
    fn a_template_is_without_what_its_controller_put_there() {
        let revision = revision(row(json!(1))).expect("it has a number and a template");
        assert_eq!(revision.images(), "a:1, b:2");
        assert_eq!(
            revision.template["metadata"],
            json!({ "labels": { "app": "web" } })
        );
        assert_eq!(revision.template.get("$patch"), None);
    }
}
