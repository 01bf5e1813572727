//! The person at the client: asked in both eras, and only their answer to the host's own question counts.

use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::{Era, Says},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    session::{Said, Session, generic, generic_on},
    sim::Sim,
};

/// Pods of `shop` may be patched, and what is not risky is decided at the client.
const PATCH_PODS: &str = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["patch"]
namespaces = ["shop"]

[[approval.rules]]
risk = ["low", "medium"]
channel = "elicitation"
"#;

/// A client with a person, of a host that may patch pods.
fn patching(sim: &Sim, era: Era) -> Session {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let text = format!("{cluster}\n{}{PATCH_PODS}", generic());
    with_person(HostConfig::with_text(&text).unwrap(), era)
}

/// A new note at a pod.
fn note(value: &str) -> Value {
    json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch",
        "patch": { "metadata": { "annotations": { "shop.example/shift": value } } }, "confirm": true,
    })
}

fn patch(session: &mut Session, arguments: &Value) -> Said {
    let answer = session.call_tool_with_person("k8s_patch", arguments);
    Said::of(answer.unwrap().unwrap())
}

fn with_person(config: HostConfig, era: Era) -> Session {
    let mut session = Session::silent(config, era, &[]);
    session.has_person();
    session.handshake().unwrap();
    session
}

/// The list of pods, with more than its arguments.
fn pods_with(session: &mut Session, more: Value) -> Said {
    let mut params =
        json!({ "name": "k8s_list", "arguments": { "kind": "pods", "namespace": "shop" } });
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    Said::of(session.request("tools/call", params).unwrap().unwrap())
}

#[rstest]
#[case::an_answer(json!({ "inputResponses": { "c-0000000000": Says::Yes.result() } }))]
#[case::no_answer(json!({ "inputResponses": {} }))]
#[case::a_state(json!({ "requestState": "c-0000000000" }))]
#[case::both(json!({ "inputResponses": { "c-0000000000": Says::Yes.result() }, "requestState": "rs1.AAAAAAAAAAB7fQ.AA" }))]
fn an_answer_that_nobody_asked_for_is_invalid_and_the_tool_does_not_run(
    #[case] more: Value,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = with_person(generic_on(&sim, ""), era);
    let said = pods_with(&mut session, more);
    said.fails("invalid", &["requestState", "next: call the tool again"]);
    assert_eq!(sim.requests_to("/pods").len(), 0);
    session.pods().succeeds(&["till", "oven"]);
    session.end();
}

#[rstest]
#[case::a_result(json!({ "jsonrpc": "2.0", "id": 0, "result": Says::Yes.result() }))]
#[case::of_a_word(json!({ "jsonrpc": "2.0", "id": "c-0000000000", "result": Says::Yes.result() }))]
#[case::a_notification(json!({ "jsonrpc": "2.0", "method": "notifications/elicitation/response", "params": Says::Yes.result() }))]
fn an_answer_to_no_question_is_passed_over(
    #[case] message: Value,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = with_person(generic_on(&sim, ""), era);
    session.send(&message).unwrap();
    session.pods().succeeds(&["till", "oven"]);
    session.end();
}

#[rstest]
fn a_yes_at_the_client_applies_what_was_shown_once(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small().may_change();
    let mut session = patching(&sim, era);
    session.person_says(Says::Yes);
    patch(&mut session, &note("night")).succeeds(&["applied"]);
    let shown = session.questions()[0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(shown.contains("night") && shown.contains("till"), "{shown}");
    assert_eq!(sim.changes().len(), 1, "{:?}", sim.changes());
    session.end();
}

#[rstest]
#[case::no(Says::No, "declined")]
#[case::away(Says::Away, "needs-approval")]
#[case::accepted_without_a_choice(Says::Words(json!({ "action": "accept", "content": {} })), "needs-approval")]
fn without_a_yes_nothing_is_sent(
    #[case] says: Says,
    #[case] kind: &str,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small().may_change();
    let mut session = patching(&sim, era);
    session.person_says(says);
    patch(&mut session, &note("night")).fails(kind, &[]);
    assert_eq!(sim.changes(), []);
    session.end();
}

#[test]
fn an_answer_counts_once_and_for_its_own_call_alone() {
    let sim = Sim::small().may_change();
    let mut session = patching(&sim, Era::MODERN);
    let first = session
        .call_tool("k8s_patch", note("night"))
        .unwrap()
        .unwrap();
    let (proposal, _) = first["inputRequests"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    let with_answer = |arguments: Value, says: Says| {
        json!({
            "name": "k8s_patch", "arguments": arguments, "requestState": first["requestState"],
            "inputResponses": { proposal.as_str(): says.result() },
        })
    };
    let mut call = |params| Said::of(session.request("tools/call", params).unwrap().unwrap());
    call(with_answer(note("day"), Says::Yes)).fails("invalid", &["was not given for this call"]);
    assert_eq!(sim.changes(), []);
    call(with_answer(note("night"), Says::No)).fails("declined", &[]);
    call(with_answer(note("night"), Says::Yes)).fails("conflict", &["answered before"]);
    assert_eq!(sim.changes(), []);
    session.end();
}
