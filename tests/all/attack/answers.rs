//! By answers of the client, where the client is asked: only the person's own answer to this very question counts.

use std::time::Duration;

use bulkhead_tests::mcp_client::{Era, Says};
use serde_json::{Value, json};

use super::{
    Stage, Way,
    thief::{Thief, confirmed, note, with},
};

const NEW: Stage = Stage::Client(Era::MODERN);
const OLD: Stage = Stage::Client(Era::LEGACY);

pub(super) const WAYS: &[Way] = &[
    ("a state for other arguments", NEW, for_other_arguments),
    ("a state for another tool", NEW, for_another_tool),
    ("a state after a no", NEW, after_a_no),
    (
        "a state after a no and a restart",
        NEW,
        after_a_no_and_a_restart,
    ),
    ("a state after its answer was used", NEW, after_its_use),
    (
        "a state after the proposal has expired",
        NEW,
        after_the_expiry,
    ),
    ("a state of another host", NEW, of_another_host),
    (
        "a state with a bit turned, cut or put together",
        NEW,
        damaged,
    ),
    (
        "every text that it knows, as a state",
        NEW,
        every_text_as_a_state,
    ),
    ("an answer without a question", NEW, without_a_question),
    ("an answer under another key", NEW, under_another_key),
    (
        "answers for two questions under one state",
        NEW,
        two_answers,
    ),
    ("an accept without the choice", NEW, without_the_choice),
    (
        "an answer of a client that has nobody to ask",
        NEW,
        without_the_capability,
    ),
    ("an answer in the wrong era", NEW, in_the_wrong_era),
    (
        "a question about a proposal that is changed meanwhile",
        NEW,
        changed_meanwhile,
    ),
    (
        "an answer for what only the console decides",
        NEW,
        for_what_is_risky,
    ),
    (
        "an accept without the choice, before 2026",
        OLD,
        without_the_choice_before,
    ),
    ("answers before the question", OLD, before_the_question),
    ("an answer after the question was put away", OLD, too_late),
    ("a second answer to one question", OLD, a_second_answer),
    (
        "answers of the new era in the old",
        OLD,
        new_answers_in_the_old,
    ),
    (
        "a yes for what only the console decides",
        OLD,
        for_what_is_risky_before,
    ),
];

/// Every answer that is not the one that applies.
fn without_choice() -> Vec<Value> {
    let accept = |content: Value| json!({ "action": "accept", "content": content });
    let mut answers: Vec<Value> = [
        json!({}),
        json!(null),
        json!({ "decision": true }),
        json!({ "decision": null }),
        json!({ "decision": "" }),
        json!({ "decision": "yes" }),
        json!({ "decision": "approve" }),
        json!({ "decision": "Apply this change" }),
        json!({ "decision": "apply this change\u{200b}" }),
        json!({ "decision": ["apply this change"] }),
        json!({ "decision": { "const": "apply this change" } }),
        json!({ "Decision": "apply this change" }),
        json!({ "approved": true, "confirm": true }),
    ]
    .map(accept)
    .into();
    answers.push(json!({ "action": "accept" }));
    answers.push(json!({ "action": "Accept", "content": { "decision": "apply this change" } }));
    answers.push(json!({ "action": "cancel", "content": { "decision": "apply this change" } }));
    answers.push(json!({ "content": { "decision": "apply this change" } }));
    answers
}

/// A question of the new era.
struct Question {
    state: String,
    id: String,
}

impl Question {
    /// Has the host ask about a call of `k8s_patch`.
    fn about(thief: &mut Thief, arguments: Value) -> Self {
        let asked = thief.call("k8s_patch", arguments);
        let requests = asked["inputRequests"].as_object();
        let id = requests.and_then(|requests| requests.keys().next());
        Self {
            id: id.unwrap_or_else(|| panic!("{asked}")).clone(),
            state: asked["requestState"].as_str().unwrap().to_owned(),
        }
    }

    /// About the change that the thief wants.
    fn wanted(thief: &mut Thief) -> Self {
        Self::about(thief, confirmed("stolen"))
    }

    /// Sends it back with an answer.
    fn answered(&self, thief: &mut Thief, tool: &str, arguments: &Value, says: &Says) -> Value {
        thief.request(
            "tools/call",
            json!({
                "name": tool, "arguments": arguments, "requestState": self.state,
                "inputResponses": { self.id.as_str(): says.result() },
            }),
        )
    }

    fn for_its_own_call(&self, thief: &mut Thief, says: &Says) -> Value {
        self.answered(thief, "k8s_patch", &confirmed("stolen"), says)
    }
}

fn for_other_arguments(thief: &mut Thief) {
    let question = Question::about(thief, confirmed("harmless"));
    for arguments in [
        confirmed("stolen"),
        confirmed("Harmless"),
        with(confirmed("harmless"), "reason", json!("because")),
        note("harmless"),
        json!({}),
    ] {
        question.answered(thief, "k8s_patch", &arguments, &Says::Yes);
    }
}

fn for_another_tool(thief: &mut Thief) {
    let question = Question::wanted(thief);
    let id = json!({ "id": thief.id });
    for (tool, arguments) in [
        ("change_apply", &id),
        ("change_apply", &confirmed("stolen")),
        ("change_rollback", &id),
        ("k8s_apply", &confirmed("stolen")),
        ("K8s_patch", &confirmed("stolen")),
    ] {
        question.answered(thief, tool, arguments, &Says::Yes);
    }
    // And the other way round.
    let asked = thief.call("change_apply", id);
    let question = Question {
        state: asked["requestState"].as_str().unwrap().to_owned(),
        id: thief.id.clone(),
    };
    question.for_its_own_call(thief, &Says::Yes);
}

fn after_a_no(thief: &mut Thief) {
    let [first, second] = [Question::wanted(thief), Question::wanted(thief)];
    first.for_its_own_call(thief, &Says::No);
    for question in [first, second] {
        question.for_its_own_call(thief, &Says::Yes);
    }
}

fn after_a_no_and_a_restart(thief: &mut Thief) {
    let [first, second] = [Question::wanted(thief), Question::wanted(thief)];
    first.for_its_own_call(thief, &Says::No);
    thief.restarts(|_| ());
    for question in [first, second] {
        question.for_its_own_call(thief, &Says::Yes);
    }
}

fn after_its_use(thief: &mut Thief) {
    let [first, second] = [Question::wanted(thief), Question::wanted(thief)];
    thief.person_allows();
    for question in [&first, &second] {
        question.for_its_own_call(thief, &Says::Yes);
    }
    // Somebody takes it back by hand: what was allowed once is not allowed again.
    let pod = crate::sim::pod("shop", "till", "till");
    thief
        .sim
        .server
        .change(|cluster| cluster.insert(pod).unwrap());
    thief.looks_again();
    for question in [&first, &second] {
        question.for_its_own_call(thief, &Says::Yes);
    }
}

fn after_the_expiry(thief: &mut Thief) {
    let question = Question::wanted(thief);
    thief.passes(Duration::from_secs(31 * 60));
    question.for_its_own_call(thief, &Says::Yes);
}

fn of_another_host(thief: &mut Thief) {
    let mut other = Thief::on(NEW);
    let question = Question::wanted(&mut other);
    question.for_its_own_call(thief, &Says::Yes);
    let under_its_name = Question {
        id: thief.id.clone(),
        ..question
    };
    under_its_name.for_its_own_call(thief, &Says::Yes);
}

fn damaged(thief: &mut Thief) {
    let question = Question::wanted(thief);
    let harmless = Question::about(thief, confirmed("harmless"));
    let state = question.state.clone();
    let mut states: Vec<String> = (0..state.len())
        .map(|at| {
            let mut bytes = state.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        })
        .filter(|other| *other != state)
        .collect();
    states.extend((0..state.len()).map(|length| state.chars().take(length).collect()));
    let parts = |state: &str| state.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (parts(&state), parts(&harmless.state));
    for place in 0..own.len() {
        let mut mixed = other.clone();
        mixed[place].clone_from(&own[place]);
        if mixed != own {
            states.push(mixed.join("."));
        }
    }
    for state in states {
        let id = thief.id.clone();
        let said = Question { state, id }.for_its_own_call(thief, &Says::Yes);
        assert!(
            said.to_string().contains("was not given for this call"),
            "{said}"
        );
    }
}

fn every_text_as_a_state(thief: &mut Thief) {
    // Its own state, which is among them, would be the client's word for this very call.
    let own = Question::wanted(thief);
    for state in thief.strings() {
        let id = own.id.clone();
        let arguments = confirmed("another");
        Question { state, id }.answered(thief, "k8s_patch", &arguments, &Says::Yes);
    }
}

fn without_a_question(thief: &mut Thief) {
    let id = thief.id.clone();
    for more in [
        json!({ "inputResponses": { id.as_str(): Says::Yes.result() } }),
        json!({ "inputResponses": {}, "requestState": id }),
        json!({ "inputResponses": { id.as_str(): Says::Yes.result() }, "requestState": "" }),
        json!({ "inputResponses": { id.as_str(): Says::Yes.result() }, "requestState": null }),
        json!({ "requestState": Question::wanted(thief).state }),
    ] {
        let mut params = json!({ "name": "k8s_patch", "arguments": confirmed("stolen") });
        for (key, value) in more.as_object().unwrap() {
            params[key] = value.clone();
        }
        thief.request("tools/call", params);
    }
}

fn under_another_key(thief: &mut Thief) {
    let question = Question::wanted(thief);
    for id in [
        "",
        "decision",
        "c-0000000000",
        "*",
        &question.id.to_uppercase(),
    ] {
        let other = Question {
            id: id.to_owned(),
            state: question.state.clone(),
        };
        other.for_its_own_call(thief, &Says::Yes);
    }
}

fn two_answers(thief: &mut Thief) {
    let harmless = Question::about(thief, confirmed("harmless"));
    let responses =
        json!({ harmless.id.as_str(): Says::No.result(), thief.id.as_str(): Says::Yes.result() });
    for arguments in [confirmed("stolen"), confirmed("harmless")] {
        let params = json!({
            "name": "k8s_patch", "arguments": arguments, "requestState": harmless.state, "inputResponses": responses,
        });
        thief.request("tools/call", params);
    }
}

fn without_the_choice(thief: &mut Thief) {
    for answer in without_choice() {
        let question = Question::wanted(thief);
        question.for_its_own_call(thief, &Says::Words(answer));
    }
}

fn without_the_capability(thief: &mut Thief) {
    let question = Question::wanted(thief);
    thief.restarts_as(Era::MODERN, false, |_| ());
    question.for_its_own_call(thief, &Says::Yes);
}

fn in_the_wrong_era(thief: &mut Thief) {
    let question = Question::wanted(thief);
    thief.restarts_as(Era::LEGACY, true, |_| ());
    question.for_its_own_call(thief, &Says::Yes);
    thief.restarts_as(Era::LEGACY, false, |_| ());
    question.for_its_own_call(thief, &Says::Yes);
}

fn changed_meanwhile(thief: &mut Thief) {
    use sha2::{Digest as _, Sha256};
    let question = Question::wanted(thief);
    let document = thief.proposal(&question.id);
    let changed = document.replace("stolen", "all of it");
    assert_ne!(changed, document);
    let digest: [u8; 32] = Sha256::digest(&changed).into();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    thief.tampers(
        "UPDATE proposals SET document = ?2, digest = ?3 WHERE id = ?1",
        [&question.id, &changed, &digest],
    );
    question.for_its_own_call(thief, &Says::Yes);
}

/// A patch that runs other code.
fn risky() -> Value {
    let image =
        json!({ "spec": { "containers": [{ "name": "till", "image": "evil.example/till:1" }] } });
    json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch", "patch": image,
        "confirm": true,
    })
}

fn for_what_is_risky(thief: &mut Thief) {
    let other = Question::wanted(thief);
    let asked = thief.call("k8s_patch", risky());
    assert!(asked["inputRequests"].is_null(), "{asked}");
    assert!(asked.to_string().contains("needs-approval"), "{asked}");
    let id = thief.proposes(with(risky(), "confirm", json!(false)));
    for key in [id, other.id] {
        let question = Question {
            state: other.state.clone(),
            id: key,
        };
        question.answered(thief, "k8s_patch", &risky(), &Says::Yes);
    }
}

fn without_the_choice_before(thief: &mut Thief) {
    let call = json!({ "name": "k8s_patch", "arguments": confirmed("stolen") });
    // One that is no answer at all leaves the call waiting for the console.
    for answer in without_choice() {
        if answer["action"] == "Accept"
            || answer["action"].is_null()
            || !answer["content"].is_object()
        {
            continue;
        }
        let said = thief.answering(Says::Words(answer), "tools/call", call.clone());
        assert!(said.to_string().contains("needs-approval"), "{said}");
    }
    let no_answer = json!({ "content": { "decision": "apply this change" } });
    thief.answering(Says::Words(no_answer), "tools/call", call);
}

fn before_the_question(thief: &mut Thief) {
    for id in 0..200 {
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": Says::Yes.result() });
        thief.client().send(&answer).unwrap();
    }
    thief.wants_it();
}

/// Begins the call that it wants, and waits for the question.
fn asked(thief: &mut Thief) -> (u64, Value) {
    let params = json!({ "name": "k8s_patch", "arguments": confirmed("stolen") });
    let client = thief.client();
    let call = client.begin("tools/call", params).unwrap();
    let question = client
        .wait(|message| message["method"] == "elicitation/create")
        .unwrap();
    (call, question["id"].clone())
}

fn says(thief: &mut Thief, question: &Value, says: &Says) {
    let answer = json!({ "jsonrpc": "2.0", "id": question, "result": says.result() });
    thief.client().send(&answer).unwrap();
}

fn too_late(thief: &mut Thief) {
    let (call, question) = asked(thief);
    let said = thief.client().answer(call).unwrap().unwrap();
    assert!(said.to_string().contains("needs-approval"), "{said}");
    says(thief, &question, &Says::Yes);
}

fn a_second_answer(thief: &mut Thief) {
    let (call, question) = asked(thief);
    says(thief, &question, &Says::No);
    says(thief, &question, &Says::Yes);
    let said = thief.client().answer(call).unwrap().unwrap();
    assert!(said.to_string().contains("declined"), "{said}");
    says(thief, &question, &Says::Yes);
}

fn new_answers_in_the_old(thief: &mut Thief) {
    let id = thief.id.clone();
    for state in [json!(id), json!(null), json!("")] {
        let params = json!({
            "name": "k8s_patch", "arguments": confirmed("stolen"), "requestState": state,
            "inputResponses": { id.as_str(): Says::Yes.result() },
        });
        thief.request("tools/call", params);
    }
}

fn for_what_is_risky_before(thief: &mut Thief) {
    let call = json!({ "name": "k8s_patch", "arguments": risky() });
    let asked = thief.client().questions().len();
    let said = thief.answering(Says::Yes, "tools/call", call);
    assert!(said.to_string().contains("needs-approval"), "{said}");
    assert_eq!(thief.client().questions().len(), asked);
}
