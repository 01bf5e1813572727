//! PUT and PATCH: locking, the forms of a patch, and what an object may become.

use serde_json::{Value, json};

use super::writes::{
    CONFIG_MAPS, NAMESPACE, config_map, ensure_namespace, patched, refusal_is, sent, version,
};
use super::{Api, Outcome, equal, get, holds};

const MERGE: &str = "merge-patch+json";
const JSON: &str = "json-patch+json";
const STRATEGIC: &str = "strategic-merge-patch+json";

const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

const WIDGETS: &str = "/apis/suite.example.com/v1/namespaces/suite-writes/widgets";

pub(super) fn an_update_is_of_what_was_read(api: &dyn Api) -> Outcome {
    let created = config_map(api, "update")?;
    let path = format!("{CONFIG_MAPS}/update");
    let put = |metadata: Value, colour: &str, code| {
        let body = json!({"metadata": metadata, "data": {"colour": colour}});
        sent(api, "PUT", &path, Some(body), code)
    };
    let red = put(json!({"name": "update"}), "red", 200)?;
    holds("the version is another", version(&red) != version(&created))?;
    equal(
        "the uid",
        &red["metadata"]["uid"],
        &created["metadata"]["uid"],
    )?;
    let same = put(json!({"name": "update"}), "red", 200)?;
    equal(
        "the version of the same again",
        &version(&same),
        &version(&red),
    )?;

    let old = json!({"name": "update", "resourceVersion": version(&created)});
    let refusal = put(old, "blue", 409)?;
    let message = format!("Operation cannot be fulfilled on configmaps \"update\": {MODIFIED}");
    refusal_is(&refusal, "Conflict", &message)?;
    let details = json!({"name": "update", "kind": "configmaps"});
    equal("the details", &refusal["details"], &details)?;
    let new = json!({"name": "update", "resourceVersion": version(&red)});
    put(new, "blue", 200)?;

    let refusal = put(json!({"name": "update", "uid": "other"}), "red", 409)?;
    equal("the reason", &refusal["reason"], &"Conflict".into())?;
    refusal_is(
        &put(json!({"name": "other"}), "red", 400)?,
        "BadRequest",
        "the name of the object (other) does not match the name on the URL (update)",
    )?;
    let missing = json!({"metadata": {"name": "missing"}});
    let path = format!("{CONFIG_MAPS}/missing");
    let refusal = sent(api, "PUT", &path, Some(missing), 404)?;
    refusal_is(&refusal, "NotFound", "configmaps \"missing\" not found")
}

pub(super) fn a_merge_patch_merges(api: &dyn Api) -> Outcome {
    let created = config_map(api, "merge")?;
    let path = format!("{CONFIG_MAPS}/merge");
    let merge = |patch: Value, code| patched(api, &path, MERGE, &patch, code);
    let patch =
        json!({"data": {"colour": null, "shape": "round"}, "metadata": {"labels": {"a": "b"}}});
    let merged = merge(patch.clone(), 200)?;
    equal("the data", &merged["data"], &json!({"shape": "round"}))?;
    equal(
        "the labels",
        &merged["metadata"]["labels"],
        &json!({"a": "b"}),
    )?;
    let again = merge(patch, 200)?;
    equal(
        "the version of the same again",
        &version(&again),
        &version(&merged),
    )?;

    let old = json!({"metadata": {"resourceVersion": version(&created)}, "data": {"x": "y"}});
    let refusal = merge(old, 409)?;
    let message = format!("Operation cannot be fulfilled on configmaps \"merge\": {MODIFIED}");
    refusal_is(&refusal, "Conflict", &message)?;
    let refusal = merge(json!({"metadata": {"name": "other"}}), 400)?;
    equal("the reason", &refusal["reason"], &"BadRequest".into())?;
    let refusal = merge(json!({"metadata": {"uid": "other"}}), 422)?;
    let cause = &refusal["details"]["causes"][0]["field"];
    equal("the cause", cause, &"metadata.uid".into())?;
    merge(json!([]), 400)?;
    patched(
        api,
        &format!("{CONFIG_MAPS}/missing"),
        MERGE,
        &json!({}),
        404,
    )?;
    let refusal = patched(api, &path, "json", &json!({}), 415)?;
    equal(
        "the reason",
        &refusal["reason"],
        &"UnsupportedMediaType".into(),
    )?;
    let after = get(api, &path)?;
    equal("the version", &version(&after), &version(&merged))
}

pub(super) fn a_json_patch_is_whole(api: &dyn Api) -> Outcome {
    config_map(api, "json")?;
    let path = format!("{CONFIG_MAPS}/json");
    let patch = |operations: Value, code| patched(api, &path, JSON, &operations, code);
    let done = patch(
        json!([
            {"op": "test", "path": "/data/colour", "value": "green"},
            {"op": "replace", "path": "/data/colour", "value": "red"},
            {"op": "add", "path": "/metadata/annotations", "value": {"suite.example.com/x": "1"}},
        ]),
        200,
    )?;
    equal("the data", &done["data"], &json!({"colour": "red"}))?;
    let refusal = patch(
        json!([
            {"op": "add", "path": "/data/shape", "value": "round"},
            {"op": "test", "path": "/data/colour", "value": "green"},
        ]),
        422,
    )?;
    refusal_is(
        &refusal,
        "Invalid",
        "the server rejected our request due to an error in our request",
    )?;
    patch(json!([{"op": "remove", "path": "/data/missing"}]), 422)?;
    patch(json!([{"op": "frob", "path": "/data/colour"}]), 422)?;
    patch(json!({"op": "remove"}), 400)?;
    let after = get(api, &path)?;
    equal("the data", &after["data"], &json!({"colour": "red"}))?;
    equal("the version", &version(&after), &version(&done))
}

pub(super) fn a_strategic_patch_merges_lists(api: &dyn Api) -> Outcome {
    let path = deployment(api, "strategic")?;
    let image = json!([{"name": "main", "image": "registry.example/web:2"}]);
    let patch = json!({"spec": {"template": {"spec": {"containers": image}}}});
    let done = patched(api, &path, STRATEGIC, &patch, 200)?;
    let container = &done["spec"]["template"]["spec"]["containers"][0];
    equal(
        "the image",
        &container["image"],
        &"registry.example/web:2".into(),
    )?;
    let env = json!([{"name": "COLOUR", "value": "green"}]);
    equal("the environment", &container["env"], &env)?;
    equal("the generation", &done["metadata"]["generation"], &2.into())?;

    let widget = json!({"apiVersion": "suite.example.com/v1", "kind": "Widget", "metadata": {"name": "strategic"}});
    sent(api, "POST", WIDGETS, Some(widget), 201)?;
    let path = format!("{WIDGETS}/strategic");
    let refusal = patched(api, &path, STRATEGIC, &json!({}), 415)?;
    equal(
        "the reason",
        &refusal["reason"],
        &"UnsupportedMediaType".into(),
    )
}

/// Makes a Deployment that wants no pods; returns its path.
pub(super) fn deployment(api: &dyn Api, name: &str) -> Result<String, String> {
    ensure_namespace(api)?;
    let container = json!({"name": "main", "image": "registry.example/web:1", "env": [{"name": "COLOUR", "value": "green"}]});
    let labels = json!({"app": name});
    let body = json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": 0, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    });
    let path = "/apis/apps/v1/namespaces/suite-writes/deployments";
    let created = sent(api, "POST", path, Some(body), 201)?;
    equal(
        "the generation",
        &created["metadata"]["generation"],
        &1.into(),
    )?;
    Ok(format!("{path}/{name}"))
}

pub(super) fn unknown_fields_are_refused(api: &dyn Api) -> Outcome {
    let path = deployment(api, "strict")?;
    let strict = format!("{CONFIG_MAPS}?fieldValidation=Strict");
    let body = json!({"metadata": {"name": "strict"}, "datta": {"a": "b"}});
    refusal_is(
        &sent(api, "POST", &strict, Some(body.clone()), 400)?,
        "BadRequest",
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"datta\"",
    )?;
    let taken = sent(api, "POST", CONFIG_MAPS, Some(body), 201)?;
    equal("the unknown field", &taken["datta"], &Value::Null)?;

    let strict = format!("{path}?fieldValidation=Strict");
    let typo = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "x", "imagee": "y"}]}}}});
    for form in [MERGE, STRATEGIC] {
        let refusal = patched(api, &strict, form, &typo, 422)?;
        let message = refusal["message"].as_str().unwrap_or_default();
        let end =
            "strict decoding error: unknown field \"spec.template.spec.containers[0].imagee\"";
        holds(message, message.ends_with(end))?;
    }
    let refusal = patched(
        api,
        &path,
        MERGE,
        &json!({"spec": {"replicas": "many"}}),
        422,
    )?;
    equal("the reason", &refusal["reason"], &"Invalid".into())?;
    let other = json!({"spec": {"selector": {"matchLabels": {"app": "other"}}}});
    let refusal = patched(api, &path, MERGE, &other, 422)?;
    let message = refusal["message"].as_str().unwrap_or_default();
    holds(message, message.contains("field is immutable"))?;
    let wrong = format!("{CONFIG_MAPS}?fieldValidation=Foo");
    let refusal = sent(
        api,
        "POST",
        &wrong,
        Some(json!({"metadata": {"name": "a"}})),
        422,
    )?;
    equal("the reason", &refusal["reason"], &"Invalid".into())
}

pub(super) fn custom_objects_follow_their_schema(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let widget = |spec: Value| json!({"apiVersion": "suite.example.com/v1", "kind": "Widget", "metadata": {"name": "schema"}, "spec": spec});
    let refusal = sent(
        api,
        "POST",
        WIDGETS,
        Some(widget(json!({"size": "x"}))),
        422,
    )?;
    refusal_is(
        &refusal,
        "Invalid",
        "Widget.suite.example.com \"schema\" is invalid: spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"",
    )?;
    let cause = &refusal["details"]["causes"][0];
    equal(
        "the cause",
        &(&cause["field"], &cause["reason"]),
        &(&"spec.size".into(), &"FieldValueTypeInvalid".into()),
    )?;
    let strict = format!("{WIDGETS}?fieldValidation=Strict");
    let unknown = widget(json!({"size": 3, "weight": 1}));
    refusal_is(
        &sent(api, "POST", &strict, Some(unknown.clone()), 400)?,
        "BadRequest",
        "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field \"spec.weight\"",
    )?;
    let created = sent(api, "POST", WIDGETS, Some(unknown), 201)?;
    equal("the spec", &created["spec"], &json!({"size": 3}))?;
    equal(
        "the generation",
        &created["metadata"]["generation"],
        &1.into(),
    )?;

    let path = format!("{WIDGETS}/schema");
    let changed = patched(api, &path, MERGE, &json!({"spec": {"size": 4}}), 200)?;
    equal(
        "the generation",
        &changed["metadata"]["generation"],
        &2.into(),
    )?;
    patched(api, &path, MERGE, &json!({"spec": {"size": []}}), 422)?;
    let refusal = sent(api, "PUT", &path, Some(widget(json!({"size": 5}))), 422)?;
    let field = &refusal["details"]["causes"][0]["field"];
    equal("the cause", field, &"metadata.resourceVersion".into())?;
    let beta = get(
        api,
        "/apis/suite.example.com/v1beta1/namespaces/suite-writes/widgets/schema",
    )?;
    equal("the other version", &beta["spec"], &json!({"size": 4}))
}

pub(super) fn the_status_is_apart(api: &dyn Api) -> Outcome {
    let frames = "/apis/suite.example.com/v1/frames";
    let frame = json!({
        "apiVersion": "suite.example.com/v1", "kind": "Frame", "metadata": {"name": "status"},
        "spec": {"width": 1}, "status": {"seen": 1},
    });
    let created = sent(api, "POST", frames, Some(frame), 201)?;
    equal("the status", &created["status"], &Value::Null)?;
    let path = format!("{frames}/status");
    let both = json!({"spec": {"width": 2}, "status": {"seen": 2}});
    let status = patched(api, &format!("{path}/status"), MERGE, &both, 200)?;
    equal(
        "the sides after the status",
        &(&status["spec"]["width"], &status["status"]["seen"]),
        &(&1.into(), &2.into()),
    )?;
    equal(
        "the generation",
        &status["metadata"]["generation"],
        &1.into(),
    )?;
    let both = json!({"spec": {"width": 3}, "status": {"seen": 3}});
    let whole = patched(api, &path, MERGE, &both, 200)?;
    equal(
        "the sides after the whole",
        &(&whole["spec"]["width"], &whole["status"]["seen"]),
        &(&3.into(), &2.into()),
    )?;
    equal(
        "the generation",
        &whole["metadata"]["generation"],
        &2.into(),
    )?;
    sent(api, "GET", &format!("{NAMESPACE}/status"), None, 200).map(|_| ())
}
