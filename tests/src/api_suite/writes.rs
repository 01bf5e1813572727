//! Creating objects, dry runs, and what all changes have in common.

use serde_json::{Value, json};

use super::{Api, Outcome, equal, get, holds};

/// What the checks write in; made by the first of them.
pub(super) const NAMESPACE: &str = "/api/v1/namespaces/suite-writes";

pub(super) const CONFIG_MAPS: &str = "/api/v1/namespaces/suite-writes/configmaps";

/// A request with a JSON body that must be answered with this code; returns the answer.
pub(super) fn sent(
    api: &dyn Api,
    method: &str,
    path: &str,
    body: Option<Value>,
    code: u16,
) -> Result<Value, String> {
    let response = api.send(method, path, Some("application/json"), body);
    answered(
        &format!("{method} {path}"),
        response.status,
        &response.body,
        code,
    )
}

/// A PATCH of `merge-patch+json` or another such form that must be answered with this code.
pub(super) fn patched(
    api: &dyn Api,
    path: &str,
    form: &str,
    body: &Value,
    code: u16,
) -> Result<Value, String> {
    let response = api.patch(path, &format!("application/{form}"), body);
    answered(
        &format!("PATCH {path} with {body}"),
        response.status,
        &response.body,
        code,
    )
}

fn answered(what: &str, status: u16, body: &str, code: u16) -> Result<Value, String> {
    equal(&format!("the code of {what} ({body})"), &status, &code)?;
    serde_json::from_str(body).map_err(|error| format!("{what} is not JSON: {error}: {body}"))
}

/// Makes the namespace unless it is there.
pub(super) fn ensure_namespace(api: &dyn Api) -> Outcome {
    let namespace = json!({"metadata": {"name": "suite-writes"}});
    let response = api.send("POST", "/api/v1/namespaces", None, Some(namespace));
    holds(
        &format!("the namespace is made: {}", response.body),
        matches!(response.status, 201 | 409),
    )
}

/// Makes a ConfigMap with `data.colour`; it must not be there yet.
pub(super) fn config_map(api: &dyn Api, name: &str) -> Result<Value, String> {
    ensure_namespace(api)?;
    let body = json!({"metadata": {"name": name}, "data": {"colour": "green"}});
    sent(api, "POST", CONFIG_MAPS, Some(body), 201)
}

pub(super) fn version(object: &Value) -> &str {
    object["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default()
}

pub(super) fn refusal_is(status: &Value, reason: &str, message: &str) -> Outcome {
    let actual = (
        status["reason"].as_str().unwrap_or_default(),
        status["message"].as_str().unwrap_or_default(),
    );
    equal("the refusal", &actual, &(reason, message))
}

pub(super) fn what_can_be_written_is_discovered(api: &dyn Api) -> Outcome {
    let rows = [
        (
            "/api/v1",
            "configmaps",
            "create delete get list patch update watch",
            "",
        ),
        ("/api/v1", "pods/eviction", "create", "Eviction"),
        ("/api/v1", "pods/status", "get patch update", "Pod"),
        (
            "/apis/apps/v1",
            "deployments",
            "create delete get list patch update watch",
            "",
        ),
        (
            "/apis/apps/v1",
            "deployments/scale",
            "get patch update",
            "Scale",
        ),
        (
            "/apis/apps/v1",
            "replicasets/scale",
            "get patch update",
            "Scale",
        ),
        (
            "/apis/apps/v1",
            "statefulsets/scale",
            "get patch update",
            "Scale",
        ),
        (
            "/apis/suite.example.com/v1",
            "widgets",
            "create delete get list patch update watch",
            "",
        ),
    ];
    for (path, name, verbs, kind) in rows {
        let document = get(api, path)?;
        let mut resources = document["resources"].as_array().into_iter().flatten();
        let resource = resources
            .find(|resource| resource["name"] == name)
            .ok_or_else(|| format!("{path} has no {name}"))?;
        for verb in verbs.split(' ') {
            let mut served = resource["verbs"].as_array().into_iter().flatten();
            holds(
                &format!("{name} can {verb}"),
                served.any(|served| served == verb),
            )?;
        }
        if !kind.is_empty() {
            equal(name, &resource["kind"], &kind.into())?;
        }
    }
    Ok(())
}

pub(super) fn an_object_is_created_once(api: &dyn Api) -> Outcome {
    let created = config_map(api, "once")?;
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        holds(
            &format!("the server fills in {field}"),
            created["metadata"][field].is_string(),
        )?;
    }
    equal(
        "kind and version",
        &(&created["kind"], &created["apiVersion"]),
        &(&"ConfigMap".into(), &"v1".into()),
    )?;
    let read = get(api, &format!("{CONFIG_MAPS}/once"))?;
    equal(
        "the uid",
        &read["metadata"]["uid"],
        &created["metadata"]["uid"],
    )?;
    equal("the data", &read["data"], &json!({"colour": "green"}))?;

    let again = json!({"metadata": {"name": "once"}});
    let refusal = sent(api, "POST", CONFIG_MAPS, Some(again), 409)?;
    refusal_is(
        &refusal,
        "AlreadyExists",
        "configmaps \"once\" already exists",
    )?;
    let details = json!({"name": "once", "kind": "configmaps"});
    equal("the details", &refusal["details"], &details)?;

    let unnamed = json!({"metadata": {"generateName": "some-"}});
    let named = sent(api, "POST", CONFIG_MAPS, Some(unnamed), 201)?;
    let name = named["metadata"]["name"].as_str().unwrap_or_default();
    holds(
        &format!("`{name}` is a made up name"),
        name.starts_with("some-") && name.len() == 10,
    )?;
    let secret = json!({"metadata": {"name": "once"}, "stringData": {"word": "suite"}});
    let path = format!("{NAMESPACE}/secrets");
    let secret = sent(api, "POST", &path, Some(secret), 201)?;
    equal("the data", &secret["data"], &json!({"word": "c3VpdGU="}))?;
    equal("the text", &secret["stringData"], &Value::Null)
}

pub(super) fn an_object_that_does_not_fit_is_not_created(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let post = |metadata: Value, code| {
        let body = json!({"metadata": metadata});
        sent(api, "POST", CONFIG_MAPS, Some(body), code)
    };
    refusal_is(
        &post(json!({}), 422)?,
        "Invalid",
        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required",
    )?;
    let refusal = post(json!({"name": "Bad_Name"}), 422)?;
    equal(
        "the cause",
        &(
            &refusal["details"]["causes"][0]["field"],
            &refusal["details"]["kind"],
        ),
        &(&"metadata.name".into(), &"ConfigMap".into()),
    )?;
    refusal_is(
        &post(json!({"name": "a", "namespace": "other"}), 400)?,
        "BadRequest",
        "the namespace of the provided object does not match the namespace sent on the request",
    )?;
    let refusal = post(json!({"name": "a", "resourceVersion": "1"}), 500)?;
    equal(
        "the message",
        &refusal["message"],
        &"resourceVersion should not be set on objects to be created".into(),
    )?;
    let nowhere = "/api/v1/namespaces/suite-nowhere/configmaps";
    let body = json!({"metadata": {"name": "a"}});
    let refusal = sent(api, "POST", nowhere, Some(body), 404)?;
    refusal_is(
        &refusal,
        "NotFound",
        "namespaces \"suite-nowhere\" not found",
    )?;

    let other = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}});
    let refusal = sent(api, "POST", CONFIG_MAPS, Some(other), 400)?;
    equal("the reason", &refusal["reason"], &"BadRequest".into())?;
    let refusal = sent(api, "POST", CONFIG_MAPS, Some(json!([])), 400)?;
    equal("the reason", &refusal["reason"], &"BadRequest".into())
}

pub(super) fn a_dry_run_changes_nothing(api: &dyn Api) -> Outcome {
    let before = config_map(api, "dry")?;
    let path = format!("{CONFIG_MAPS}/dry");
    let dry = format!("{path}?dryRun=All");

    let new = json!({"metadata": {"name": "dry-new"}, "data": {"a": "b"}});
    let answer = sent(
        api,
        "POST",
        &format!("{CONFIG_MAPS}?dryRun=All"),
        Some(new),
        201,
    )?;
    holds("it has a uid", answer["metadata"]["uid"].is_string())?;
    equal("its version", &version(&answer), &"")?;
    sent(api, "GET", &format!("{CONFIG_MAPS}/dry-new"), None, 404)?;

    let red = json!({"metadata": {"name": "dry"}, "data": {"colour": "red"}});
    let replaced = sent(api, "PUT", &dry, Some(red.clone()), 200)?;
    let merged = patched(api, &dry, "merge-patch+json", &red, 200)?;
    for answer in [replaced, merged] {
        equal("the answer", &answer["data"], &json!({"colour": "red"}))?;
        equal("its version", &version(&answer), &version(&before))?;
    }
    sent(api, "DELETE", &dry, None, 200)?;
    sent(api, "DELETE", &path, Some(json!({"dryRun": ["All"]})), 200)?;
    let after = get(api, &path)?;
    equal("the data", &after["data"], &before["data"])?;
    equal("the version", &version(&after), &version(&before))?;

    let wrong = format!("{CONFIG_MAPS}?dryRun=foo");
    let refusal = sent(
        api,
        "POST",
        &wrong,
        Some(json!({"metadata": {"name": "dry-new"}})),
        422,
    )?;
    refusal_is(
        &refusal,
        "Invalid",
        "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"foo\"]: supported values: \"All\"",
    )?;
    // With a body, the query does not count.
    sent(
        api,
        "DELETE",
        &dry,
        Some(json!({"propagationPolicy": "Background"})),
        200,
    )?;
    sent(api, "GET", &path, None, 404).map(|_| ())
}

pub(super) fn wrong_methods_are_refused(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let body = json!({"metadata": {"name": "a"}});
    let scale = "/apis/apps/v1/namespaces/suite-a/deployments/idle/scale";
    for (method, path) in [
        ("POST", "/api/v1/namespaces/suite-writes/configmaps/a"),
        ("PUT", CONFIG_MAPS),
        ("POST", "/api/v1/configmaps"),
        ("DELETE", scale),
        ("PUT", "/api/v1/namespaces/suite-a/pods/web-1/eviction"),
    ] {
        let refusal = sent(api, method, path, Some(body.clone()), 405)?;
        refusal_is(
            &refusal,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )?;
    }
    let nothing = "/api/v1/namespaces/suite-writes/foos";
    let refusal = sent(api, "POST", nothing, Some(body), 404)?;
    equal("the reason", &refusal["reason"], &"NotFound".into())
}
