//! What moves between the person's look and the host's write: objects, their status, and webhooks that think again.

use bulkhead_tests::real_cluster::webhook::{Answer, Webhook};
use serde_json::{Value, json};

use super::{Shop, WEB, scale_to};

/// A ConfigMap, and the call that changes one of its keys.
fn settings(shop: &Shop) -> Value {
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red, size: small}}");
    json!({
        "kind": "configmap", "name": "settings", "operation": "patch", "patch": { "data": { "color": "blue" } },
    })
}

fn color(shop: &Shop) -> String {
    shop.kubectl("get configmap settings -o jsonpath={.data.color}")
}

#[test]
fn an_object_that_changed_in_what_was_shown_is_left_alone() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    shop.kubectl("scale deployment web --replicas=1");
    let sent = shop.changes();
    shop.refuses(&id, &["has changed since it was shown", "spec.replicas"]);
    assert_eq!(shop.changes(), sent, "nothing was sent");
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 1);
    // A conflict means a new proposal, which a person sees anew.
    let anew = shop.propose("k8s_patch", scale_to(5));
    assert_ne!(anew, id);
    shop.verified();
}

#[test]
fn an_object_that_was_made_anew_is_another_one() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    shop.kubectl("delete configmap settings");
    settings(&shop);
    let sent = shop.changes();
    shop.refuses(&id, &["another object"]);
    assert_eq!(shop.changes(), sent);
    assert_eq!(color(&shop), "red");
}

#[test]
fn an_object_that_is_gone_is_not_made() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    shop.kubectl("delete configmap settings");
    let sent = shop.changes();
    shop.refuses(&id, &["there is no"]);
    assert_eq!(shop.changes(), sent);
    assert!(!shop.exists("configmap settings"));
}

#[test]
fn an_object_that_has_come_into_being_since_is_not_written_over() {
    let mut shop = Shop::open();
    let manifest =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {shape: round}}";
    let id = shop.propose("k8s_apply", json!({ "manifest": manifest }));
    shop.approve(&id);
    settings(&shop);
    let sent = shop.changes();
    shop.refuses(&id, &["another object"]);
    assert_eq!(shop.changes(), sent);
    assert_eq!(color(&shop), "red");
}

#[test]
fn a_status_that_churns_does_not_hinder() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let version =
        |shop: &Shop| shop.object("deployment web")["metadata"]["resourceVersion"].clone();
    let shown = version(&shop);
    let status = format!("{WEB}status: {{replicas: 2, observedGeneration: 7}}\n").replacen(
        "{name: web,",
        &format!("{{name: web, namespace: {},", shop.namespace),
        1,
    );
    shop.cluster.apply_status(&status).unwrap();
    assert_ne!(version(&shop), shown);
    shop.comes_to(&id, "applied");
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 5);
}

#[test]
fn a_status_that_moves_while_it_is_sent_is_looked_at_again() {
    let mut shop = Shop::open();
    shop.make_web();
    let (cluster, namespace) = (shop.cluster, format!("--namespace={}", shop.namespace));
    let mut left = 2;
    let webhook = Webhook::start(
        cluster,
        &shop.namespace,
        "apps",
        "deployments",
        move |asked| {
            if !asked.dry_run && left > 0 {
                left -= 1;
                // Between the host's look and its write. The webhook is not asked about a status.
                let patch = format!("--patch={{\"status\":{{\"observedGeneration\":{left}}}}}");
                let arguments = [
                    "patch",
                    "deployment",
                    "web",
                    "--subresource=status",
                    "--type=merge",
                    &namespace,
                    &patch,
                ];
                cluster.kubectl(&arguments, None).unwrap();
            }
            Answer::Allow
        },
    )
    .unwrap();
    let pause = json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": { "spec": { "paused": true } } });
    let id = shop.propose("k8s_patch", pause);
    shop.approve(&id);
    shop.comes_to(&id, "applied");
    assert_eq!(shop.object("deployment web")["spec"]["paused"], true);
    let earnest = webhook.asked().into_iter().filter(|asked| !asked.dry_run);
    assert_eq!(earnest.count(), 3);
    shop.verified();
}

#[test]
fn an_object_that_changes_while_it_is_sent_is_left_alone() {
    let mut shop = Shop::open();
    shop.make_web();
    let (cluster, namespace) = (shop.cluster, format!("--namespace={}", shop.namespace));
    let _webhook = Webhook::start(
        cluster,
        &shop.namespace,
        "apps",
        "deployments",
        move |asked| {
            if !asked.dry_run {
                // The webhook is not asked about a scale.
                let arguments = ["scale", "deployment", "web", "--replicas=1", &namespace];
                cluster.kubectl(&arguments, None).unwrap();
            }
            Answer::Allow
        },
    )
    .unwrap();
    let patch = json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": { "spec": { "replicas": 5 } } });
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    let text = shop.comes_to(&id, "failed");
    assert!(
        text.contains("not done") && text.contains("spec.replicas"),
        "{text}"
    );
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 1);
}

#[test]
fn what_somebody_else_changed_beside_it_stays() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    shop.kubectl("patch configmap settings --type=merge --patch={\"data\":{\"size\":\"large\"}}");
    shop.comes_to(&id, "applied");
    let data = &shop.object("configmap settings")["data"];
    assert_eq!(*data, json!({ "color": "blue", "size": "large" }));
}

#[test]
fn a_webhook_that_would_change_more_than_was_shown_is_noticed_before_anything_is_sent() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let add = json!([{ "op": "add", "path": "/data/added", "value": "later" }]);
    let webhook = Webhook::start(
        shop.cluster,
        &shop.namespace,
        "",
        "configmaps",
        move |asked| match asked.nth {
            1 => Answer::Allow,
            _ => Answer::Patch(add.clone()),
        },
    )
    .unwrap();
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    shop.refuses(&id, &["data.added", "do something else"]);
    assert!(
        webhook.asked().iter().all(|asked| asked.dry_run),
        "{:?}",
        webhook.asked()
    );
    assert_eq!(color(&shop), "red");
}

#[test]
fn a_webhook_that_refuses_the_second_dry_run_ends_it() {
    let mut shop = Shop::open();
    let patch = settings(&shop);
    let webhook =
        Webhook::start(
            shop.cluster,
            &shop.namespace,
            "",
            "configmaps",
            |asked| match asked.nth {
                1 => Answer::Allow,
                _ => Answer::Deny("I thought about it".to_owned()),
            },
        )
        .unwrap();
    let id = shop.propose("k8s_patch", patch);
    shop.approve(&id);
    shop.refuses(&id, &["I thought about it"]);
    assert!(
        webhook.asked().iter().all(|asked| asked.dry_run),
        "{:?}",
        webhook.asked()
    );
    assert_eq!(color(&shop), "red");
}
