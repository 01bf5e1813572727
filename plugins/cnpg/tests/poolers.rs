//! Poolers: what is said of them, what is proposed, and what comes of it: through the host's own gate, dry run, policy and approval.

#[path = "kit/asking.rs"]
mod asking;
#[path = "poolers/changes.rs"]
mod changes;
#[path = "poolers/cluster.rs"]
mod cluster;
#[path = "poolers/creating.rs"]
mod creating;
#[path = "poolers/ending.rs"]
mod ending;
#[path = "poolers/listing.rs"]
mod listing;
#[path = "poolers/scaling.rs"]
mod scaling;

use asking::{ask, confirmed, line, refused, stored, summary, value, waited, with};
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::Value;

/// A Pooler as it stands there.
fn pooler(cnpg: &Running, name: &str) -> Option<Value> {
    stored(
        cnpg,
        &format!("/apis/postgresql.cnpg.io/v1/namespaces/shop/poolers/{name}"),
    )
}
