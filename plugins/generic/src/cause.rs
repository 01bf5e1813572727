//! The likely cause: the one line to read first when something is broken.

use crate::condition::{self, Condition};
use crate::event::Event;
use crate::pod::{Container, Pod, Terminated};
use bulkhead_plugin_sdk::Time;

/// Says why a pod is not well; none where nothing says so.
pub(crate) fn of_pod(pod: &Pod, now: Time) -> Option<String> {
    if !pod.is_troubled() {
        return None;
    }
    let status = &pod.status;
    let containers = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses);
    containers
        .filter_map(|container| of_container(container, now))
        .next()
        .or_else(|| unscheduled(pod))
        .or_else(|| {
            let words = [status.reason.as_str(), status.message.as_str()].map(str::trim);
            let words: Vec<_> = words
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect();
            (!words.is_empty()).then(|| format!("the pod is {}: {}", pod.state(), words.join(": ")))
        })
        .or_else(|| not_ready(pod))
}

/// Says why any object is not well, by its conditions; a failed one goes before one that is only not so.
pub(crate) fn of_conditions(conditions: &[Condition]) -> Option<String> {
    let failed = conditions
        .iter()
        .find(|it| it.name == "Failed" && it.status == "True");
    failed
        .or_else(|| conditions.iter().find(|it| it.is_bad()))
        .map(Condition::words)
}

/// Says what the newest warning was.
pub(crate) fn of_events(newest_first: &[Event], now: Time) -> Option<String> {
    let warning = newest_first.iter().find(|event| event.kind == "Warning")?;
    let age = warning
        .last
        .map_or_else(String::new, |last| format!(", {} ago", now.age(last)));
    Some(format!(
        "warning {} ({} times{age}): {}",
        warning.reason, warning.count, warning.message
    ))
}

fn of_container(container: &Container, now: Time) -> Option<String> {
    let name = &container.name;
    if let Some(waiting) = &container.state.waiting {
        let last = container.last_state.terminated.as_ref();
        return match (waiting.reason.as_str(), last) {
            ("" | "PodInitializing" | "ContainerCreating", _) => None,
            ("CrashLoopBackOff", Some(last)) => Some(format!(
                "container {name} keeps crashing: {}, {} restarts; its last words: k8s_pod_logs with previous=true",
                ended(last, now),
                container.restart_count,
            )),
            (reason, _) if waiting.message.is_empty() => {
                Some(format!("container {name} waits: {reason}"))
            }
            (reason, _) => Some(format!(
                "container {name} waits: {reason}: {}",
                waiting.message
            )),
        };
    }
    let end = container
        .state
        .terminated
        .as_ref()
        .filter(|end| end.exit_code != 0)?;
    Some(format!("container {name} failed: {}", ended(end, now)))
}

/// Such as `OOMKilled, exit code 137, 3m ago`.
pub(crate) fn ended(end: &Terminated, now: Time) -> String {
    let age = end
        .finished_at
        .map_or_else(String::new, |at| format!(", {} ago", now.age(at)));
    let message = if end.message.is_empty() {
        String::new()
    } else {
        format!(", saying: {}", end.message.trim())
    };
    format!("{}, exit code {}{age}{message}", end.word(), end.exit_code)
}

fn unscheduled(pod: &Pod) -> Option<String> {
    let scheduled = condition::find(&pod.status.conditions, "PodScheduled")?;
    (scheduled.status == "False").then(|| format!("it cannot be scheduled: {}", scheduled.message))
}

fn not_ready(pod: &Pod) -> Option<String> {
    let waiting: Vec<_> = pod
        .status
        .container_statuses
        .iter()
        .filter(|container| !container.ready && container.state.running.is_some())
        .map(|container| container.name.as_str())
        .collect();
    (!waiting.is_empty()).then(|| {
        format!(
            "container {} runs but is not ready: its readiness probe fails or has not passed yet",
            waiting.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{of_conditions, of_pod};
    use crate::condition::Condition;
    use crate::pod::Pod;
    use bulkhead_plugin_sdk::Time;
    use serde_json::{Value, json};

    fn cause(status: &Value) -> Option<String> {
        let now = Time::parse("2026-11-21T12:00:00Z").expect("that is a time");
        let pod = Pod::from_object(
            &json!({ "spec": { "containers": [{ "name": "app" }] }, "status": status }),
        );
        of_pod(&pod, now)
    }

    #[test]
    fn a_crash_loop_is_told_by_how_the_last_run_ended() {
        let status = json!({ "phase": "Running", "containerStatuses": [{
            "name": "app", "restartCount": 12, "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off" } },
            "lastState": { "terminated": { "exitCode": 1, "reason": "Error", "finishedAt": "2026-11-21T11:57:00Z" } },
        }] });
        let words = "container app keeps crashing: Error, exit code 1, 3m ago, 12 restarts; its last words: k8s_pod_logs with \
                     previous=true";
        assert_eq!(cause(&status).as_deref(), Some(words));
    }

    #[test]
    fn a_pod_without_a_node_is_told_by_the_scheduler() {
        let status = json!({ "phase": "Pending", "conditions": [
            { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available" },
        ] });
        assert_eq!(
            cause(&status).as_deref(),
            Some("it cannot be scheduled: 0/3 nodes are available")
        );
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_told_in_the_kubelets_words() {
        let waiting = json!({ "waiting": { "reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\"" } });
        let status = json!({ "phase": "Pending", "containerStatuses": [{ "name": "app", "state": waiting }] });
        let words = "container app waits: ImagePullBackOff: Back-off pulling image \"x\"";
        assert_eq!(cause(&status).as_deref(), Some(words));
    }

    #[test]
    fn a_pod_that_is_well_has_no_cause() {
        let running = json!({ "name": "app", "ready": true, "state": { "running": {} } });
        assert_eq!(
            cause(&json!({ "phase": "Running", "containerStatuses": [running] })),
            None
        );
    }

    #[test]
    fn a_failed_condition_goes_before_one_that_is_not_so() {
        let conditions = Condition::of(&json!({ "status": { "conditions": [
            { "type": "Ready", "status": "False" },
            { "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too many" },
        ] } }));
        assert_eq!(
            of_conditions(&conditions).as_deref(),
            Some("Failed is True: BackoffLimitExceeded: too many")
        );
    }
}
