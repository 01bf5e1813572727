//! What a list of thousands takes.

use std::time::SystemTime;

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{host_config::HostConfig, host_config::cluster_table};
use bulkhead_velero_data::{backups, crds_minimal};
use serde_json::json;

use super::{SEED, shipped};
use crate::{session::Session, sim::Sim};

/// As a model should have to read at once.
const LARGEST_PAGE: usize = 6 * 1024;

#[test]
fn a_page_of_5000_backups_is_small_and_takes_little_memory() {
    let mut cluster = Cluster::from_manifests(&crds_minimal()).unwrap();
    for backup in backups(5000, SEED, SystemTime::now()) {
        cluster.insert(backup).unwrap();
    }
    let sim = Sim::start(cluster);
    // All 5000 as objects would be 6 MiB of JSON, and more in memory.
    let shipped = shipped();
    let limits = "[plugins.velero.limits]\n";
    let limited = shipped.replace(limits, &format!("{limits}memory = \"4MiB\"\n"));
    assert_ne!(limited, shipped);
    let text = cluster_table(&sim.kubeconfig()).unwrap() + &limited;
    let mut session = Session::start(HostConfig::with_text(&text).unwrap());
    let answer = session.call_tool("list_velero_backups", json!({}));
    let result = answer.unwrap().unwrap();
    assert_ne!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    println!("the first page of 5000 backups: {} bytes", text.len());
    assert!(text.len() <= LARGEST_PAGE, "{} bytes", text.len());
    assert_eq!(result["structuredContent"]["total"], 5000);
    session.end();
}
