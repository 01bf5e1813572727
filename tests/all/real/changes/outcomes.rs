//! What came of it when it did not come as it was shown: said, recorded, and never sent again.

use std::sync::mpsc::channel;

use bulkhead_tests::real_cluster::webhook::{Answer, Asked, Webhook};
use serde_json::{Value, json};

use super::{Setup, Shop, confirmed, id_in};

fn settings(shop: &Shop) -> Value {
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red}}");
    json!({
        "kind": "configmap", "name": "settings", "operation": "patch", "patch": { "data": { "color": "blue" } },
    })
}

/// A webhook on ConfigMaps that allows every dry run, and says this in earnest.
fn in_earnest(
    shop: &Shop,
    mut answer: impl FnMut() -> Answer + Send + 'static,
) -> Webhook<'static> {
    let answer = move |asked: &Asked| {
        if asked.dry_run {
            Answer::Allow
        } else {
            answer()
        }
    };
    Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap()
}

fn earnest(webhook: &Webhook<'_>) -> usize {
    webhook
        .asked()
        .iter()
        .filter(|asked| !asked.dry_run)
        .count()
}

#[test]
fn what_came_out_otherwise_is_said_and_can_be_taken_back() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let before = shop.object("configmap settings")["data"].clone();
    let added = json!([{ "op": "add", "path": "/data/added", "value": "by-webhook" }]);
    let mut first = true;
    let _webhook = in_earnest(&shop, move || match std::mem::take(&mut first) {
        true => Answer::Patch(added.clone()),
        false => Answer::Allow,
    });
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    let text = shop.comes_to(&id, "differs");
    assert!(
        text.contains("data.added") && text.contains("otherwise than it was shown"),
        "{text}"
    );
    assert_eq!(shop.records(&id).last().unwrap()["outcome"], "differs");
    shop.roll_back(&id);
    assert_eq!(shop.object("configmap settings")["data"], before);
    shop.verified();
}

#[test]
fn what_the_server_refuses_in_earnest_has_failed() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let webhook = in_earnest(&shop, || Answer::Deny("not today".to_owned()));
    let id = shop.propose("k8s_patch", patch.clone());
    shop.approve(&id);
    let text = shop.comes_to(&id, "failed");
    assert!(
        text.contains("not today") && text.contains("not done"),
        "{text}"
    );
    assert_eq!(earnest(&webhook), 1);
    shop.apply(&id).fails("conflict", &["is failed already"]);
    shop.call("change_rollback", json!({ "id": id }))
        .fails("conflict", &["nothing to take back"]);
    assert_eq!(shop.records(&id).last().unwrap()["outcome"], "failed");
    // The way of the plugin says the same.
    let patch = confirmed(patch);
    let said = shop
        .call("k8s_patch", patch.clone())
        .fails("needs-approval", &[]);
    let again = id_in(&said.text);
    assert_ne!(again, id);
    shop.approve(&again);
    shop.call("k8s_patch", patch).fails(
        "denied",
        &["not today", &again, "next: a rule of the cluster"],
    );
    assert_eq!(earnest(&webhook), 2);
    shop.verified();
}

#[test]
fn an_answer_that_does_not_come_leaves_it_unknown_and_is_not_sent_again() {
    let mut shop = Setup {
        request_timeout: "2s",
        ..Setup::usual()
    }
    .open();
    let patch = settings(&shop);
    let (release, held) = channel::<()>();
    let webhook = in_earnest(&shop, move || {
        // Until the test lets go.
        held.recv().ok();
        Answer::Allow
    });
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    let text = shop.comes_to(&id, "unknown");
    assert!(text.contains("may or may not have happened"), "{text}");
    drop(release);
    shop.apply(&id).fails("conflict", &["is unknown already"]);
    shop.call("change_status", json!({ "id": id }))
        .succeeds(&["unknown"]);
    assert_eq!(shop.records(&id).last().unwrap()["outcome"], "unknown");
    assert_eq!(earnest(&webhook), 1);
    shop.verified();
}

#[test]
fn the_first_failure_of_a_plan_stops_the_rest_and_what_was_done_stays() {
    let mut shop = Shop::open();
    let node = format!("node-{}", shop.namespace);
    let manifest = format!("{{apiVersion: v1, kind: Node, metadata: {{name: {node}}}}}");
    shop.cluster.apply(&manifest).unwrap();
    for name in ["a", "b", "c"] {
        shop.make(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec: {{nodeName: {node}, containers: [{{name: a, image: 'registry.example/a:1'}}]}}
"
        ));
    }
    let mut evictions = 0;
    let webhook = Webhook::start(
        shop.cluster,
        &shop.namespace,
        "",
        "pods/eviction",
        move |asked| {
            evictions += usize::from(!asked.dry_run);
            match evictions {
                2 => Answer::Deny("one is enough".to_owned()),
                _ => Answer::Allow,
            }
        },
    )
    .unwrap();
    let id = shop.propose("k8s_drain", json!({ "name": node, "force": true }));
    shop.approve(&id);
    let text = shop.comes_to(&id, "partial");
    assert!(text.contains("one is enough"), "{text}");
    assert_eq!(earnest(&webhook), 2);
    let cordoned = shop.kubectl(&format!(
        "get node {node} -o jsonpath={{.spec.unschedulable}}"
    ));
    assert_eq!(cordoned, "true");
    let intents = shop.records(&id);
    let intents = intents.iter().filter(|record| record["kind"] == "intent");
    assert_eq!(intents.count(), 3, "cordon and two evictions");
    // What was done is taken back as far as it can be: a pod that is gone is not.
    shop.roll_back(&id);
    let cordoned = shop.kubectl(&format!(
        "get node {node} -o jsonpath={{.spec.unschedulable}}"
    ));
    assert_eq!(cordoned, "");
    shop.verified();
}
