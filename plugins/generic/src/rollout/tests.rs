use super::{Progress, Workload};
use serde_json::{Value, json};

fn judge(workload: Workload, spec: &Value, status: &Value) -> Progress {
    let part = |key: &str| spec.get(key).cloned().unwrap_or_default();
    workload.judge(&[
        json!(4),
        part("replicas"),
        part("updateStrategy"),
        status.clone(),
    ])
}

fn going(words: &str, at: &'static str, value: Value) -> Progress {
    Progress::Going(words.to_owned(), at, value)
}

#[test]
fn a_change_that_the_controller_has_not_seen_is_waited_for_first() {
    let status = json!({ "observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 });
    assert_eq!(
        judge(Workload::Deployment, &json!({ "replicas": 1 }), &status),
        going(
            "the controller has not seen the change yet",
            "status.observedGeneration",
            json!(4)
        )
    );
}

#[test]
fn a_deployment_is_asked_what_kubectl_asks_in_its_order() {
    let of = |all: u64, updated: u64, available: u64| {
        let status = json!({ "observedGeneration": 4, "replicas": all, "updatedReplicas": updated, "availableReplicas": available });
        judge(Workload::Deployment, &json!({ "replicas": 3 }), &status)
    };
    assert_eq!(
        of(4, 2, 3),
        going(
            "2 of 3 new pods are made",
            "status.updatedReplicas",
            json!(3)
        )
    );
    assert_eq!(
        of(4, 3, 3),
        going("1 old pods are still there", "status.replicas", json!(3))
    );
    assert_eq!(
        of(3, 3, 1),
        going(
            "1 of 3 new pods are available",
            "status.availableReplicas",
            json!(3)
        )
    );
    assert_eq!(
        of(3, 3, 3),
        Progress::Complete("all 3 pods are new and available".to_owned())
    );
}

#[test]
fn a_deployment_past_its_deadline_is_stuck() {
    let status = json!({ "observedGeneration": 4, "conditions": [
        { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out" },
    ] });
    assert_eq!(
        judge(Workload::Deployment, &json!({ "replicas": 3 }), &status),
        Progress::Stuck("Progressing is False: ProgressDeadlineExceeded: timed out".to_owned())
    );
}

#[test]
fn a_deployment_scaled_to_nothing_is_complete() {
    let status = json!({ "observedGeneration": 4 });
    assert!(matches!(
        judge(Workload::Deployment, &json!({ "replicas": 0 }), &status),
        Progress::Complete(_)
    ));
}

#[test]
fn a_stateful_set_is_complete_when_both_revisions_are_one() {
    let of = |ready: u64, current: &str, partition: u64| {
        let spec = json!({ "replicas": 3, "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "partition": partition } } });
        let status = json!({ "observedGeneration": 4, "readyReplicas": ready, "updatedReplicas": 1, "updateRevision": "b", "currentRevision": current });
        judge(Workload::StatefulSet, &spec, &status)
    };
    assert_eq!(
        of(2, "a", 0),
        going("2 of 3 pods are ready", "status.readyReplicas", json!(3))
    );
    assert_eq!(
        of(3, "a", 0),
        going("1 of 3 pods are new", "status.currentRevision", json!("b"))
    );
    assert!(matches!(of(3, "b", 0), Progress::Complete(_)));
    assert_eq!(
        of(3, "a", 1),
        going(
            "1 of 2 pods from partition 1 on are new",
            "status.updatedReplicas",
            json!(2)
        )
    );
    assert!(matches!(of(3, "a", 2), Progress::Complete(_)));
}

#[test]
fn a_daemon_set_is_complete_when_every_node_has_a_new_pod() {
    let of = |updated: u64, available: u64| {
        let status = json!({ "observedGeneration": 4, "desiredNumberScheduled": 3, "updatedNumberScheduled": updated, "numberAvailable": available });
        judge(Workload::DaemonSet, &json!({}), &status)
    };
    assert_eq!(
        of(1, 3),
        going(
            "1 of 3 pods are new",
            "status.updatedNumberScheduled",
            json!(3)
        )
    );
    assert_eq!(
        of(3, 2),
        going(
            "2 of 3 pods are available",
            "status.numberAvailable",
            json!(3)
        )
    );
    assert!(matches!(of(3, 3), Progress::Complete(_)));
}

#[test]
fn pods_that_are_replaced_by_hand_are_not_waited_for() {
    let spec = json!({ "updateStrategy": { "type": "OnDelete" } });
    assert!(matches!(
        judge(Workload::DaemonSet, &spec, &json!({ "observedGeneration": 4 })),
        Progress::Stuck(words) if words.contains("OnDelete")
    ));
}
