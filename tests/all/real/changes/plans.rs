//! Plans that say more than one number, at the real API server: values that the host makes, a Namespace and what is in it, a patch of
//! what was read before, a drain that a budget ends.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_tests::{built, host_config::plugin_table};
use serde_json::{Value, json};

use super::{Setup, Shop, id_in};
use crate::changes::plans::{ANNEX, bytes_in};

/// A shop with a guest beside `generic`.
fn with_guest(guest: &str, grants: &str) -> Shop {
    let table = plugin_table("guest", &built::guest(guest)).unwrap();
    Setup {
        tables: &format!("{table}{grants}"),
        ..Setup::usual()
    }
    .open()
}

#[test]
fn what_the_host_makes_for_a_secret_is_in_the_cluster_and_nowhere_else() {
    let guest = "makes_and_rotates_a_secret";
    let secrets = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["secrets"]
verbs = ["get", "create", "patch"]
namespaces = ["*"]
"#;
    let mut shop = with_guest(guest, secrets);
    let namespace = shop.namespace.clone();
    let mut terminal = String::new();
    let mut values = Vec::new();
    for rotate in [false, true, true] {
        let arguments = json!({ "namespace": namespace, "rotate": rotate });
        let id = id_in(&shop.call(guest, arguments).succeeds(&[]).text);
        terminal += &shop.approve(&id).text;
        shop.comes_to(&id, "applied");
        let made = shop.object("secret made");
        assert_eq!(made["data"]["user"], STANDARD.encode("ada"), "{made}");
        let encoded = made["data"]["password"].as_str().unwrap().to_owned();
        let value = String::from_utf8(STANDARD.decode(&encoded).unwrap()).unwrap();
        assert_eq!(value.len(), 32, "{value}");
        assert!(!values.contains(&value), "made twice");
        values.extend([value, encoded]);
    }
    let client = shop.client.received().to_owned() + &shop.client.stderr();
    let audit = shop.bulkhead("audit list --json").stdout;
    let on_disk = bytes_in(&shop.config.state());
    for value in values {
        assert!(!client.contains(&value), "{value} came to the client");
        assert!(!terminal.contains(&value), "{value} was shown");
        assert!(!audit.contains(&value), "{value} is in the audit");
        let found = on_disk
            .windows(value.len())
            .any(|at| at == value.as_bytes());
        assert!(!found, "{value} is on the disk");
    }
    shop.verified();
}

#[test]
fn a_namespace_and_what_is_in_it_are_one_plan() {
    let guest = "makes_a_namespace_and_fills_it";
    let mut shop = with_guest(guest, ANNEX);
    let annex = format!("{}-annex", shop.namespace);
    let said = shop.call(guest, json!({ "namespace": annex }));
    let id = id_in(&said.succeeds(&["hangs on change 1"]).text);
    assert!(!shop.exists(&format!("namespace {annex}")));
    shop.approve(&id);
    shop.comes_to(&id, "applied");
    let get = [
        "get",
        "configmap",
        "settings",
        "--output=json",
        "--namespace",
    ];
    let arguments = [&get[..], &[annex.as_str()]].concat();
    let made: Value =
        serde_json::from_str(&shop.cluster.kubectl(&arguments, None).unwrap()).unwrap();
    assert_eq!(made["data"], json!({ "color": "red" }));
    shop.verified();
}

#[test]
fn a_patch_of_what_was_read_before_is_refused_when_that_has_changed() {
    let guest = "patches_what_it_read_before";
    let pods = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "patch"]
namespaces = ["*"]
"#;
    let mut shop = with_guest(guest, pods);
    shop.make("{apiVersion: v1, kind: Pod, metadata: {name: till}, spec: {containers: [{name: a, image: 'registry.example/a:1'}]}}");
    let read = |shop: &Shop| {
        let version = &shop.object("pod till")["metadata"]["resourceVersion"];
        json!({ "namespace": shop.namespace, "name": "till", "version": version })
    };
    let before = read(&shop);
    shop.kubectl("label pod till shift=late");
    shop.call(guest, before)
        .fails("conflict", &["has changed since it was read"]);
    let arguments = read(&shop);
    let id = id_in(&shop.call(guest, arguments).succeeds(&[]).text);
    shop.approve(&id);
    shop.kubectl("label pod till shift=early --overwrite");
    shop.refuses(&id, &["has changed since it was read"]);
    let annotations = &shop.object("pod till")["metadata"]["annotations"];
    assert!(annotations.is_null(), "{annotations}");
}

#[test]
fn a_drain_ends_where_a_budget_allows_no_more() {
    let mut shop = Shop::open();
    let node = format!("node-{}", shop.namespace);
    let manifest = format!("{{apiVersion: v1, kind: Node, metadata: {{name: {node}}}}}");
    shop.cluster.apply(&manifest).unwrap();
    for name in ["till-a", "till-b"] {
        shop.make(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: till}}}}
spec: {{nodeName: {node}, containers: [{{name: a, image: 'registry.example/a:1'}}]}}
"
        ));
        // No kubelet says so here; a pod that does not run may always be evicted.
        let status =
            r#"{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#;
        shop.kubectl(&format!(
            "patch pod {name} --subresource=status --patch={status}"
        ));
    }
    shop.make("{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: till}, spec: {minAvailable: 1, selector: {matchLabels: {app: till}}}}");
    // Nor does a controller count.
    let status = r#"{"status":{"currentHealthy":2,"desiredHealthy":1,"disruptionsAllowed":1,"expectedPods":2,"observedGeneration":1}}"#;
    shop.kubectl(&format!(
        "patch pdb till --subresource=status --type=merge --patch={status}"
    ));
    let drain = || json!({ "name": node, "force": true });
    let id = shop.propose("k8s_drain", drain());
    shop.approve(&id);
    let text = shop.comes_to(&id, "partial");
    assert!(text.contains("disruption budget"), "{text}");
    // The one that was evicted is marked, and waits for a kubelet that is not there.
    let marked = |name: &str| {
        let pod = shop.object(&format!("pod {name}"));
        pod["metadata"]["deletionTimestamp"].is_string()
    };
    let gone = !shop.exists("pod till-a") || marked("till-a");
    assert!(gone && !marked("till-b"));
    shop.call("k8s_drain", drain())
        .fails("conflict", &["disruption budget", "propose it again"]);
    shop.verified();
}
