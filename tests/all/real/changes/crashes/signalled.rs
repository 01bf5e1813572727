//! The signal to end, and a client that leaves, in the middle of a change.

use std::{sync::mpsc::channel, thread};

use bulkhead_tests::real_cluster::webhook::{Answer, Asked, Webhook};
use serde_json::json;

use super::{super::Setup, UNASKED, blue, unasked, until};

#[test]
fn the_signal_to_end_waits_for_the_change_that_is_under_way() {
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
    let ending = thread::spawn(move || host.terminate_and_wait());
    // The client is answered no more, and the change is.
    drop(release);
    assert_eq!(ending.join().unwrap().unwrap().code(), Some(0));
    assert_eq!(shop.state_of(&id), "applied");
    assert_eq!(shop.color(), "blue");
    assert_eq!(shop.sent(&id).len(), 1);
    shop.accounted(&id);
}

#[test]
fn the_signal_to_end_does_not_wait_for_ever() {
    let mut shop = Setup {
        approval: Some(UNASKED),
        request_timeout: "1s",
        ..Setup::usual()
    }
    .open();
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red}}");
    let (_release, held) = channel::<()>();
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
    host.begin("tools/call", apply).unwrap();
    until("the request did not come", || {
        webhook.asked().iter().any(|asked| !asked.dry_run)
    });
    assert_eq!(host.terminate_and_wait().unwrap().code(), Some(0));
    assert_eq!(shop.state_of(&id), "unknown");
    shop.accounted(&id);
}

#[test]
fn a_client_that_leaves_or_gives_up_does_not_stop_what_was_claimed() {
    for gives_up in [true, false] {
        let mut shop = unasked();
        let (release, held) = channel::<()>();
        let answer = move |asked: &Asked| {
            if !asked.dry_run {
                held.recv().ok();
            }
            Answer::Allow
        };
        let webhook =
            Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap();
        let id = shop.propose("k8s_patch", blue());
        let mut host = shop.another(&[]);
        let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
        let call = host.begin("tools/call", apply).unwrap();
        until("the request did not come", || {
            webhook.asked().iter().any(|asked| !asked.dry_run)
        });
        if gives_up {
            host.cancel(call).unwrap();
        }
        let ending = thread::spawn(move || host.close_stdin_and_wait());
        drop(release);
        assert!(ending.join().unwrap().unwrap().success());
        assert_eq!(shop.state_of(&id), "applied");
        assert_eq!(shop.color(), "blue");
        shop.accounted(&id);
    }
}
