//! Plans that say more than one number: values that the host makes, an object in a namespace of the same plan, a patch of what was
//! read before, a drain that a budget ends, and how many may be open.
//!
//! A guest without a test of its name here does not compile.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    approver::Approver,
    built, foreach_guest_of_plans,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::Era,
};
use serde_json::{Value, json};

use super::{Desk, command, config_with, id_in, scale_to, shop};
use crate::{hostile, sim::Sim};

macro_rules! has_a_test {
    ($name:ident) => {
        const _: fn() = $name;
    };
}
foreach_guest_of_plans!(has_a_test);

/// A desk with a guest beside `generic`.
fn with_guest(guest: &str, sim: &Sim, grants: &str) -> Desk {
    let approver = Approver::shared().unwrap().table();
    let grants = format!("{grants}\n{approver}");
    Desk::open(hostile::config(guest, sim, "", &grants), Era::LEGACY)
}

/// An object as it is in the cluster.
fn object(sim: &Sim, path: &str) -> Value {
    let url = format!("{}{path}", sim.server.url());
    let mut answer = ureq::get(&url).call().unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

/// Every byte of every file in a folder.
pub(crate) fn bytes_in(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(bytes_in(&path));
        } else {
            bytes.extend(fs::read(path).unwrap());
        }
    }
    bytes
}

/// May make and change Secrets of `shop`.
const SECRETS: &str = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["secrets"]
verbs = ["get", "create", "patch"]
namespaces = ["shop"]
"#;

#[test]
fn makes_and_rotates_a_secret() {
    let guest = "makes_and_rotates_a_secret";
    let sim = Sim::small().may_change();
    let mut desk = with_guest(guest, &sim, SECRETS);
    let mut seen = String::new();
    let mut values = Vec::new();
    for rotate in [false, true, true] {
        let arguments = json!({ "namespace": "shop", "rotate": rotate });
        let told = if rotate {
            "~ data.password:"
        } else {
            "+ data.password:"
        };
        let said = desk.call(guest, arguments).succeeds(&[told]);
        let id = id_in(&said);
        let shown = desk.approve(&id);
        assert!(
            // In words: their base64 would look like a password.
            shown.contains("data.password: 32 random characters")
                && shown.contains("\"(made by the host: 32 characters)\""),
            "{shown}"
        );
        let applied = desk.call("change_apply", json!({ "id": id }));
        let applied = applied.succeeds(&[&format!("change {id}: applied")]);
        seen.extend([said.text, shown, applied.text]);
        let made = object(&sim, "/api/v1/namespaces/shop/secrets/made");
        assert_eq!(made["data"]["user"], STANDARD.encode("ada"), "{made}");
        let encoded = made["data"]["password"].as_str().unwrap().to_owned();
        let value = String::from_utf8(STANDARD.decode(&encoded).unwrap()).unwrap();
        assert_eq!(value.len(), 32, "{value}");
        assert!(!values.contains(&value), "made twice");
        values.extend([value, encoded]);
    }
    seen += &desk.call("change_history", json!({})).text;
    seen += desk.client.received();
    seen += &desk.client.stderr();
    let config = desk.end();
    let audit = command(&config, &["audit", "list", "--json"]).stdout;
    let on_disk = bytes_in(&config.state());
    for value in values {
        assert!(!seen.contains(&value), "{value} was shown");
        assert!(!audit.contains(&value), "{value} is in the audit");
        let found = on_disk
            .windows(value.len())
            .any(|at| at == value.as_bytes());
        assert!(!found, "{value} is on the disk");
    }
    // What was searched is what there is.
    assert!(seen.contains("32 random characters") && audit.contains("\"outcome\""));
    assert!(on_disk.windows(4).any(|at| at == b"made"));
}

/// FNV-1a, as the guest has it.
fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[test]
fn searches_its_memory_for_a_secret() {
    let guest = "searches_its_memory_for_a_secret";
    let sim = Sim::small().may_change();
    let mut desk = with_guest(guest, &sim, SECRETS);
    let arguments = json!({ "namespace": "shop" });
    let asked = desk.call(guest, arguments.clone());
    desk.approve(&id_in(&asked));
    let said = desk.call(guest, arguments).succeeds(&["applied"]).text;
    let made = object(&sim, "/api/v1/namespaces/shop/secrets/made");
    let encoded = made["data"]["password"].as_str().unwrap();
    let value = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    assert_eq!(value.len(), 32, "{value}");
    // What is there is found.
    assert!(said.contains(&digest(&"m".repeat(32))), "{said}");
    let starts = 0..=encoded.len().saturating_sub(32);
    let parts = starts.filter_map(|start| encoded.get(start..start + 32));
    for secret in parts.chain([value.as_str()]) {
        assert!(
            !said.contains(&digest(secret)),
            "{secret} was in its memory"
        );
    }
}

/// May patch pods of `shop`, beside reading them.
const PODS: &str = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["patch"]
namespaces = ["shop"]
"#;

#[test]
fn patches_what_it_read_before() {
    let guest = "patches_what_it_read_before";
    let sim = Sim::small().may_change();
    let mut desk = with_guest(guest, &sim, PODS);
    let till = "/api/v1/namespaces/shop/pods/till";
    let version = || {
        let version = &object(&sim, till)["metadata"]["resourceVersion"];
        version.as_str().unwrap().to_owned()
    };
    let arguments =
        |version: &str| json!({ "namespace": "shop", "name": "till", "version": version });
    let read = version();
    let mut moved = object(&sim, till);
    moved["metadata"]["labels"]["shift"] = json!("late");
    sim.server
        .change(|cluster| cluster.insert(moved.clone()).unwrap());
    assert_ne!(version(), read);
    desk.call(guest, arguments(&read))
        .fails("conflict", &["has changed since it was read"]);
    let id = id_in(&desk.call(guest, arguments(&version())).succeeds(&[]));
    desk.approve(&id);
    // It moves on once more, elsewhere than what was shown: what the plugin computed it from is another object all the same.
    moved["metadata"]["labels"]["shift"] = json!("early");
    sim.server.change(|cluster| cluster.insert(moved).unwrap());
    desk.call("change_apply", json!({ "id": id }))
        .fails("conflict", &["failed", "has changed since it was read"]);
    assert_eq!(sim.changes(), []);
}

/// May make a Namespace, and ConfigMaps wherever it is.
pub(crate) const ANNEX: &str = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["namespaces"]
verbs = ["create"]
scope = "cluster"

[[plugins.guest.grants]]
api_groups = [""]
resources = ["configmaps"]
verbs = ["create"]
namespaces = ["*"]
"#;

#[test]
fn makes_a_namespace_and_fills_it() {
    let guest = "makes_a_namespace_and_fills_it";
    let sim = Sim::small().may_change();
    let mut desk = with_guest(guest, &sim, ANNEX);
    let said = desk.call(guest, json!({ "namespace": "annex" }));
    let id = id_in(&said.succeeds(&["hangs on change 1"]));
    assert_eq!(sim.changes(), []);
    desk.approve(&id);
    desk.call("change_apply", json!({ "id": id }))
        .succeeds(&[&format!("change {id}: applied")]);
    let made = object(&sim, "/api/v1/namespaces/annex/configmaps/settings");
    assert_eq!(made["data"], json!({ "color": "red" }));
    assert_eq!(sim.changes().len(), 2);
}

/// May cordon nodes and evict pods.
const DRAIN: &str = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["nodes"]
verbs = ["get", "patch"]
scope = "cluster"

[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods/eviction"]
verbs = ["create"]
namespaces = ["*"]
"#;

/// A node with two pods, of which one must stay.
fn guarded_node() -> Sim {
    let mut cluster = Cluster::new();
    let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "cellar" } });
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "namespace": "shop", "name": "till", "generation": 1 },
        "spec": { "minAvailable": 1, "selector": { "matchLabels": { "app": "till" } } },
        "status": { "currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2, "observedGeneration": 1 },
    });
    cluster.insert(node).unwrap();
    cluster.insert(budget).unwrap();
    for name in ["till-a", "till-b"] {
        let mut pod = crate::sim::pod("shop", name, "till");
        pod["spec"]["nodeName"] = json!("cellar");
        pod["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
        cluster.insert(pod).unwrap();
    }
    Sim::start(cluster).may_change()
}

#[test]
fn a_drain_ends_where_a_budget_allows_no_more() {
    let sim = guarded_node();
    let mut desk = Desk::open(config_with(&sim, DRAIN), Era::LEGACY);
    let drain = || json!({ "name": "cellar", "force": true });
    let id = id_in(&desk.call("k8s_drain", drain()).succeeds(&[]));
    desk.approve(&id);
    desk.call("change_apply", json!({ "id": id })).fails(
        "conflict",
        &[
            "partial",
            "disruption budget",
            "wait until more pods are ready, then propose it again; or ",
            &format!("change_rollback with id {id}"),
        ],
    );
    let left = object(&sim, "/api/v1/namespaces/shop/pods");
    let names: Vec<_> = left["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pod| pod["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["till-b"]);
    // While it allows none, none is even proposed.
    desk.call("k8s_drain", drain())
        .fails("conflict", &["disruption budget", "propose it again"]);
}

#[test]
fn a_plugin_has_so_many_proposals_open_and_another_has_its_own() {
    let sim = shop();
    let generic = |key: &str, prefix: &str| {
        let table = plugin_table(key, &built::plugin("generic")).unwrap();
        let grants = format!("{READ_EVERYTHING}{}", super::SCALE);
        let grants = grants.replace("plugins.generic", &format!("plugins.{key}"));
        format!("{table}prefix = \"{prefix}\"\n{grants}")
    };
    let text = [
        cluster_table(&sim.kubeconfig()).unwrap(),
        Approver::shared().unwrap().table(),
        "[changes]\nmax_open = 1\n".to_owned(),
        generic("one", "one_"),
        generic("two", "two_"),
    ];
    let config = HostConfig::with_text(&text.join("\n")).unwrap();
    let mut desk = Desk::open(config, Era::LEGACY);
    let scale = |replicas| {
        let mut arguments = scale_to(replicas);
        arguments["confirm"] = json!(false);
        arguments
    };
    let first = desk.call("one_k8s_patch", scale(3)).succeeds(&[]);
    desk.call("one_k8s_patch", scale(4)).fails("limit", &["1"]);
    desk.call("two_k8s_patch", scale(4)).succeeds(&[]);
    desk.call("two_k8s_patch", scale(5)).fails("limit", &["1"]);
    // The same call has its own place.
    let again = desk.call("one_k8s_patch", scale(3)).succeeds(&[]);
    assert_eq!(id_in(&again), id_in(&first));
    // The history of one is not cut short by the other's.
    let history = desk.call("change_history", json!({ "plugin": "one", "limit": 1 }));
    assert_eq!(id_in(&history.succeeds(&[])), id_in(&first));
    assert_eq!(sim.changes(), []);
}
