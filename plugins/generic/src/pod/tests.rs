use super::Pod;
use serde_json::{Value, json};

fn pod(status: &Value) -> Pod {
    Pod::from_object(&json!({
        "spec": { "containers": [{ "name": "app" }, { "name": "proxy" }] },
        "status": status,
    }))
}

#[test]
fn a_pod_whose_containers_run_is_running() {
    let running = json!({ "running": { "startedAt": "2026-01-01T00:00:00Z" } });
    let pod = pod(&json!({ "phase": "Running", "containerStatuses": [
        { "name": "app", "ready": true, "restartCount": 2, "state": running },
        { "name": "proxy", "ready": true, "restartCount": 1, "state": running },
    ] }));
    assert_eq!(
        (pod.state().as_str(), pod.ready().as_str(), pod.restarts()),
        ("Running", "2/2", 3)
    );
    assert!(!pod.is_troubled());
}

#[test]
fn what_a_container_waits_for_goes_before_the_phase() {
    let pod = pod(&json!({ "phase": "Running", "containerStatuses": [
        { "name": "app", "ready": false, "state": { "waiting": { "reason": "CrashLoopBackOff" } } },
        { "name": "proxy", "ready": true, "state": { "running": {} } },
    ] }));
    assert_eq!(
        (pod.state().as_str(), pod.ready().as_str()),
        ("CrashLoopBackOff", "1/2")
    );
    assert!(pod.is_troubled());
}

#[test]
fn a_container_that_ended_without_a_reason_shows_its_signal_or_exit_code() {
    let ended = |end: Value| {
        pod(&json!({ "phase": "Failed", "containerStatuses": [{ "name": "app", "state": { "terminated": end } }] })).state()
    };
    assert_eq!(ended(json!({ "exitCode": 3 })), "ExitCode:3");
    assert_eq!(ended(json!({ "exitCode": 137, "signal": 9 })), "Signal:9");
    assert_eq!(
        ended(json!({ "exitCode": 137, "reason": "OOMKilled" })),
        "OOMKilled"
    );
}

#[test]
fn a_running_pod_with_one_container_that_is_not_ready_is_troubled() {
    let pod = pod(&json!({ "phase": "Running", "containerStatuses": [
        { "name": "app", "ready": false, "state": { "running": {} } },
    ] }));
    assert_eq!(pod.state(), "Running");
    assert!(pod.is_troubled());
}

#[test]
fn init_containers_are_counted_until_they_are_done() {
    let initializing = |state: Value| {
        Pod::from_object(&json!({
            "spec": { "initContainers": [{ "name": "one" }, { "name": "two" }], "containers": [{ "name": "app" }] },
            "status": { "phase": "Pending", "initContainerStatuses": [
                { "name": "one", "state": { "terminated": { "exitCode": 0 } } },
                { "name": "two", "state": state },
            ] },
        }))
        .state()
    };
    assert_eq!(initializing(json!({ "running": {} })), "Init:1/2");
    assert_eq!(
        initializing(json!({ "waiting": { "reason": "PodInitializing" } })),
        "Init:1/2"
    );
    assert_eq!(
        initializing(json!({ "waiting": { "reason": "ImagePullBackOff" } })),
        "Init:ImagePullBackOff"
    );
    assert_eq!(
        initializing(json!({ "terminated": { "exitCode": 1, "reason": "Error" } })),
        "Init:Error"
    );
}

#[test]
fn a_sidecar_that_started_does_not_hold_the_pod_up_and_counts_as_a_container() {
    let pod = Pod::from_object(&json!({
        "spec": {
            "initContainers": [{ "name": "mesh", "restartPolicy": "Always" }],
            "containers": [{ "name": "app" }],
        },
        "status": {
            "phase": "Running",
            "initContainerStatuses": [{ "name": "mesh", "started": true, "ready": true, "restartCount": 4, "state": { "running": {} } }],
            "containerStatuses": [{ "name": "app", "ready": true, "state": { "running": {} } }],
        },
    }));
    assert_eq!(
        (pod.state().as_str(), pod.ready().as_str(), pod.restarts()),
        ("Running", "2/2", 4)
    );
}

#[test]
fn a_deleted_pod_is_terminating_until_it_has_ended() {
    let deleted = |phase: &str, reason: &str| {
        let metadata = json!({ "deletionTimestamp": "2026-01-01T00:00:00Z" });
        Pod::from_object(
            &json!({ "metadata": metadata, "status": { "phase": phase, "reason": reason } }),
        )
        .state()
    };
    assert_eq!(deleted("Running", ""), "Terminating");
    assert_eq!(deleted("Running", "NodeLost"), "Unknown");
    assert_eq!(deleted("Succeeded", ""), "Succeeded");
}

#[test]
fn a_pod_that_says_nothing_about_itself_is_unknown() {
    assert_eq!(Pod::from_object(&json!({})).state(), "Unknown");
    assert_eq!(
        pod(&json!({ "phase": "Failed", "reason": "Evicted" })).state(),
        "Evicted"
    );
}
