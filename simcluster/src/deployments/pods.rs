//! New pods, and whether they run: as the pods of the same containers did before.
//!
//! Nothing is started here, so a failure is remembered instead: containers that failed wherever they were seen fail again
//! in the same way, in a rollback as in a scaling; any others run.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{PODS, essence, owner_reference, text};
use crate::budgets::{is_over, is_ready};
use crate::cluster::{Address, Cluster};
use crate::{defaults, names};

/// Pods that failed, one for each set of containers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failures(Vec<Arc<Value>>);

impl Failures {
    /// Looks at the pods of a Deployment before it changes.
    pub(super) fn remember(&mut self, pods: &[Arc<Value>]) {
        let runs = |containers: &Value| {
            pods.iter()
                .any(|pod| is_ready(pod) && is_same(&pod["spec"]["containers"], containers))
        };
        for pod in pods.iter().filter(|pod| !is_over(pod) && has_failed(pod)) {
            let containers = &pod["spec"]["containers"];
            if !runs(containers) && self.of(containers).is_none() {
                self.0.push(Arc::clone(pod));
            }
        }
    }

    fn of(&self, containers: &Value) -> Option<&Arc<Value>> {
        self.0
            .iter()
            .find(|pod| is_same(&pod["spec"]["containers"], containers))
    }
}

fn is_same(containers: &Value, others: &Value) -> bool {
    containers == others || essence(containers) == essence(others)
}

/// Whether something is said to be wrong with it. A pod that nobody has looked at yet is not wrong.
fn has_failed(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["status"] == "False")
}

/// Makes a pod of a ReplicaSet's template, running or failing.
pub(super) fn start(cluster: &mut Cluster, set: &Value) -> Arc<Value> {
    let (namespace, set_name) = (text(set, "namespace"), text(set, "name"));
    let version = cluster.journal().resource_version();
    let name = format!("{set_name}-{}", names::suffix((set_name, version), 5));
    let template = &set["spec"]["template"];
    let now = defaults::seconds(Timestamp::now());
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "generateName": format!("{set_name}-"), "namespace": namespace, "generation": 1,
            "labels": template["metadata"]["labels"], "creationTimestamp": now,
            "uid": defaults::new_uid("Pod", namespace, &name, version),
            "ownerReferences": [owner_reference(set)],
        },
        "spec": template["spec"],
    });
    if !template["metadata"]["annotations"].is_null() {
        pod["metadata"]["annotations"] = template["metadata"]["annotations"].clone();
    }
    let at = Address::new(PODS, namespace, &name);
    match cluster.failures().of(&pod["spec"]["containers"]).cloned() {
        Some(failed) => {
            fail(&mut pod, &failed);
            cluster.copy_logs(namespace, text(&failed, "name"), &name);
        }
        None => {
            run(cluster, &mut pod, version, &now);
            let containers = template["spec"]["containers"].as_array();
            for container in containers.into_iter().flatten() {
                let container = container["name"].as_str().unwrap_or_default();
                // A container that runs has a log, though nothing is in it yet.
                cluster
                    .set_log(namespace, &name, container, false, "")
                    .expect("an empty log has no line without a time");
            }
        }
    }
    cluster.keep(&at, pod)
}

/// Lets a pod fail as another one did, which may be one of another name.
fn fail(pod: &mut Value, failed: &Value) {
    let status = failed["status"].to_string();
    let status = status.replace(text(failed, "name"), text(pod, "name"));
    pod["status"] = serde_json::from_str(&status).unwrap_or_default();
    if !failed["spec"]["nodeName"].is_null() {
        pod["spec"]["nodeName"] = failed["spec"]["nodeName"].clone();
    }
}

/// Lets a pod run on one of the nodes, if there are any.
fn run(cluster: &Cluster, pod: &mut Value, version: u64, now: &str) {
    let nodes = cluster.names_of("nodes");
    if let Some(count) = u64::try_from(nodes.len()).ok().filter(|count| *count > 0) {
        let index = usize::try_from(version % count).expect("below the number of nodes");
        pod["spec"]["nodeName"] = nodes[index].as_str().into();
    }
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": now});
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let statuses: Vec<Value> = containers
        .map(|container| {
            json!({
                "name": container["name"], "image": container["image"], "imageID": "", "ready": true, "started": true,
                "restartCount": 0, "state": {"running": {"startedAt": now}}, "lastState": {},
            })
        })
        .collect();
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition);
    let (high, low) = (version / 250 % 250, version % 250 + 2);
    pod["status"] = json!({
        "phase": "Running", "podIP": format!("10.9.{high}.{low}"), "startTime": now,
        "conditions": conditions, "containerStatuses": statuses,
    });
}
