//! Several hosts on one state, and a client that leaves: what is applied is applied once, and to its end.

use std::{sync::mpsc::channel, time::Duration};

use bulkhead_tests::real_cluster::webhook::{Answer, Webhook};
use serde_json::json;

use super::{Shop, scale_to, serve};
use crate::session::Said;

/// Far longer than anything takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn of_two_hosts_that_apply_one_change_one_does() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let prepared = shop.changes().len();
    let mut other = serve(&shop.config, shop.era);
    let params = json!({ "name": "change_apply", "arguments": { "id": id } });
    let calls = [
        shop.client.begin("tools/call", params.clone()).unwrap(),
        other.begin("tools/call", params).unwrap(),
    ];
    let answers = [
        shop.client.answer(calls[0]).unwrap().unwrap(),
        other.answer(calls[1]).unwrap().unwrap(),
    ];
    let texts = answers.map(|answer| Said::of(answer).text);
    let applied = texts
        .iter()
        .filter(|text| text.contains(&format!("change {id}: applied")));
    assert_eq!(applied.count(), 1, "{texts:?}");
    let refused = texts.iter().filter(|text| text.starts_with("conflict: "));
    assert_eq!(refused.count(), 1, "{texts:?}");
    assert_eq!(shop.changes().len(), prepared + 1);
    shop.verified();
}

#[test]
fn a_change_that_was_begun_ends_though_the_client_leaves() {
    let mut shop = Shop::open();
    shop.make_web();
    let (arrived, arrives) = channel();
    let (release, held) = channel::<()>();
    let webhook = Webhook::start(
        shop.cluster,
        &shop.namespace,
        "apps",
        "deployments/scale",
        move |asked| {
            if !asked.dry_run {
                arrived.send(()).ok();
                held.recv_timeout(DEADLINE).ok();
            }
            Answer::Allow
        },
    )
    .unwrap();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let params = json!({ "name": "change_apply", "arguments": { "id": id } });
    let call = shop.client.begin("tools/call", params).unwrap();
    arrives.recv_timeout(DEADLINE).unwrap();
    shop.client.cancel(call).unwrap();
    drop(release);
    let mut shop = shop.restart(|_| ());
    shop.call("change_status", json!({ "id": id }))
        .succeeds(&[": applied"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 5);
    let earnest = webhook.asked().into_iter().filter(|asked| !asked.dry_run);
    assert_eq!(earnest.count(), 1);
}
