//! The host ends at a named place between the claim and the outcome.

use std::sync::mpsc::channel;

use bulkhead_tests::real_cluster::webhook::{Answer, Asked, Webhook};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{Shop, scale_to},
    Said, blue, call, unasked, until,
};

/// A host applies a change and ends at this place.
fn dies(shop: &Shop, point: &str, id: &str) {
    let mut host = shop.another(&[("BULKHEAD_FAULT_POINT", point)]);
    let answer = host.call_tool("change_apply", json!({ "id": id }));
    assert!(answer.is_err(), "it did not end at {point}: {answer:?}");
    assert_eq!(shop.state_of(id), "applying");
}

/// The next host finds out what became of it. No host, neither one that was there before nor a later one, applies it again.
fn is_found(shop: &mut Shop, id: &str, outcome: &str, requests: usize) -> String {
    let mut next = shop.another(&[]);
    shop.settled();
    assert_eq!(shop.state_of(id), outcome);
    let status = call(&mut next, "change_status", json!({ "id": id })).succeeds(&[outcome]);
    let already = format!("is {outcome} already");
    call(&mut next, "change_apply", json!({ "id": id })).fails("conflict", &[&already]);
    shop.apply(id).fails("conflict", &[&already]);
    assert_eq!(shop.sent(id).len(), requests, "{:#?}", shop.sent(id));
    shop.accounted(id);
    status.text
}

#[rstest]
#[case::behind_the_claim("after-claim", false)]
#[case::behind_the_intent("after-intent", false)]
#[case::behind_the_answer("after-execute", true)]
#[case::before_the_outcome("before-outcome", true)]
fn a_change_of_a_host_that_died_is_as_it_was_left(
    #[case] point: &str,
    #[case] sent: bool,
    #[values(
        ("k8s_patch", blue()),
        ("k8s_apply", json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {color: blue}}" })),
    )]
    change: (&str, Value),
) {
    let mut shop = unasked();
    let id = shop.propose(change.0, change.1);
    dies(&shop, point, &id);
    let said = if sent {
        is_found(&mut shop, &id, "applied", 1)
    } else {
        is_found(&mut shop, &id, "failed", 0)
    };
    let looked_up = match point {
        "after-claim" => "",
        _ if sent => "the object is as the change would have it",
        _ => "the object is as it was before",
    };
    assert!(said.contains(looked_up), "{said}");
    let stands = match change.0 {
        "k8s_patch" => shop.color() == "blue",
        _ => shop.exists("configmap new"),
    };
    assert_eq!(stands, sent);
}

/// What is deleted, scaled or made by the host is looked up by other signs.
#[rstest]
#[case::kept("k8s_delete", json!({ "kind": "configmap", "name": "settings" }), "after-intent", "failed")]
#[case::deleted("k8s_delete", json!({ "kind": "configmap", "name": "settings" }), "after-execute", "applied")]
#[case::not_scaled("k8s_patch", scale_to(4), "after-intent", "failed")]
#[case::scaled("k8s_patch", scale_to(4), "after-execute", "applied")]
fn a_change_that_a_person_approved_is_found_too(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] point: &str,
    #[case] outcome: &str,
) {
    let mut shop = Shop::open();
    shop.make_web();
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red}}");
    let id = shop.propose(tool, arguments);
    shop.approve(&id);
    dies(&shop, point, &id);
    is_found(&mut shop, &id, outcome, usize::from(outcome == "applied"));
}

/// A node with one pod, and a plan that a person approved: it is cordoned, and the pod evicted.
fn draining(shop: &mut Shop) -> (String, String) {
    let node = format!("node-{}", shop.namespace);
    let manifest = format!("{{apiVersion: v1, kind: Node, metadata: {{name: {node}}}}}");
    shop.cluster.apply(&manifest).unwrap();
    shop.make(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec: {{nodeName: {node}, containers: [{{name: a, image: 'registry.example/a:1'}}]}}
"
    ));
    let id = shop.propose("k8s_drain", json!({ "name": node, "force": true }));
    shop.approve(&id);
    (node, id)
}

fn cordoned(shop: &Shop, node: &str) -> bool {
    let query = format!("get node {node} --output=jsonpath={{.spec.unschedulable}}");
    shop.kubectl(&query) == "true"
}

#[test]
fn a_plan_whose_host_died_behind_its_first_change_is_partial() {
    let mut shop = Shop::open();
    let (node, id) = draining(&mut shop);
    dies(&shop, "after-execute", &id);
    // The cordon is no request in the namespace.
    is_found(&mut shop, &id, "partial", 0);
    assert!(cordoned(&shop, &node));
    assert!(shop.exists("pod a"));
}

#[test]
fn a_plan_whose_host_died_in_its_second_change_tells_the_two_apart() {
    let mut shop = Shop::open();
    let (node, id) = draining(&mut shop);
    let (release, held) = channel::<()>();
    let answer = move |asked: &Asked| {
        if !asked.dry_run {
            // Until the test lets go.
            held.recv().ok();
        }
        Answer::Allow
    };
    let webhook =
        Webhook::start(shop.cluster, &shop.namespace, "", "pods/eviction", answer).unwrap();
    let mut host = shop.another(&[]);
    let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
    host.begin("tools/call", apply).unwrap();
    until("the request did not come", || {
        webhook.asked().iter().any(|asked| !asked.dry_run)
    });
    // Killed.
    drop(host);
    let mut next = shop.another(&[]);
    shop.settled();
    drop(release);
    assert_eq!(shop.sent(&id).len(), 1, "{:#?}", shop.sent(&id));
    assert!(cordoned(&shop, &node));
    assert!(shop.exists("pod a"), "the server let go of the request");
    assert_eq!(shop.state_of(&id), "partial");
    call(&mut next, "change_status", json!({ "id": id })).succeeds(&[
        "the server accepted it before the host ended",
        "the object is as it was before",
    ]);
    shop.accounted(&id);
}

#[test]
fn what_came_out_otherwise_before_the_host_died_is_unknown() {
    let mut shop = unasked();
    let green = json!([{ "op": "replace", "path": "/data/color", "value": "green" }]);
    let answer = move |asked: &Asked| match asked.dry_run {
        true => Answer::Allow,
        false => Answer::Patch(green.clone()),
    };
    let _webhook = Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap();
    let id = shop.propose("k8s_patch", blue());
    dies(&shop, "after-execute", &id);
    let said = is_found(&mut shop, &id, "unknown", 1);
    assert!(
        said.contains("nobody can say whether it happened"),
        "{said}"
    );
}

/// The server lets go of a request whose sender is gone. Whatever it does, what is said is what happened.
#[test]
fn a_change_that_the_server_still_held_when_its_host_died_is_told_truly() {
    let mut shop = unasked();
    let (release, held) = channel::<()>();
    let answer = move |asked: &Asked| {
        if !asked.dry_run {
            // Until the test lets go.
            held.recv().ok();
        }
        Answer::Allow
    };
    let webhook = Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap();
    let id = shop.propose("k8s_patch", blue());
    let mut host = shop.another(&[]);
    let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
    host.begin("tools/call", apply).unwrap();
    until("the request did not come", || {
        webhook.asked().iter().any(|asked| !asked.dry_run)
    });
    // Killed.
    drop(host);
    let _next = shop.another(&[]);
    shop.settled();
    drop(release);
    let sent = shop.sent(&id);
    assert_eq!(sent.len(), 1, "{sent:#?}");
    let outcome = match shop.color().as_str() {
        "red" => "failed",
        _ => "applied",
    };
    assert_eq!(shop.state_of(&id), outcome, "{sent:#?}");
    shop.accounted(&id);
}

#[test]
fn a_host_that_lives_keeps_what_it_applies() {
    let mut shop = unasked();
    let (release, held) = channel::<()>();
    let answer = move |asked: &Asked| {
        if !asked.dry_run {
            held.recv().ok();
        }
        Answer::Allow
    };
    let webhook = Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap();
    let id = shop.propose("k8s_patch", blue());
    let mut host = shop.another(&[]);
    let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
    let under_way = host.begin("tools/call", apply).unwrap();
    until("the request did not come", || {
        webhook.asked().iter().any(|asked| !asked.dry_run)
    });
    // A host that starts meanwhile takes it for what it is, and answers after it has looked.
    let mut next = shop.another(&[]);
    call(&mut next, "change_status", json!({ "id": id })).succeeds(&["applying"]);
    call(&mut next, "change_apply", json!({ "id": id }))
        .fails("conflict", &["is applying already"]);
    drop(release);
    let answer = host.answer(under_way).unwrap().unwrap();
    Said::of(answer).succeeds(&["applied"]);
    assert_eq!(shop.state_of(&id), "applied");
    assert_eq!(shop.sent(&id).len(), 1);
    shop.accounted(&id);
}
