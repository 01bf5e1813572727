//! Roles: what is said of them, what is proposed, and what comes of it: through the host's own gate, dry run, policy and approval.

mod changes;
mod cluster;
mod creating;
mod deleting;
mod listing;
mod updating;
mod waiting;

use crate::asking::{ask, confirmed, line, read, refused, stored, summary, value, waited, with};
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};

/// The list of managed roles of a cluster, as it stands there.
fn roles(cnpg: &Running, cluster: &str) -> Value {
    let path = format!("/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/{cluster}");
    stored(cnpg, &path).expect("it is there")["spec"]["managed"]["roles"].take()
}

/// Annotates the cluster `db`, past every gate.
fn annotate(cnpg: &Running, annotation: &str, text: &str) {
    let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/db";
    let mut cluster = stored(cnpg, path).expect("it is there");
    cluster["metadata"]["annotations"] = json!({ annotation: text });
    cnpg.cluster().change(|all| {
        all.insert(cluster).expect("it is an object of the cluster");
    });
}

/// A Secret as it stands there.
fn secret(cnpg: &Running, name: &str) -> Option<Value> {
    stored(cnpg, &format!("/api/v1/namespaces/shop/secrets/{name}"))
}
