//! The subresource `scale`: how many pods a workload wants, and nothing else of it.

use serde_json::{Value, json};

use super::decode::{Decoder, unreadable};
use super::incoming::Incoming;
use super::{Action, Part, Subject, Written, patch, update};
use crate::cluster::Cluster;
use crate::selector;
use crate::status::{Cause, Refusal};

/// The `Scale` of a workload.
pub(crate) fn scale_of(object: &Value) -> Value {
    let mut metadata = json!({});
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        metadata[field] = object["metadata"][field].clone();
    }
    let mut spec = json!({});
    // As in the real answer, where 0 is left out.
    if let Some(replicas) = object["spec"]["replicas"]
        .as_i64()
        .or(Some(1))
        .filter(|count| *count != 0)
    {
        spec["replicas"] = replicas.into();
    }
    let replicas = object["status"]["replicas"].as_i64().unwrap_or_default();
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec,
        "status": {"replicas": replicas, "selector": selector::text_of(&object["spec"]["selector"])},
    })
}

/// # Errors
/// As [`update::replace`] and [`update::patch`].
pub(super) fn scale(
    cluster: &mut Cluster,
    subject: &Subject<'_>,
    incoming: &Incoming,
    action: Action,
) -> Result<Written, Refusal> {
    let before = subject.current(cluster)?;
    let is_patch = matches!(action, Action::Patch(_));
    let mut scale = if is_patch {
        patch::apply(subject.of, &scale_of(&before), incoming)?
    } else {
        incoming.object(subject.of)?
    };
    let given = scale.clone();
    let warnings = Decoder::of_scale()
        .read(&mut scale, &[], &incoming.options)
        .map_err(|problem| {
            if is_patch {
                Refusal::invalid_patch(&given, &problem)
            } else {
                unreadable(subject.of, &problem)
            }
        })?;
    update::expect_place(subject, &mut scale)?;
    let replicas = scale["spec"]["replicas"].as_i64().unwrap_or_default();
    if replicas < 0 {
        let problem = "must be greater than or equal to 0";
        let cause = Cause::invalid("spec.replicas", &replicas.into(), problem);
        let details = json!({"name": subject.name, "group": "autoscaling", "kind": "Scale"});
        return Err(Refusal::invalid_because(
            "Scale.autoscaling",
            subject.name,
            details,
            &[cause],
        ));
    }
    let mut object = before.clone();
    object["spec"]["replicas"] = replicas.into();
    let version = &scale["metadata"]["resourceVersion"];
    if !version.is_null() {
        object["metadata"]["resourceVersion"] = version.clone();
    }
    let written = update::finish(cluster, subject, Part::Scale, &before, object)?;
    Ok(Written {
        answer: scale_of(&written.answer),
        warnings,
        ..written
    })
}
