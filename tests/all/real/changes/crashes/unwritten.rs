//! What became of a change cannot be written down for a while: no room, as far as a file can tell.

use std::{process::Command, sync::mpsc::channel};

use bulkhead_tests::{
    built,
    mcp_client::McpClient,
    real_cluster::webhook::{Answer, Asked, Webhook},
};
use serde_json::json;

use super::{Said, Shop, blue, unasked, until};

/// A host whose writing can be made to fail, as on a full disk.
fn another(shop: &Shop) -> McpClient {
    let mut command = Command::new("sh");
    command
        .env_clear()
        .env("HOME", shop.config.folder())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        // Without the signal, writing beyond the limit is an error.
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(built::host())
        .args(["serve", "--config"])
        .arg(shop.config.path());
    McpClient::connect(&mut command, shop.era).unwrap()
}

/// No file of the process may grow beyond this.
fn limit(host: &McpClient, bytes: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit
        .arg(format!("--pid={}", host.process()))
        .arg(format!("--fsize={bytes}:"));
    assert!(prlimit.status().unwrap().success());
}

#[test]
fn an_outcome_is_written_down_as_soon_as_there_is_room() {
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
    let mut host = another(&shop);
    let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
    let call = host.begin("tools/call", apply).unwrap();
    until("the request did not come", || {
        webhook.asked().iter().any(|asked| !asked.dry_run)
    });
    limit(&host, "0");
    drop(release);
    until("nothing was tried again", || {
        host.stderr()
            .contains("is applied, but that could not be written down, and is tried again")
    });
    assert_eq!(shop.state_of(&id), "applying");
    limit(&host, "unlimited");
    Said::of(host.answer(call).unwrap().unwrap()).succeeds(&["applied"]);
    assert_eq!(shop.state_of(&id), "applied");
    assert_eq!(shop.sent(&id).len(), 1);
    shop.accounted(&id);
}

#[test]
fn nothing_is_sent_where_the_intent_cannot_be_written_down() {
    let mut shop = unasked();
    let (release, held) = channel::<()>();
    let mut dry_runs = 0;
    let answer = move |asked: &Asked| {
        dry_runs += usize::from(asked.dry_run);
        // The last before the intent: one at the proposal, one behind the claim, one before it is sent.
        if dry_runs == 3 {
            held.recv().ok();
        }
        Answer::Allow
    };
    let webhook = Webhook::start(shop.cluster, &shop.namespace, "", "configmaps", answer).unwrap();
    let id = shop.propose("k8s_patch", blue());
    let mut host = another(&shop);
    let apply = json!({ "name": "change_apply", "arguments": { "id": id } });
    let call = host.begin("tools/call", apply).unwrap();
    until("the dry run did not come", || webhook.asked().len() == 3);
    limit(&host, "0");
    drop(release);
    until("nothing was tried again", || {
        host.stderr()
            .contains("is failed, but that could not be written down, and is tried again")
    });
    limit(&host, "unlimited");
    let said = Said::of(host.answer(call).unwrap().unwrap());
    assert!(said.text.contains("changes are refused"), "{}", said.text);
    assert_eq!(shop.state_of(&id), "failed");
    assert_eq!(shop.color(), "red");
    assert_eq!(shop.sent(&id), []);
    shop.accounted(&id);
}
