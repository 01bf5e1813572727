//! `wait_for`, through the real gate and a watch of the simcluster.

use std::time::{Duration, Instant};

use super::super::{Kit, Running};
use crate::kubernetes::{self, Comparison, Condition, ObjectRef, ResourceType};
use crate::{Failure, Plugin, Tool, Want};
use serde_json::{Value, json};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Awaited {
    name: String,
    /// A phase, or `gone`.
    until: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Seen {
    object: Value,
}

fn wait(arguments: Awaited) -> Result<Seen, Failure> {
    let pod = ObjectRef::in_namespace(ResourceType::new("", "pods"), "shop", arguments.name);
    let until = match arguments.until.as_str() {
        "gone" => Condition::Deleted,
        phase => Condition::Equals(Comparison {
            at: "status.phase".to_owned(),
            value: json!(phase).to_string(),
        }),
    };
    Ok(Seen {
        object: kubernetes::wait_for(&pod, &until, Duration::from_secs(20))?,
    })
}

fn describe() -> Plugin {
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .wants(Want::cluster(&[""], &["pods"], &["watch"], "To test."))
        .tool(Tool::read("wait", "Waits for a pod.", wait))
}

fn pod(name: &str, app: &str, phase: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": {"app": app}},
        "spec": {"containers": [{"name": "main", "image": "registry.example/main:1", "env": [{"name": "PASSWORD", "value": "w1nter-is-coming"}]}]},
        "status": {"phase": phase},
    })
}

/// Two pending pods, of which the grant covers the one with the label `app=till`.
fn running() -> Running {
    let mut cluster = bulkhead_simcluster::Cluster::new();
    for app in ["till", "oven"] {
        cluster.insert(pod(app, app, "Pending")).unwrap();
    }
    Kit::with(cluster)
        .grant(r#"api_groups = [""], resources = ["pods"], verbs = ["watch"], namespaces = ["shop"], label_selector = "app=till""#)
        .run(describe)
}

/// Calls the tool, and changes the cluster as soon as the host watches.
fn call_while(
    test: &Running,
    until: &str,
    change: impl FnOnce(&mut bulkhead_simcluster::Cluster) + Send,
) -> Result<Value, Failure> {
    let server = test.cluster();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A deadline, not a measure.
            let deadline = Instant::now() + Duration::from_secs(60);
            while !server
                .requests()
                .iter()
                .any(|request| request.query.contains("watch=1"))
            {
                assert!(
                    Instant::now() < deadline,
                    "no watch: {:?}",
                    server.requests()
                );
                std::thread::sleep(Duration::from_millis(2));
            }
            server.change(change);
        });
        let answer = test.call("wait", json!({ "name": "till", "until": until }))?;
        Ok(answer.structured.unwrap_or_default()["object"].take())
    })
}

#[test]
fn a_change_ends_the_wait_with_the_cleaned_object() {
    let test = running();
    let object = call_while(&test, "Running", |cluster| {
        cluster.insert(pod("till", "till", "Running")).unwrap();
    })
    .unwrap();
    assert_eq!(object["status"]["phase"], "Running");
    assert!(!object.to_string().contains("w1nter"), "{object}");
}

#[test]
fn deletion_ends_the_wait_for_it_with_null() {
    let test = running();
    let object = call_while(&test, "gone", |cluster| {
        assert!(cluster.remove("", "pods", "shop", "till"));
    })
    .unwrap();
    assert_eq!(object, Value::Null);
}

#[test]
fn a_pod_that_leaves_the_grant_is_gone() {
    let test = running();
    let object = call_while(&test, "gone", |cluster| {
        cluster.insert(pod("till", "oven", "Pending")).unwrap();
    })
    .unwrap();
    assert_eq!(object, Value::Null);
}

#[test]
fn what_is_gone_while_something_else_is_awaited_is_not_found() {
    let test = running();
    let failure = call_while(&test, "Running", |cluster| {
        assert!(cluster.remove("", "pods", "shop", "till"));
    })
    .unwrap_err();
    assert!(matches!(failure, Failure::NotFound(_)), "{failure}");
}

#[test]
fn a_pod_outside_the_grant_looks_as_if_it_were_not_there() {
    let test = running();
    for until in ["gone", "Pending"] {
        let [hidden, absent] = ["oven", "bell"].map(|name| {
            test.call("wait", json!({ "name": name, "until": until }))
                .map(|answer| answer.structured)
                .map_err(|failure| failure.to_string().replace(name, "it"))
        });
        assert_eq!(hidden, absent, "{until}");
    }
}
