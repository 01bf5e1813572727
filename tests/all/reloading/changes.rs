//! Changes and a configuration that is read again: what was proposed under another one is not applied under this.

use std::fs;

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::{Era, Says},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{LEFT, READ, TOOLS, notification, only_ping, reload, rewrite};
use crate::{
    session::Session,
    sim::{Sim, pod},
};

const PATCH: &str = "verbs = [\"patch\", \"delete\"]";

/// A pod that may be patched, and a person who decides at a terminal.
fn patching() -> (Sim, HostConfig) {
    let mut cluster = Cluster::new();
    cluster.insert(pod("shop", "till", "till")).unwrap();
    let sim = Sim::start(cluster).may_change();
    let grant = format!(
        "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\n{PATCH}\nnamespaces = [\"shop\"]\n"
    );
    let text = [
        cluster_table(&sim.kubeconfig()).unwrap(),
        Approver::shared().unwrap().table(),
        plugin_table("generic", &built::plugin("generic")).unwrap(),
        READ_EVERYTHING.to_owned(),
        grant,
    ];
    let config = HostConfig::with_text(&text.join("\n")).unwrap();
    (sim, config)
}

/// The arguments that propose a note at the pod.
fn note(shift: &str) -> Value {
    json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch",
        "patch": { "metadata": { "annotations": { "shop.example/shift": shift } } }, "confirm": true,
    })
}

/// Proposes a note at the pod, and has a person approve it. Returns the change's id.
fn approved(session: &mut Session) -> String {
    let said = session.call("k8s_patch", note("late"));
    let said = said.fails("needs-approval", &["bulkhead approve c-"]);
    let mut words = said
        .text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let id = words.find(|word| word.len() == 12 && word.starts_with("c-"));
    let id = id.unwrap().to_owned();
    let approver = Approver::shared().unwrap();
    let shown = approver.approve(session.config(), &id).unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    id
}

#[rstest]
#[case::without_the_grant("verbs = [\"delete\"]")]
#[case::with_another_grant("verbs = [\"patch\"]")]
fn what_was_approved_under_another_configuration_is_not_applied(
    #[case] verbs: &str,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let (sim, config) = patching();
    let mut session = Session::in_era(config, era);
    let id = approved(&mut session);
    rewrite(session.config(), |text| text.replace(PATCH, verbs));
    reload(&session, READ);
    let said = session.call("change_apply", json!({ "id": id }));
    said.fails("conflict", &["another configuration", "propose it again"]);
    assert_eq!(sim.changes(), []);
    session.end();
}

/// A configuration that lets fewer people approve counts for those who are waited for, too.
#[rstest]
fn a_call_that_waits_applies_nothing_that_another_configuration_approves(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let (sim, config) = patching();
    // Longer than the client of this test waits for an answer.
    rewrite(&config, |text| {
        text.replace("wait = \"0s\"", "wait = \"300s\"")
    });
    let mut session = Session::in_era(config, era);
    let patch = json!({ "name": "k8s_patch", "arguments": note("late") });
    let call = session.begin("tools/call", patch).unwrap();
    let said = |message: &Value| {
        let said = message["params"]["message"].as_str().unwrap_or_default();
        said.strip_prefix("waiting for a person: bulkhead approve ")
            .map(str::to_owned)
    };
    let progress = session.wait(|message| said(message).is_some()).unwrap();
    let id = said(&progress).unwrap();
    rewrite(session.config(), |text| format!("# stricter\n{text}"));
    reload(&session, READ);
    let approver = Approver::shared().unwrap();
    approver.approve(session.config(), &id).unwrap();
    let result = session.answer(call).unwrap().unwrap();
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.contains("another configuration"), "{said}");
    assert_eq!(sim.changes(), []);
    session.end();
}

/// To write down a "no" needs no leave of anybody's.
#[test]
fn a_no_counts_whatever_was_read_since_it_was_asked_for() {
    let (sim, config) = patching();
    let asked = "[[approval.rules]]\nrisk = [\"low\", \"medium\"]\nchannel = \"elicitation\"\n";
    rewrite(&config, |text| {
        text.replace("wait = \"0s\"", "wait = \"300s\"") + asked
    });
    let mut session = Session::silent(config, Era::LEGACY, &[]);
    session.has_person();
    session.handshake().unwrap();
    let patch = json!({ "name": "k8s_patch", "arguments": note("late") });
    let call = session.begin("tools/call", patch).unwrap();
    let question = session
        .wait(|message| message["method"] == "elicitation/create")
        .unwrap();
    rewrite(session.config(), |text| format!("# stricter\n{text}"));
    reload(&session, READ);
    let no = json!({ "jsonrpc": "2.0", "id": question["id"], "result": Says::No.result() });
    session.send(&no).unwrap();
    let result = session.answer(call).unwrap().unwrap();
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("declined: "), "{said}");
    // It is not asked for again.
    session
        .call("k8s_patch", note("late"))
        .fails("declined", &[]);
    assert_eq!(sim.changes(), []);
    session.end();
}

#[test]
fn what_was_approved_is_applied_after_the_same_file_was_read_again() {
    let (sim, config) = patching();
    let mut session = Session::start(config);
    let id = approved(&mut session);
    reload(&session, READ);
    let said = session.call("change_apply", json!({ "id": id }));
    said.succeeds(&[&format!("change {id}: applied")]);
    assert_eq!(sim.changes().len(), 1);
    session.end();
}

#[test]
fn the_hosts_tools_for_changes_go_with_the_last_grant_that_changes_and_come_back() {
    let (sim, config) = patching();
    let mut session = Session::start(config);
    let has_apply = |session: &mut Session| {
        let tools = session.list_tools().unwrap();
        tools.iter().any(|tool| tool["name"] == "change_apply")
    };
    assert!(has_apply(&mut session));
    let id = approved(&mut session);
    rewrite(session.config(), |text| {
        text.replace(PATCH, "verbs = [\"get\"]")
    });
    reload(&session, READ);
    notification(&mut session, TOOLS);
    assert!(!has_apply(&mut session));
    let gone = session.call_tool("change_apply", json!({ "id": id }));
    assert_eq!(gone.unwrap().unwrap_err().code, -32602);
    rewrite(session.config(), |text| {
        text.replace(
            "verbs = [\"get\"]\nnamespaces = [\"shop\"]",
            &format!("{PATCH}\nnamespaces = [\"shop\"]"),
        )
    });
    reload(&session, READ);
    notification(&mut session, TOOLS);
    // The text is the same as it was, and so is what was approved under it.
    let said = session.call("change_apply", json!({ "id": id }));
    said.succeeds(&["applied"]);
    assert_eq!(sim.changes().len(), 1);
    session.end();
}

#[test]
fn a_policy_that_is_wrong_changes_nothing_and_the_next_right_one_counts() {
    let (sim, config) = patching();
    let mut session = Session::start(config);
    let tools = session.list_tools().unwrap();
    // A policy is read when changes are first looked at, and then stays.
    session
        .call("change_status", json!({}))
        .succeeds(&["no changes"]);
    let shipped = fs::read_to_string(built::dist().join("policy.toml")).unwrap();
    let beside = session.config().folder().join("policy.toml");
    fs::write(
        &beside,
        shipped.replace("max_cascade = ", "max_cascades = "),
    )
    .unwrap();
    let right = fs::read_to_string(session.config().path()).unwrap();
    rewrite(session.config(), only_ping);
    reload(&session, LEFT);
    session.waits_for_log("`max_cascades` is not a known key", 1);
    assert_eq!(session.list_tools().unwrap(), tools);
    // Changes go on, under the policy of before.
    let id = approved(&mut session);
    let said = session.call("change_apply", json!({ "id": id }));
    said.succeeds(&["applied"]);
    assert_eq!(sim.changes().len(), 1);
    let stricter = shipped.replace("[\"kube-system\",", "[\"shop\", \"kube-system\",");
    assert_ne!(stricter, shipped);
    fs::write(&beside, stricter).unwrap();
    rewrite(session.config(), |_| format!("# read again\n{right}"));
    reload(&session, READ);
    let said = session.call("k8s_patch", note("early"));
    said.fails("denied", &["the plan cannot be approved", "shop"]);
    assert_eq!(sim.changes().len(), 1);
    session.end();
}

#[test]
fn calls_that_wait_for_a_person_are_as_few_after_the_file_was_read_again() {
    let (_sim, config) = patching();
    // Longer than the client of this test waits for an answer.
    rewrite(&config, |text| {
        text.replace("wait = \"0s\"", "wait = \"300s\"")
    });
    let mut session = Session::start(config);
    for shift in ["early", "late"] {
        let patch = json!({ "name": "k8s_patch", "arguments": note(shift) });
        let call = session.begin("tools/call", patch).unwrap();
        let waits = |message: &Value| {
            message["method"] == "notifications/progress"
                && message["params"]["progressToken"] == call
        };
        session.wait(waits).unwrap();
    }
    reload(&session, READ);
    let third = session.call("k8s_patch", note("at night"));
    third.fails("needs-approval", &["bulkhead approve c-"]);
    session.end();
}
