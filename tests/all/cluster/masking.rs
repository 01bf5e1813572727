//! Credentials in objects, logs and events: none of them is in any byte that the client gets, or that the operator's log holds.

use std::thread;

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    session::{Session, generic},
    sim::Sim,
};

/// Each stands in the cluster below in a place of its own, or in the demo cluster.
const SECRETS: [&str; 9] = [
    "w1nter-is-coming",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "opaque-session-0123456789",
    "s3cr3t-Pa55",
    "czNjcjN0LVBhNTU=",
    "demo-payment-key-0f5e2c",
    "ZGVtby1zZXNzaW9uLXNlY3JldA==",
    "demo-session-secret",
    "AKIAIOSFODNN7EXAMPLE",
];

/// The demo cluster with a pod, its events and its log that hold what they should not.
fn cluster() -> Cluster {
    let mut cluster = Cluster::demo();
    let leaky = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": "leaky", "annotations": {"note": "token ghp_16C7e42F292c6912E7710c838347Ae178B4a"}},
        "spec": {"containers": [{
            "name": "leaky", "image": "registry.example/leaky:1", "args": ["--password=w1nter-is-coming"],
            "env": [{"name": "PASSWORD", "value": "w1nter-is-coming"}, {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"}],
        }]},
        "status": {"phase": "Running"},
    });
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"namespace": "shop", "name": "leaky.1"}, "type": "Warning", "reason": "Unhealthy",
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "leaky"},
        "message": "probe failed with header Authorization: Bearer opaque-session-0123456789", "lastTimestamp": "2026-01-01T00:00:00Z",
    });
    cluster.insert(leaky).unwrap();
    cluster.insert(event).unwrap();
    let log = "2026-01-01T00:00:00Z starting with PASSWORD=w1nter-is-coming\n2026-01-01T00:00:01Z key AKIAIOSFODNN7EXAMPLE\n";
    cluster
        .set_log("shop", "leaky", "leaky", false, log)
        .unwrap();
    cluster
}

/// Every way to look, and a word that its answer holds besides.
fn looks() -> Vec<(&'static str, Value, &'static str)> {
    let checkout = "checkout-6d9f7c5b8-x2kqp";
    vec![
        (
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "leaky" }),
            "PASSWORD",
        ),
        (
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": checkout }),
            "DATABASE_URL",
        ),
        (
            "k8s_get",
            json!({ "kind": "deployment", "namespace": "shop", "name": "checkout" }),
            "PAYMENT_API_KEY",
        ),
        (
            "k8s_get",
            json!({ "kind": "deployment", "namespace": "shop", "name": "checkout", "path": "spec.template.spec.containers[0].env" }),
            "PAYMENT_API_KEY",
        ),
        (
            "k8s_get",
            json!({ "kind": "secret", "namespace": "shop", "name": "checkout" }),
            "database-password",
        ),
        (
            "k8s_list",
            json!({ "kind": "secrets", "namespace": "shop" }),
            "checkout",
        ),
        (
            "k8s_count",
            json!({ "kind": "secrets", "namespace": "shop", "by": ["data['database-password']"] }),
            "secrets",
        ),
        (
            "k8s_count",
            json!({ "kind": "pods", "namespace": "shop", "by": ["spec.containers[0].env[0].value"] }),
            "pods",
        ),
        (
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": checkout }),
            "connecting to database",
        ),
        (
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": checkout, "previous": true, "match": "postgres" }),
            "connecting to database",
        ),
        (
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": "leaky" }),
            "starting with",
        ),
        (
            "k8s_list_events",
            json!({ "namespace": "shop" }),
            "probe failed",
        ),
        (
            "k8s_describe",
            json!({ "kind": "pod", "namespace": "shop", "name": "leaky" }),
            "probe failed",
        ),
        (
            "k8s_describe",
            json!({ "kind": "deployment", "namespace": "shop", "name": "checkout" }),
            "checkout",
        ),
    ]
}

#[test]
fn the_tail_of_a_log_is_cut_after_cleaning() {
    let mut cluster = Cluster::demo();
    let log: String = [
        "apiVersion: v1",
        "kind: Secret",
        "metadata:",
        "  name: pin",
        "data:",
        "  first: bm9ib2R5LWtub3dz",
        "  pin: MTIzNA==",
    ]
    .map(|line| format!("2026-01-01T00:00:00Z {line}\n"))
    .concat();
    cluster
        .insert(crate::sim::pod("shop", "leaky", "leaky"))
        .unwrap();
    cluster
        .set_log("shop", "leaky", "leaky", false, &log)
        .unwrap();
    let sim = Sim::start(cluster);
    let mut session = Session::start(crate::session::generic_on(&sim, ""));
    for tail_lines in 1..=8 {
        let asked = json!({ "namespace": "shop", "name": "leaky", "tail_lines": tail_lines });
        let said = session.call("k8s_pod_logs", asked).succeeds(&["pin: "]);
        assert!(
            !said.text.contains("MTIzNA") && !said.text.contains("bm9ib2R5"),
            "{tail_lines}: {}",
            said.text
        );
    }
}

#[test]
fn more_logs_that_take_long_to_clean_than_there_are_workers_do_not_starve_another_call() {
    let sim = Sim::small();
    let line = format!("2026-01-01T00:00:00Z {}\n", "pwd=on;".repeat(500));
    sim.server.change(|cluster| {
        cluster
            .set_log("shop", "till", "till", false, &line.repeat(100))
            .unwrap();
    });
    let logs = "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"pods/log\"]\nverbs = [\"get\"]\nnamespaces = [\"shop\"]";
    let mut session = super::grants::limited(&sim, "concurrent = 16, wall = \"5m\"", logs);
    session.lives_on();
    // As many workers as the host makes, and one more.
    let calls = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8)) + 1;
    let tool = |name: &str, arguments: Value| json!({ "name": name, "arguments": arguments });
    let log = json!({ "namespace": "shop", "name": "till" });
    let cleaning: Vec<_> = (0..calls)
        .map(|_| {
            session
                .begin("tools/call", tool("k8s_pod_logs", log.clone()))
                .unwrap()
        })
        .collect();
    sim.wait_for_requests("/log", calls);
    let ping = session
        .begin("tools/call", tool("ping", json!({})))
        .unwrap();
    let first = session
        .wait(|message| message.get("result").is_some())
        .unwrap();
    assert_eq!(first["id"], ping, "{first}");
    for call in cleaning {
        session.answer(call).unwrap().unwrap();
    }
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn no_credential_is_in_any_byte_that_leaves(#[case] era: Era) {
    let sim = Sim::start(cluster());
    let table = cluster_table(&sim.kubeconfig()).unwrap();
    let secrets = "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"get\", \"list\"]\nnamespaces = [\"shop\"]\n";
    let config = HostConfig::with_text(&format!("{table}{}{secrets}", generic())).unwrap();
    let mut session = Session::in_era(config, era);
    for (tool, arguments, part) in looks() {
        session.call(tool, arguments).succeeds(&[part]);
    }
    // A selector would tell a value by trying it.
    let tried = json!({ "kind": "secrets", "namespace": "shop", "field_selector": "data.database-password=czNjcjN0LVBhNTU=" });
    session
        .call("k8s_list", tried)
        .fails("denied", &["redacted"]);
    let (client, _config) = session.into_parts();
    let seen = format!("{}\n{}", client.received(), client.stderr());
    for secret in SECRETS {
        let line = seen.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "`{secret}` got out");
    }
}
