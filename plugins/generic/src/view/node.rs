//! Nodes.

use super::{Seen, Tally, View, cell};
use serde_json::Value;

pub(super) const NODES: View = View {
    columns: &["STATUS", "VERSION"],
    paths: &[
        "status.conditions[*].type",
        "status.conditions[*].status",
        "spec.unschedulable",
        "status.nodeInfo.kubeletVersion",
    ],
    see: |values, _| {
        let ready = readiness(&cell(values.first()), &cell(values.get(1)));
        let cordoned = values.get(2).and_then(Value::as_bool).unwrap_or(false);
        let state = if cordoned {
            format!("{ready},SchedulingDisabled")
        } else {
            ready.to_owned()
        };
        Seen {
            trouble: (ready != "Ready").then(|| ready.to_owned()),
            cells: vec![state, cell(values.get(3))],
        }
    },
    tally: Some(Tally {
        by: &["status.conditions[*].type", "status.conditions[*].status"],
        class: |key| {
            let text = |at: usize| key.get(at).map_or("", String::as_str);
            readiness(text(0), text(1)).to_owned()
        },
    }),
};

/// From the JSON lists of condition types and of their statuses, in the same order.
fn readiness(types: &str, statuses: &str) -> &'static str {
    let list = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap_or_default();
    let (types, statuses) = (list(types), list(statuses));
    let ready = types
        .iter()
        .zip(&statuses)
        .find(|(name, _)| *name == "Ready");
    match ready.map(|(_, status)| status.as_str()) {
        Some("True") => "Ready",
        Some("False") => "NotReady",
        Some(_) | None => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::readiness;

    #[test]
    fn a_node_is_told_by_its_condition_ready() {
        let types = r#"["DiskPressure","Ready"]"#;
        assert_eq!(readiness(types, r#"["False","True"]"#), "Ready");
        assert_eq!(readiness(types, r#"["True","False"]"#), "NotReady");
        assert_eq!(readiness(types, r#"["False","Unknown"]"#), "Unknown");
        assert_eq!(readiness("", ""), "Unknown");
    }
}
