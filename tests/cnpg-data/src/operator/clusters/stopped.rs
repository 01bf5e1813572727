//! What stops PostgreSQL and keeps the data: hibernation and fencing, and their ends.

use serde_json::{Value, json};

use super::{
    super::instances::{begin, desired, is_ready, set_ready},
    Seen,
};
use crate::{
    meta::{condition, remove},
    status::set_condition,
};

const HIBERNATION: &str = "cnpg.io/hibernation";

impl Seen<'_> {
    /// `pkg/reconciler/hibernation`.
    pub(super) fn hibernation(&self) -> Option<Value> {
        let wanted = self.annotation(HIBERNATION) == Some("on");
        let conditions = self.cluster["status"]["conditions"].as_array();
        let found = conditions
            .into_iter()
            .flatten()
            .find(|condition| condition["type"] == HIBERNATION);
        match (wanted, found) {
            (false, None) => None,
            (false, Some(_)) => {
                let count = desired(self.cluster);
                for serial in 1..=count {
                    begin(self.api, self.cluster, &self.made, serial, &self.primary());
                }
                let mut status = self.running(count);
                if let Some(conditions) = status["conditions"].as_array_mut() {
                    conditions.retain(|condition| condition["type"] != HIBERNATION);
                }
                Some(status)
            }
            (true, _) if !self.pods.is_empty() => {
                for pod in &self.pods {
                    self.api.delete(pod);
                }
                let mut status = self.status();
                for member in [
                    "readyInstances",
                    "instancesStatus",
                    "instancesReportedState",
                    "healthyPVC",
                ] {
                    remove(&mut status, member);
                }
                status["danglingPVC"] = self.cluster["status"]["healthyPVC"].clone();
                let message = "Hibernation is in progress";
                let going = condition(HIBERNATION, false, "DeletingPods", message, self.now());
                set_condition(&mut status, going);
                Some(status)
            }
            (true, Some(found)) if found["status"] == "True" => Some(self.status()),
            (true, _) => {
                let mut status = self.status();
                let message = "Cluster has been hibernated";
                let done = condition(HIBERNATION, true, "Hibernated", message, self.now());
                set_condition(&mut status, done);
                Some(status)
            }
        }
    }

    /// A fenced instance runs on without PostgreSQL, so it is not ready.
    pub(super) fn fencing(&self) -> Option<Value> {
        let fenced: Vec<String> = self
            .annotation("cnpg.io/fencedInstances")
            .and_then(|list| serde_json::from_str(list).ok())
            .unwrap_or_default();
        let is_fenced = |pod: &Value| {
            fenced
                .iter()
                .any(|name| name == "*" || pod["metadata"]["name"] == name.as_str())
        };
        let wrong = |pod: &&Value| is_ready(pod) == is_fenced(pod);
        self.pods.iter().find(wrong)?;
        for pod in self.pods.iter().filter(wrong) {
            set_ready(self.api, pod.clone(), !is_fenced(pod), &self.now());
        }
        let names = |fenced: bool| -> Vec<&Value> {
            let pods = self.pods.iter().filter(|pod| is_fenced(pod) == fenced);
            pods.map(|pod| &pod["metadata"]["name"]).collect()
        };
        let mut status = self.status();
        let (well, out) = (names(false), names(true));
        status["readyInstances"] = json!(well.len());
        status["instancesStatus"] = json!({});
        if !well.is_empty() {
            status["instancesStatus"]["healthy"] = json!(well);
        }
        if !out.is_empty() {
            status["instancesStatus"]["replicating"] = json!(out);
        }
        Some(status)
    }
}
