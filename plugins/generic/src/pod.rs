//! Pods: what state a pod is in, in kubectl's words, and what its containers say.

use bulkhead_plugin_sdk::Time;
use serde::Deserialize;
use serde_json::Value;

use crate::condition::{self, Condition};

/// The paths that [`Pod::from_row`] needs, in this order.
pub(crate) const PATHS: [&str; 5] = [
    "metadata.deletionTimestamp",
    "spec.containers[*].name",
    "spec.initContainers[*].name",
    "spec.initContainers[*].restartPolicy",
    "status",
];

/// A pod, as far as its state goes.
#[derive(Debug, Default)]
pub(crate) struct Pod {
    deleted: bool,
    containers: usize,
    init_containers: usize,
    /// Init containers that keep running beside the others.
    sidecars: Vec<String>,
    pub(crate) status: PodStatus,
}

/// `status`, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodStatus {
    pub(crate) phase: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) container_statuses: Vec<Container>,
    pub(crate) init_container_statuses: Vec<Container>,
}

/// One of `status.containerStatuses`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) ready: bool,
    pub(crate) started: Option<bool>,
    pub(crate) restart_count: u32,
    pub(crate) state: State,
    pub(crate) last_state: State,
}

/// One of three, or none of them before the container was looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) waiting: Option<Waiting>,
    pub(crate) running: Option<Running>,
    pub(crate) terminated: Option<Terminated>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    pub(crate) reason: String,
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Running {
    pub(crate) started_at: Option<Time>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) signal: i32,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) finished_at: Option<Time>,
}

impl Pod {
    /// Reads the values at [`PATHS`]. What does not fit counts as not there: a list must not fail for one odd pod.
    pub(crate) fn from_row(values: &[Value]) -> Self {
        let names = |at: usize| {
            values
                .get(at)
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default()
        };
        let (init_names, policies) = (names(2), names(3));
        Self {
            deleted: values.first().is_some_and(|value| !value.is_null()),
            containers: names(1).len(),
            init_containers: init_names.len(),
            sidecars: init_names
                .iter()
                .zip(policies)
                .filter(|(_, policy)| policy.as_str() == Some("Always"))
                .filter_map(|(name, _)| name.as_str().map(str::to_owned))
                .collect(),
            status: values
                .get(4)
                .and_then(|status| serde_json::from_value(status.clone()).ok())
                .unwrap_or_default(),
        }
    }

    /// Reads a whole object.
    pub(crate) fn from_object(object: &Value) -> Self {
        let each = |list: &str, key: &str| -> Value {
            let items = object
                .pointer(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            items
                .map(|item| item.get(key).cloned().unwrap_or_default())
                .collect()
        };
        Self::from_row(&[
            object
                .pointer("/metadata/deletionTimestamp")
                .cloned()
                .unwrap_or_default(),
            each("/spec/containers", "name"),
            each("/spec/initContainers", "name"),
            each("/spec/initContainers", "restartPolicy"),
            object.get("status").cloned().unwrap_or_default(),
        ])
    }

    /// Returns how many containers are ready, and how many there are, as `2/3`.
    pub(crate) fn ready(&self) -> String {
        let ready = self
            .status
            .container_statuses
            .iter()
            .filter(|container| container.ready)
            .count();
        let ready_sidecars = self
            .running_sidecars()
            .filter(|container| container.ready)
            .count();
        format!(
            "{}/{}",
            ready + ready_sidecars,
            self.containers + self.sidecars.len()
        )
    }

    /// Returns how often its containers were started again.
    pub(crate) fn restarts(&self) -> u32 {
        let containers = self
            .status
            .container_statuses
            .iter()
            .chain(self.running_sidecars());
        containers.map(|container| container.restart_count).sum()
    }

    /// Returns the word in kubectl's STATUS column, made as kubectl makes it: `Running`, `CrashLoopBackOff`, `Init:0/2`.
    pub(crate) fn state(&self) -> String {
        let status = &self.status;
        let terminal = matches!(status.phase.as_str(), "Succeeded" | "Failed");
        if self.deleted && !terminal {
            return if status.reason == "NodeLost" {
                "Unknown"
            } else {
                "Terminating"
            }
            .to_owned();
        }
        let initialized = condition::find(&status.conditions, "Initialized")
            .is_some_and(|it| it.status == "True");
        match self.initializing() {
            Some(state) if !initialized => state,
            _ => self.state_of_containers(),
        }
    }

    /// Whether something about it needs a person: it is neither done nor running with every container ready.
    pub(crate) fn is_troubled(&self) -> bool {
        match self.state().as_str() {
            "Running" => self
                .status
                .container_statuses
                .iter()
                .any(|container| !container.ready),
            "Completed" | "Succeeded" | "Terminating" => false,
            _ => true,
        }
    }

    fn initializing(&self) -> Option<String> {
        for (done, container) in self.status.init_container_statuses.iter().enumerate() {
            let started_sidecar =
                container.started == Some(true) && self.sidecars.contains(&container.name);
            match &container.state {
                State {
                    terminated: Some(end),
                    ..
                } if end.exit_code == 0 => {}
                _ if started_sidecar => {}
                State {
                    terminated: Some(end),
                    ..
                } => return Some(format!("Init:{}", end.word())),
                State {
                    waiting: Some(waiting),
                    ..
                } if !["", "PodInitializing"].contains(&waiting.reason.as_str()) => {
                    return Some(format!("Init:{}", waiting.reason));
                }
                State { .. } => return Some(format!("Init:{done}/{}", self.init_containers)),
            }
        }
        None
    }

    fn state_of_containers(&self) -> String {
        let status = &self.status;
        let gated = condition::find(&status.conditions, "PodScheduled")
            .is_some_and(|it| it.reason == "SchedulingGated");
        let of_pod = match status.reason.as_str() {
            "" if gated => "SchedulingGated",
            "" => &status.phase,
            reason => reason,
        };
        let of_containers = status
            .container_statuses
            .iter()
            .find_map(|container| match &container.state {
                State {
                    waiting: Some(waiting),
                    ..
                } if !waiting.reason.is_empty() => Some(waiting.reason.clone()),
                State {
                    terminated: Some(end),
                    ..
                } => Some(end.word()),
                State { .. } => None,
            });
        let runs = status
            .container_statuses
            .iter()
            .any(|container| container.ready && container.state.running.is_some());
        match of_containers.as_deref() {
            Some("Completed") if runs => {
                let ready = condition::find(&status.conditions, "Ready")
                    .is_some_and(|it| it.status == "True");
                if ready { "Running" } else { "NotReady" }.to_owned()
            }
            Some(state) => state.to_owned(),
            None if of_pod.is_empty() => "Unknown".to_owned(),
            None => of_pod.to_owned(),
        }
    }

    fn running_sidecars(&self) -> impl Iterator<Item = &Container> {
        let of_init = self.status.init_container_statuses.iter();
        of_init.filter(|container| self.sidecars.contains(&container.name))
    }
}

impl Terminated {
    /// Returns why it ended: the reason, else the signal or the exit code.
    pub(crate) fn word(&self) -> String {
        match (self.reason.as_str(), self.signal) {
            ("", 0) => format!("ExitCode:{}", self.exit_code),
            ("", signal) => format!("Signal:{signal}"),
            (reason, _) => reason.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
