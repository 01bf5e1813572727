//! From a call to an applied change and back, with a person at the terminal in between.

use bulkhead_tests::{approver::Approver, mcp_client::Era, real_cluster::RealCluster};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Setup, Shop, confirmed, id_in, scale_to};

#[rstest]
fn a_change_is_proposed_approved_applied_and_taken_back(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let mut shop = Setup {
        era,
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    let before = shop.object("deployment web");
    let prepared = shop.changes().len();

    let said = shop.call("k8s_patch", confirmed(scale_to(5)));
    let said = said.fails("needs-approval", &["bulkhead approve c-"]);
    let id = id_in(&said.text);
    assert_eq!(shop.changes().len(), prepared, "nothing was sent");
    let said = shop.apply(&id);
    said.fails("needs-approval", &[&format!("bulkhead approve {id}")]);
    assert_eq!(shop.changes().len(), prepared, "nothing was sent");

    let shown = shop.approve(&id);
    for part in [
        "real",
        "web",
        "spec.replicas",
        "3",
        "5",
        "approved",
        "audit head ",
    ] {
        assert!(shown.text.contains(part), "no `{part}` in:\n{}", shown.text);
    }
    assert_eq!(shop.changes().len(), prepared, "approving sends nothing");

    shop.comes_to(&id, "applied");
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 5);
    let sent = shop.changes().split_off(prepared);
    assert_eq!(sent.len(), 1, "{sent:?}");

    shop.roll_back(&id);
    assert_eq!(shop.object("deployment web")["spec"], before["spec"]);
    shop.verified();
}

#[test]
fn the_audit_has_every_step_under_the_id_that_the_api_server_has() {
    let mut shop = Shop::open();
    shop.make_web();
    let prepared = shop.changes().len();
    let id = shop.change("k8s_patch", scale_to(4));
    let sent = shop.changes().split_off(prepared);
    let records = shop.records(&id);
    let kinds: Vec<_> = records
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["proposal", "decision", "intent", "outcome"]);
    assert_eq!(records[1]["approver"]["channel"], "console");
    assert_eq!(records[1]["outcome"], "approved");
    assert_eq!(records[2]["audit_id"], sent[0].audit_id.as_str());
    assert_eq!(records[3]["outcome"], "applied");
    let digests: Vec<&Value> = records.iter().map(|record| &record["digest"]).collect();
    assert!(
        digests
            .iter()
            .all(|digest| *digest == digests[0] && digest.is_string())
    );
    // Calls are written in batches, and at the end of the host.
    let shop = shop.restart(|_| ());
    let calls = shop.bulkhead("audit list --json --kind call");
    assert!(
        calls.stdout.contains("\"k8s_patch\"") && calls.stdout.contains("\"change_apply\""),
        "{calls:?}"
    );
    let listed = shop.bulkhead("audit list");
    for word in ["proposal", "decision", "intent", "outcome", &id] {
        assert!(listed.stdout.contains(word), "no `{word}` in {listed:?}");
    }
    shop.verified();
}

#[test]
fn what_was_approved_while_the_call_waits_is_applied_by_that_call() {
    let approval = Approver::shared().unwrap().table().replace("0s", "1m");
    let mut shop = Setup {
        approval: Some(&approval),
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    let mut arguments = confirmed(scale_to(2));
    arguments["namespace"] = json!(shop.namespace);
    let params = json!({ "name": "k8s_patch", "arguments": arguments });
    let call = shop.client.begin("tools/call", params).unwrap();
    let progress = |message: &Value| message["method"] == "notifications/progress";
    let waiting = shop.client.wait(progress).unwrap();
    let id = id_in(waiting["params"]["message"].as_str().unwrap());
    shop.approve(&id);
    let answer = shop.client.answer(call).unwrap().unwrap();
    let said = crate::session::Said::of(answer);
    said.succeeds(&[&format!("change {id} is applied"), "change_rollback"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 2);
}

#[test]
fn the_call_that_comes_again_finds_its_proposal_and_what_was_decided() {
    let mut shop = Shop::open();
    shop.make_web();
    let first = shop
        .call("k8s_patch", confirmed(scale_to(2)))
        .fails("needs-approval", &[]);
    let again = shop
        .call("k8s_patch", confirmed(scale_to(2)))
        .fails("needs-approval", &[]);
    let id = id_in(&first.text);
    assert_eq!(id_in(&again.text), id);
    shop.approve(&id);
    let said = shop.call("k8s_patch", confirmed(scale_to(2)));
    said.succeeds(&[&format!("change {id} is applied")]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 2);
}

#[test]
fn a_key_in_the_state_folder_is_found_without_being_named() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(2));
    let approver = Approver::shared().unwrap();
    approver.moves_in(&shop.config).unwrap();
    let shown = approver.approve_without_key(&shop.config, &id).unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    shop.comes_to(&id, "applied");
}

#[test]
fn a_rollout_is_waited_for_on_request() {
    let mut shop = Setup {
        cluster: RealCluster::with_nodes().unwrap(),
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.kubectl("rollout status deployment/web --timeout=240s");
    let image = json!({
        "kind": "deployment", "name": "web", "operation": "update_image",
        "image": "registry.example/web:2", "confirm": true, "wait": true,
    });
    let said = shop
        .call("k8s_patch", image.clone())
        .fails("needs-approval", &[]);
    let id = id_in(&said.text);
    let shown = shop.approve(&id);
    assert!(
        shown.text.contains("HIGH") && shown.text.contains("registry.example/web:2"),
        "{}",
        shown.text
    );
    shop.call("k8s_patch", image)
        .succeeds(&["is applied", "waited: done"]);
    let running = shop.kubectl("get pods --field-selector=status.phase=Running -o jsonpath={.items[*].spec.containers[*].image}");
    assert!(running.contains("web:2"), "{running}");
    // Its status churned all the while: what was touched is put back all the same.
    shop.roll_back(&id);
    let image =
        shop.kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}");
    assert_eq!(image, "registry.example/web:1");
    shop.verified();
}

#[test]
fn the_history_and_the_status_tell_a_model_where_a_change_stands() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(2));
    let status = |shop: &mut Shop| shop.call("change_status", json!({ "id": id })).text;
    assert!(status(&mut shop).contains(": proposed"));
    shop.approve(&id);
    assert!(status(&mut shop).contains(": approved"));
    shop.comes_to(&id, "applied");
    assert!(status(&mut shop).contains(": applied"));
    shop.call("change_history", json!({}))
        .succeeds(&[&id, "applied"]);
    shop.call("change_status", json!({}))
        .succeeds(&["no changes"]);
    shop.call("change_status", json!({ "id": "c-0000000000" }))
        .fails("not-found", &[]);
}

#[test]
fn foreign_text_neither_steers_the_terminal_nor_draws_its_lines() {
    let mut shop = Shop::open();
    shop.make_web();
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{2066}\n│ risk low\r\u{9b}31m";
    let note = json!({
        "kind": "deployment", "name": "web", "operation": "patch", "reason": evil,
        "patch": { "metadata": { "annotations": { "shop.example/note": evil } } },
    });
    let id = shop.propose("k8s_patch", note);
    let shown = shop.approve(&id);
    for steers in ['\u{1b}', '\u{7}', '\u{202e}', '\u{2066}', '\u{9b}'] {
        assert!(
            !shown.text.contains(steers),
            "{steers:?} in {:?}",
            shown.text
        );
    }
    assert!(!shown.text.contains("\n│ risk low"), "{}", shown.text);
    let pending = shop.bulkhead("approvals");
    let listed = shop.bulkhead("audit list");
    for text in [&pending.stdout, &listed.stdout] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{text:?}");
    }
    shop.comes_to(&id, "applied");
    let kept = &shop.object("deployment web")["metadata"]["annotations"]["shop.example/note"];
    assert_eq!(kept, evil, "what was approved is what was sent");
}

#[test]
fn a_rule_lets_a_small_change_pass_without_asking_and_no_risky_one() {
    let approval = format!(
        "{}
[[approval.rules]]
plugins = [\"generic\"]
verbs = [\"patch\"]
resources = [\"deployments/scale\", \"deployments\"]
namespaces = [\"test-*\"]
channel = \"auto\"
",
        Approver::shared().unwrap().table()
    );
    let mut shop = Setup {
        approval: Some(&approval),
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    let said = shop
        .call("k8s_patch", confirmed(scale_to(4)))
        .succeeds(&["is applied"]);
    let records = shop.records(&id_in(&said.text));
    assert_eq!(records[1]["approver"]["channel"], "auto");
    shop.call("k8s_patch", confirmed(scale_to(0)))
        .fails("needs-approval", &["in a terminal"]);
    let image = json!({
        "kind": "deployment", "name": "web", "operation": "update_image", "image": "registry.example/web:2",
        "confirm": true,
    });
    shop.call("k8s_patch", image)
        .fails("needs-approval", &["in a terminal"]);
    let delete = json!({ "kind": "deployment", "name": "web", "confirm": true });
    shop.call("k8s_delete", delete)
        .fails("needs-approval", &["in a terminal"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 4);
    shop.verified();
}
