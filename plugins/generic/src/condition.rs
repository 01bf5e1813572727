//! Conditions in an object's status: how nearly every kind says how it is.

use bulkhead_plugin_sdk::Time;
use serde::Deserialize;
use serde_json::Value;

/// One of `status.conditions`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Condition {
    /// Such as `Ready`.
    #[serde(rename = "type")]
    pub(crate) name: String,
    /// `True`, `False` or `Unknown`.
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) last_transition_time: Option<Time>,
}

impl Condition {
    /// Returns the conditions of an object; nothing where it has none, or something else under that name.
    pub(crate) fn of(object: &Value) -> Vec<Self> {
        let conditions = object.pointer("/status/conditions").cloned();
        conditions
            .and_then(|conditions| serde_json::from_value(conditions).ok())
            .unwrap_or_default()
    }

    /// Whether it is what one does not want: a good thing that is not so, or a bad thing that is.
    pub(crate) fn is_bad(&self) -> bool {
        const GOOD: [&str; 8] = [
            "Ready",
            "Available",
            "Progressing",
            "PodScheduled",
            "Initialized",
            "ContainersReady",
            "Established",
            "Healthy",
        ];
        const BAD: [&str; 7] = [
            "Failed",
            "ReplicaFailure",
            "MemoryPressure",
            "DiskPressure",
            "PIDPressure",
            "NetworkUnavailable",
            "Degraded",
        ];
        let name = self.name.as_str();
        (GOOD.contains(&name) && self.status != "True")
            || (BAD.contains(&name) && self.status == "True")
    }

    /// Returns what it says, such as `Available is False: MinimumReplicasUnavailable: Deployment does not have …`.
    pub(crate) fn words(&self) -> String {
        let reason = [self.reason.as_str(), self.message.as_str()];
        let reason: Vec<_> = reason.into_iter().filter(|part| !part.is_empty()).collect();
        match reason.as_slice() {
            [] => format!("{} is {}", self.name, self.status),
            reason => format!("{} is {}: {}", self.name, self.status, reason.join(": ")),
        }
    }
}

/// Returns the condition of that name.
pub(crate) fn find<'a>(conditions: &'a [Condition], name: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.name == name)
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use serde_json::json;

    #[test]
    fn a_good_thing_that_is_not_so_is_bad_and_so_is_a_bad_thing_that_is() {
        let object = json!({ "status": { "conditions": [
            { "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "no heartbeat" },
            { "type": "DiskPressure", "status": "True" },
            { "type": "MemoryPressure", "status": "False" },
            { "type": "Available", "status": "True" },
            { "type": "SomebodysOwn", "status": "False" },
        ] } });
        let bad: Vec<_> = Condition::of(&object)
            .iter()
            .filter(|condition| condition.is_bad())
            .map(Condition::words)
            .collect();
        assert_eq!(
            bad,
            [
                "Ready is Unknown: NodeStatusUnknown: no heartbeat",
                "DiskPressure is True"
            ]
        );
    }

    #[test]
    fn conditions_of_another_shape_are_none() {
        assert!(Condition::of(&json!({ "status": { "conditions": "fine" } })).is_empty());
    }
}
