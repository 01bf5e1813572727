//! The namespace `load`: a Deployment of a thousand pods, for lists that do not fit on one page.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::ago::before;

const PODS: usize = 1000;
const REPLICA_SET: &str = "worker-74c9f6d8b5";
/// The letters that Kubernetes takes for the ends of names: none that makes a word.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The Deployment, its ReplicaSet and the pods. The same names in every run.
pub(super) fn objects(now: Timestamp) -> Vec<Value> {
    let pods: Vec<Value> = (0..PODS).map(|index| pod(index, now)).collect();
    let running = pods
        .iter()
        .filter(|pod| pod["status"]["phase"] == "Running")
        .count();
    let mut objects = vec![deployment(running, now), replica_set(running, now)];
    objects.extend(pods);
    objects
}

fn deployment(running: usize, now: Timestamp) -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": before(now, SignedDuration::from_hours(3))});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "worker", "namespace": "load", "labels": {"app": "worker"}, "generation": 3,
            "annotations": {"deployment.kubernetes.io/revision": "3"},
            "creationTimestamp": before(now, SignedDuration::from_hours(24 * 21)),
        },
        "spec": {"replicas": PODS, "selector": {"matchLabels": {"app": "worker"}}, "template": template()},
        "status": {
            "observedGeneration": 3, "replicas": PODS, "updatedReplicas": PODS, "readyReplicas": running,
            "availableReplicas": running, "unavailableReplicas": PODS - running,
            "conditions": [
                condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
                condition("Progressing", "True", "NewReplicaSetAvailable", "ReplicaSet \"worker-74c9f6d8b5\" has successfully progressed."),
            ],
        },
    })
}

fn replica_set(running: usize, now: Timestamp) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": REPLICA_SET, "namespace": "load", "labels": labels(), "generation": 1,
            "creationTimestamp": before(now, SignedDuration::from_hours(50)),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "worker", "controller": true, "blockOwnerDeletion": true}],
        },
        "spec": {"replicas": PODS, "selector": {"matchLabels": labels()}, "template": template()},
        "status": {"replicas": PODS, "readyReplicas": running, "availableReplicas": running, "observedGeneration": 1},
    })
}

fn labels() -> Value {
    json!({"app": "worker", "pod-template-hash": "74c9f6d8b5"})
}

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "worker"}}, "spec": {"containers": [container()]}})
}

fn container() -> Value {
    json!({
        "name": "worker", "image": "registry.example/worker:3.4.1",
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    })
}

fn pod(index: usize, now: Timestamp) -> Value {
    // Three in a hundred wait, one in a hundred has failed.
    let status = match index % 100 {
        7 | 42 | 88 => pending(now),
        63 => failed(now),
        _ => running(index, now),
    };
    let mut spec = json!({"containers": [container()], "restartPolicy": "Always", "serviceAccountName": "default"});
    if status["phase"] != "Pending" {
        spec["nodeName"] = format!("node-{}", index % 3 + 1).into();
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("{REPLICA_SET}-{}", suffix(index)), "generateName": format!("{REPLICA_SET}-"),
            "namespace": "load", "labels": labels(), "creationTimestamp": before(now, created_ago(index)),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": REPLICA_SET, "controller": true, "blockOwnerDeletion": true}],
        },
        "spec": spec,
        "status": status,
    })
}

/// Spread over two days, so that ages differ.
fn created_ago(index: usize) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(index * 37 % 2880).expect("below 2880") + 10)
}

fn running(index: usize, now: Timestamp) -> Value {
    let since = before(now, created_ago(index) - SignedDuration::from_secs(4));
    json!({
        "phase": "Running", "podIP": format!("10.8.{}.{}", index / 250, index % 250 + 2), "qosClass": "Burstable", "startTime": since,
        "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True", "lastTransitionTime": since}],
        "containerStatuses": [{
            "name": "worker", "image": "registry.example/worker:3.4.1", "imageID": "", "ready": true, "started": true,
            "restartCount": usize::from(index % 50 == 11), "state": {"running": {"startedAt": since}}, "lastState": {},
        }],
    })
}

fn pending(now: Timestamp) -> Value {
    json!({
        "phase": "Pending", "qosClass": "Burstable",
        "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient cpu.", "lastTransitionTime": before(now, SignedDuration::from_mins(8)),
        }],
    })
}

fn failed(now: Timestamp) -> Value {
    json!({
        "phase": "Failed", "reason": "Evicted", "qosClass": "Burstable",
        "message": "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi.",
        "startTime": before(now, SignedDuration::from_hours(30)),
        "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}, {"type": "Ready", "status": "False", "reason": "PodFailed"}],
    })
}

/// Five letters, different for each pod, in no order that a reader would notice.
fn suffix(index: usize) -> String {
    let mut rest = index * 7_368_787 + 1_299_709;
    let mut letters = Vec::new();
    for _ in 0..5 {
        letters.push(char::from(ALPHABET[rest % ALPHABET.len()]));
        rest /= ALPHABET.len();
    }
    letters.into_iter().collect()
}
