//! The pods behind an object, and the containers of one.

use crate::cause;
use crate::pod::{self, Container, Pod, State};
use crate::selector;
use bulkhead_plugin_sdk::kubernetes::{self, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Table, Time};
use serde_json::Value;
use std::cmp::Reverse;

/// The most pods that are read, and that are shown.
const READ: u32 = 200;
const SHOWN: usize = 10;

/// The pods that an object selects.
pub(super) struct Pods {
    /// Those that are not well first.
    pub(super) table: Table,
    /// Why the first of those is not well.
    pub(super) cause: Option<String>,
}

/// Reads the pods that an object selects; none where it selects none.
pub(super) fn of(
    object: &Value,
    namespace: Option<&str>,
    now: Time,
) -> Result<Option<Pods>, Failure> {
    let (Some(selector), Some(namespace)) = (selector::of(object), namespace) else {
        return Ok(None);
    };
    let query =
        Query::in_namespace(ResourceType::new("", "pods"), namespace).label_selector(selector);
    let mut paths = vec!["metadata.name"];
    paths.extend(pod::PATHS);
    let page = kubernetes::list_fields::<Vec<Value>>(&query, &paths, READ, None)?;
    let mut pods: Vec<_> = page
        .items
        .iter()
        .map(|row| {
            let name = row.first().and_then(Value::as_str).unwrap_or_default();
            (name, Pod::from_row(row.get(1..).unwrap_or_default()))
        })
        .collect();
    pods.sort_by_key(|(_, pod)| Reverse(pod.is_troubled()));
    let cause = pods
        .iter()
        .find_map(|(name, pod)| Some(format!("pod {name}: {}", cause::of_pod(pod, now)?)));
    let mut table = Table::new(&["NAME", "READY", "STATUS", "RESTARTS"]);
    for (name, pod) in pods.iter().take(SHOWN) {
        table.push([
            (*name).to_owned(),
            pod.ready(),
            pod.state(),
            pod.restarts().to_string(),
        ]);
    }
    if let Some(more) = pods.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let troubled = pods
            .iter()
            .skip(SHOWN)
            .filter(|(_, pod)| pod.is_troubled())
            .count();
        table.push([
            format!("and {more} more, {troubled} of them not well"),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    Ok(Some(Pods { table, cause }))
}

/// Returns the containers of a pod with their states.
pub(super) fn containers(pod: &Pod, now: Time) -> Table {
    let mut table = Table::new(&[
        "CONTAINER",
        "READY",
        "RESTARTS",
        "STATE",
        "LAST RUN",
        "IMAGE",
    ]);
    for container in pod
        .status
        .init_container_statuses
        .iter()
        .chain(&pod.status.container_statuses)
    {
        table.push([
            container.name.clone(),
            if container.ready { "yes" } else { "no" }.to_owned(),
            container.restart_count.to_string(),
            state(container, now),
            container
                .last_state
                .terminated
                .as_ref()
                .map_or_else(String::new, |end| cause::ended(end, now)),
            container.image.clone(),
        ]);
    }
    table
}

fn state(container: &Container, now: Time) -> String {
    match &container.state {
        State {
            waiting: Some(waiting),
            ..
        } => format!("waiting: {}", waiting.reason),
        State {
            terminated: Some(end),
            ..
        } => cause::ended(end, now),
        State {
            running: Some(running),
            ..
        } => running.started_at.map_or_else(
            || "running".to_owned(),
            |since| format!("running for {}", now.age(since)),
        ),
        State {
            waiting: None,
            running: None,
            terminated: None,
        } => "unknown".to_owned(),
    }
}
