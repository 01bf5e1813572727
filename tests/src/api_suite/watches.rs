//! Watches that end by themselves after a second.

use serde_json::Value;

use super::{Api, Outcome, equal, get, holds};

const CONFIG_MAPS: &str = "/api/v1/namespaces/suite-a/configmaps";
const PODS: &str = "/api/v1/namespaces/suite-a/pods";

pub(super) fn a_watch_begins_with_what_there_is(api: &dyn Api) -> Outcome {
    for version in ["", "&resourceVersion=0"] {
        let events = watch(api, PODS, &format!("labelSelector=app%3Dweb{version}"))?;
        let mut told: Vec<String> = events.iter().map(told).collect();
        told.sort();
        equal(
            "the events",
            &told,
            &vec!["ADDED web-0".into(), "ADDED web-1".into()],
        )?;
        equal(
            "an object's kind",
            &events[0]["object"]["kind"],
            &"Pod".into(),
        )?;
    }
    Ok(())
}

pub(super) fn a_watch_of_one_name(api: &dyn Api) -> Outcome {
    let events = watch(api, PODS, "fieldSelector=metadata.name%3Ddb-0")?;
    equal(
        "the events",
        &events.iter().map(told).collect::<Vec<_>>(),
        &vec!["ADDED db-0".into()],
    )
}

pub(super) fn a_watch_from_now_tells_nothing_old(api: &dyn Api) -> Outcome {
    let list = get(api, CONFIG_MAPS)?;
    let version = list["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default();
    let events = watch(api, CONFIG_MAPS, &format!("resourceVersion={version}"))?;
    equal("the events", &events.len(), &0)?;
    let response = api.send(
        "GET",
        &format!("{CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion=abc"),
        None,
        None,
    );
    equal("a version that is none", &response.status, &500)
}

pub(super) fn initial_events_end_with_a_bookmark(api: &dyn Api) -> Outcome {
    let query = "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3Dsettings";
    let events = watch(api, CONFIG_MAPS, query)?;
    equal(
        "the first event",
        &events.first().map(told),
        &Some("ADDED settings".to_owned()),
    )?;
    let bookmark = events.get(1).ok_or("there is no bookmark")?;
    equal("the second event", &bookmark["type"], &"BOOKMARK".into())?;
    let object = &bookmark["object"];
    equal("its kind", &object["kind"], &"ConfigMap".into())?;
    equal(
        "its annotation",
        &object["metadata"]["annotations"]["k8s.io/initial-events-end"],
        &"true".into(),
    )?;
    holds(
        "it has a resource version",
        object["metadata"]["resourceVersion"].is_string(),
    )
}

fn watch(api: &dyn Api, path: &str, query: &str) -> Result<Vec<Value>, String> {
    let response = api.send(
        "GET",
        &format!("{path}?watch=1&timeoutSeconds=1&{query}"),
        None,
        None,
    );
    equal("the code of a watch", &response.status, &200)?;
    let lines = response.body.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}")))
        .collect()
}

fn told(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{} {}",
        text(&event["type"]),
        text(&event["object"]["metadata"]["name"])
    )
}
