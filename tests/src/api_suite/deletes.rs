//! Deletions, evictions, and what a watch tells of them.

use serde_json::{Value, json};

use super::writes::{
    CONFIG_MAPS, NAMESPACE, config_map, ensure_namespace, patched, refusal_is, sent, version,
};
use super::{Api, Outcome, equal, get, holds};

const MERGE: &str = "merge-patch+json";

pub(super) fn a_deletion_has_preconditions(api: &dyn Api) -> Outcome {
    let first = config_map(api, "delete")?;
    let path = format!("{CONFIG_MAPS}/delete");
    let delete = |preconditions: Value, code| {
        let body = json!({"preconditions": preconditions});
        sent(api, "DELETE", &path, Some(body), code)
    };
    let uid = first["metadata"]["uid"].as_str().unwrap_or_default();
    let refusal = delete(json!({"uid": "other"}), 409)?;
    refusal_is(
        &refusal,
        "Conflict",
        &format!(
            "Operation cannot be fulfilled on ConfigMap \"delete\": the UID in the precondition (other) does not match the UID in record ({uid}). The object might have been deleted and then recreated"
        ),
    )?;
    let refusal = delete(json!({"resourceVersion": "1"}), 409)?;
    equal("the reason", &refusal["reason"], &"Conflict".into())?;
    let done = delete(json!({"uid": uid, "resourceVersion": version(&first)}), 200)?;
    equal(
        "the answer",
        &(&done["kind"], &done["status"], &done["details"]),
        &(
            &"Status".into(),
            &"Success".into(),
            &json!({"name": "delete", "kind": "configmaps", "uid": uid}),
        ),
    )?;
    sent(api, "DELETE", &path, None, 404)?;
    let immortal = "/api/v1/namespaces/kube-system";
    refusal_is(
        &sent(api, "DELETE", immortal, None, 403)?,
        "Forbidden",
        "namespaces \"kube-system\" is forbidden: this namespace may not be deleted",
    )?;
    let second = config_map(api, "delete")?;
    holds("the uid is another", second["metadata"]["uid"] != uid)?;
    sent(
        api,
        "DELETE",
        &path,
        Some(json!({"propagationPolicy": "Foo"})),
        422,
    )?;
    sent(api, "DELETE", &path, None, 200).map(|_| ())
}

pub(super) fn finalizers_hold(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let held = json!({"metadata": {"name": "held", "finalizers": ["suite.example.com/hold"]}});
    sent(api, "POST", CONFIG_MAPS, Some(held), 201)?;
    let path = format!("{CONFIG_MAPS}/held");
    let marked = sent(api, "DELETE", &path, None, 200)?;
    equal(
        "the kind of the answer",
        &marked["kind"],
        &"ConfigMap".into(),
    )?;
    let there = get(api, &path)?;
    holds(
        "it is marked",
        there["metadata"]["deletionTimestamp"].is_string(),
    )?;
    let free = json!({"metadata": {"finalizers": null}});
    patched(api, &path, MERGE, &free, 200)?;
    sent(api, "GET", &path, None, 404).map(|_| ())
}

pub(super) fn an_eviction_respects_the_budget(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let pods = format!("{NAMESPACE}/pods");
    let path = format!("{pods}/evicted");
    let pod = json!({"metadata": {"name": "evicted", "labels": {"app": "evicted"}}, "spec": {"containers": [{"name": "main", "image": "registry.example/web:1"}]}});
    sent(api, "POST", &pods, Some(pod), 201)?;
    let ready = json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}});
    patched(api, &format!("{path}/status"), MERGE, &ready, 200)?;
    let budgets = "/apis/policy/v1/namespaces/suite-writes/poddisruptionbudgets";
    let budget = json!({"metadata": {"name": "strict"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "evicted"}}}});
    sent(api, "POST", budgets, Some(budget), 201)?;
    let allow = |allowed: u64| {
        let status = json!({"status": {"currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": allowed, "expectedPods": 1, "observedGeneration": 1}});
        patched(
            api,
            &format!("{budgets}/strict/status"),
            MERGE,
            &status,
            200,
        )
    };
    let evict = |query: &str, code| {
        let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "evicted", "namespace": "suite-writes"}});
        sent(
            api,
            "POST",
            &format!("{path}/eviction{query}"),
            Some(eviction),
            code,
        )
    };
    allow(0)?;
    for query in ["", "?dryRun=All"] {
        let refusal = evict(query, 429)?;
        refusal_is(
            &refusal,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
        )?;
        let causes = json!([{"reason": "DisruptionBudget", "message": "The disruption budget strict needs 1 healthy pods and has 1 currently"}]);
        equal("the causes", &refusal["details"]["causes"], &causes)?;
    }
    allow(1)?;
    evict("?dryRun=All", 201)?;
    get(api, &path)?;
    let done = evict("", 201)?;
    equal("the answer", &done["status"], &"Success".into())?;
    let left = get(api, &format!("{budgets}/strict"))?;
    equal(
        "what is allowed then",
        &left["status"]["disruptionsAllowed"],
        &0.into(),
    )?;
    sent(
        api,
        "POST",
        &format!("{pods}/missing/eviction"),
        Some(json!({"metadata": {"name": "missing"}})),
        404,
    )
    .map(|_| ())
}

pub(super) fn a_watch_tells_of_writes(api: &dyn Api) -> Outcome {
    ensure_namespace(api)?;
    let list = get(api, CONFIG_MAPS)?;
    let since = version(&list).to_owned();
    config_map(api, "watched")?;
    let path = format!("{CONFIG_MAPS}/watched");
    patched(api, &path, MERGE, &json!({"data": {"colour": "red"}}), 200)?;
    sent(api, "DELETE", &path, None, 200)?;
    let watch = format!(
        "{CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion={since}&fieldSelector=metadata.name%3Dwatched"
    );
    let response = api.send("GET", &watch, None, None);
    let mut told = Vec::new();
    for line in response.body.lines().filter(|line| !line.is_empty()) {
        let event: Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        told.push(format!(
            "{} {}",
            text(&event["type"]),
            text(&event["object"]["data"]["colour"])
        ));
    }
    let expected = ["ADDED green", "MODIFIED red", "DELETED red"].map(str::to_owned);
    equal("what is told", &told, &expected.to_vec())
}
