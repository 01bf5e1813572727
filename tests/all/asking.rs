//! Answers that nobody asked for: whatever a client sends with a call, it answers no question but one of the host's.

use bulkhead_tests::mcp_client::{Era, Says};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    session::{Said, Session, generic_on},
    sim::Sim,
};

/// A client with a person, who is not asked here.
fn session(sim: &Sim, era: Era) -> Session {
    let mut session = Session::silent(generic_on(sim, ""), era, &[]);
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
    let mut session = session(&sim, era);
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
    let mut session = session(&sim, era);
    session.send(&message).unwrap();
    session.pods().succeeds(&["till", "oven"]);
    session.end();
}
