//! What a rolling update does: the operator's order, and what the last step means for whoever is connected.
//!
//! Replicas go first, then the primary by `primaryUpdateStrategy` and `primaryUpdateMethod` (`docs/src/rolling_update.md`,
//! `updatePrimaryPod` in `internal/controller/cluster_upgrade.go`).

use crate::cluster::Cluster;
use bulkhead_plugin_sdk::document::listed;

/// Says what becomes of the instances, the primary at last.
pub(super) fn notes(cluster: &Cluster) -> Vec<String> {
    let spec = cluster.object().part("/spec");
    let primary = match cluster.primary() {
        "" => "the primary".to_owned(),
        primary => format!("the primary `{primary}`"),
    };
    let last = if spec.text("/primaryUpdateStrategy") == "supervised" {
        format!(
            "the replicas one by one; then the operator waits for a person: promote_postgres_instance brings {primary} along"
        )
    } else if cluster.instances() < 2 {
        format!("{primary} is the only instance: the database is down until its pod is back")
    } else if spec.text("/primaryUpdateMethod") == "switchover" {
        format!(
            "the replicas one by one, then a switchover from {primary}: connections are cut, and writes fail for moments"
        )
    } else {
        format!(
            "the replicas one by one, then {primary} without a switchover (primaryUpdateMethod restart): writes fail until its pod is back"
        )
    };
    let mut notes = vec![last];
    let fenced = cluster.fenced();
    if !fenced.is_empty() {
        notes.push(format!(
            "instances that are fenced are left as they are: {}",
            listed(&fenced)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::notes;
    use crate::cluster::Cluster;
    use serde_json::{Value, json};

    fn said(spec: &Value) -> String {
        let cluster = json!({ "spec": spec, "status": { "currentPrimary": "orders-1" } });
        notes(&Cluster::of(cluster)).join("; ")
    }

    #[test]
    fn how_the_primary_is_updated_decides_what_connections_see() {
        let cases = [
            (
                json!({ "instances": 1 }),
                "the only instance: the database is down",
            ),
            (json!({ "instances": 3 }), "without a switchover"),
            (
                json!({ "instances": 3, "primaryUpdateMethod": "switchover" }),
                "then a switchover from the primary `orders-1`",
            ),
            (
                json!({ "instances": 3, "primaryUpdateStrategy": "supervised", "primaryUpdateMethod": "switchover" }),
                "waits for a person: promote_postgres_instance",
            ),
        ];
        for (spec, says) in cases {
            let said = said(&spec);
            assert!(said.contains(says), "{spec}: {said}");
        }
    }
}
