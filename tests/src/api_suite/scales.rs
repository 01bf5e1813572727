//! The subresource `scale`.

use serde_json::{Value, json};

use super::updates::deployment;
use super::writes::{patched, refusal_is, sent, version};
use super::{Api, Outcome, equal, get, holds};

const MERGE: &str = "merge-patch+json";

pub(super) fn the_scale_is_read_and_written(api: &dyn Api) -> Outcome {
    let path = deployment(api, "scale")?;
    let scale = format!("{path}/scale");
    let before = get(api, &scale)?;
    equal(
        "kind and version",
        &(&before["kind"], &before["apiVersion"]),
        &(&"Scale".into(), &"autoscaling/v1".into()),
    )?;
    equal("the spec", &before["spec"], &json!({}))?;
    equal(
        "the selector",
        &before["status"]["selector"],
        &"app=scale".into(),
    )?;
    let owner = get(api, &path)?;
    equal(
        "the uid",
        &before["metadata"]["uid"],
        &owner["metadata"]["uid"],
    )?;

    let dry = format!("{scale}?dryRun=All");
    let answer = patched(api, &dry, MERGE, &json!({"spec": {"replicas": 7}}), 200)?;
    equal("the answer", &answer["spec"], &json!({"replicas": 7}))?;
    let after = get(api, &scale)?;
    equal("the spec after a dry run", &after["spec"], &json!({}))?;

    let old = json!({"metadata": {"name": "scale", "namespace": "suite-writes", "resourceVersion": "1"}, "spec": {"replicas": 1}});
    let refusal = sent(api, "PUT", &scale, Some(old), 409)?;
    equal("the reason", &refusal["reason"], &"Conflict".into())?;
    let refusal = patched(api, &scale, MERGE, &json!({"spec": {"replicas": -1}}), 422)?;
    refusal_is(
        &refusal,
        "Invalid",
        "Scale.autoscaling \"scale\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    )?;
    let strict = format!("{scale}?fieldValidation=Strict");
    patched(api, &strict, MERGE, &json!({"spec": {"replicaz": 1}}), 422)?;

    let scaled = patched(api, &scale, MERGE, &json!({"spec": {"replicas": 2}}), 200)?;
    equal("the answer", &scaled["spec"], &json!({"replicas": 2}))?;
    holds(
        "the version is another",
        version(&scaled) != version(&before),
    )?;
    let owner = get(api, &path)?;
    equal("the replicas", &owner["spec"]["replicas"], &2.into())?;
    equal(
        "the generation",
        &owner["metadata"]["generation"],
        &2.into(),
    )?;
    let zero = json!({"metadata": {"name": "scale", "namespace": "suite-writes"}, "spec": {"replicas": 0}});
    let scaled = sent(api, "PUT", &scale, Some(zero), 200)?;
    equal("the answer", &scaled["spec"], &json!({}))?;
    let refusal = sent(
        api,
        "GET",
        &path.replace("/scale", "/none/scale"),
        None,
        404,
    )?;
    equal("the reason", &refusal["reason"], &Value::from("NotFound"))
}
