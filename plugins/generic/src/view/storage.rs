//! Volumes and the claims on them.

use super::{BY_PHASE, Seen, View, cell};
use bulkhead_plugin_sdk::Time;
use serde_json::Value;

pub(super) const CLAIMS: View = View {
    columns: &["STATUS", "CAPACITY", "CLASS"],
    paths: &[
        "status.phase",
        "status.capacity.storage",
        "spec.storageClassName",
    ],
    see,
    tally: Some(BY_PHASE),
};

pub(super) const VOLUMES: View = View {
    columns: &["STATUS", "CAPACITY", "CLASS", "CLAIM"],
    paths: &[
        "status.phase",
        "spec.capacity.storage",
        "spec.storageClassName",
        "spec.claimRef.name",
    ],
    see,
    tally: Some(BY_PHASE),
};

fn see(values: &[Value], _: Time) -> Seen {
    let cells: Vec<_> = values.iter().map(|value| cell(Some(value))).collect();
    let trouble = cells
        .first()
        .filter(|phase| ["Pending", "Lost", "Failed"].contains(&phase.as_str()))
        .cloned();
    Seen { cells, trouble }
}
