//! Metrics inside the built host: who may ask Prometheus, and what of its answer reaches a plugin.

use bulkhead_simcluster::Prometheus;
use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{
    session::{Ran, Session},
    sim::Sim,
};

const GUEST: &str = "asks_prometheus";

/// The guest beside a Prometheus; `prometheus` is what stands in its table.
fn config(sim: &Sim, prometheus: &str, url: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let table = plugin_table("guest", &built::guest(GUEST)).unwrap();
    let text = format!("{cluster}{table}{prometheus}\n[prometheus]\n{url}\n");
    HostConfig::with_text(&text).unwrap()
}

/// Only the operator's line lets it ask, and a label that is called as a credential is masked.
#[test]
pub(crate) fn asks_prometheus() {
    let sim = Sim::small();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Prometheus::start()).unwrap();
    let labels = json!({"pod": "till", "password": "correct-horse"});
    let series = json!([{"metric": labels, "value": [1, "42"]}]);
    server.answer("up", json!({"resultType": "vector", "result": series}));
    let url = format!("url = \"{}\"", server.url());

    let mut session = Session::start(config(&sim, "", &url));
    session
        .call(GUEST, json!({ "expression": "up" }))
        .fails("denied", &["may not ask Prometheus"]);
    assert_eq!(server.asked(), []);
    session.waits_for_log("# in the table [plugins.guest]:\nprometheus = true", 1);
    let denied = session.end();
    let told = Ran::command("denials", &denied);
    assert!(told.stdout.contains("    prometheus = true\n"), "{told:?}");
    let told = Ran::command("check", &denied);
    assert!(
        told.stdout.contains("asked for and not granted"),
        "{told:?}"
    );

    let mut session = Session::start(config(&sim, "prometheus = true", &url));
    let said = session
        .call(GUEST, json!({ "expression": "up" }))
        .succeeds(&["\"till\"", "[1,\"42\"]"]);
    assert!(!said.text.contains("correct-horse"), "{}", said.text);
    assert_eq!(server.asked().len(), 1);
    let allowed = session.end();
    for command in ["check", "grants"] {
        let told = Ran::command(command, &allowed);
        assert!(
            told.stdout.contains("  prometheus  every metric\n"),
            "{told:?}"
        );
    }

    let mut session = Session::start(config(&sim, "", ""));
    session
        .call(GUEST, json!({ "expression": "up" }))
        .fails("not-found", &["no Prometheus is configured"]);
    session.end();
}
