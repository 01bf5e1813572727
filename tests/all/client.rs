//! Clients that err, leave or change their mind, in both eras.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use bulkhead_simcluster::Fault;
use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    hostile,
    session::{Session, generic, generic_on},
    sim::Sim,
};

/// Arguments that the host takes as a message, and refuses as arguments.
const LARGE_BYTES: usize = 10 * 1000 * 1000;

/// Longer than any message that is read.
const TOO_LARGE_BYTES: usize = 33 * 1024 * 1024;

fn list_pods() -> Value {
    json!({ "name": "k8s_list", "arguments": { "kind": "pods", "namespace": "shop" } })
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn a_notification_before_the_first_request_is_no_reason_to_end(#[case] era: Era) {
    let sim = Sim::small();
    let mut session = Session::silent(generic_on(&sim, ""), era, &[]);
    session
        .notify("notifications/initialized", json!({}))
        .unwrap();
    session
        .notify("notifications/no-such-thing", json!({}))
        .unwrap();
    session.handshake().unwrap();
    session.lives_on();
    session.end();
}

#[rstest]
#[case::no_json("{\"jsonrpc\": \"2.0\", \"id\": 7,")]
#[case::no_object("\"hello\"")]
#[case::no_message("{}")]
#[case::no_utf8("\u{fffd}\u{0}")]
#[case::batch(
    r#"[{"jsonrpc":"2.0","id":7,"method":"ping"},{"jsonrpc":"2.0","id":8,"method":"ping"}]"#
)]
#[case::empty("")]
fn a_line_that_is_no_message_gets_no_result_and_ends_nothing(
    #[case] line: &str,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = Session::in_era(generic_on(&sim, ""), era);
    session.send_line(line).unwrap();
    session.lives_on();
    session.send_line(line).unwrap();
    session.lives_on();
    for answered in session
        .received()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
    {
        assert!(answered["id"] != 7 && answered["id"] != 8, "{answered}");
    }
    session.end();
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn an_unknown_tool_is_an_error_of_the_protocol_that_names_it(#[case] era: Era) {
    let sim = Sim::small();
    let mut session = Session::in_era(generic_on(&sim, ""), era);
    let error = session
        .call_tool("k8s_delete_everything", json!({}))
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code, -32602, "{error:?}");
    assert!(
        error.message.contains("`k8s_delete_everything`") && error.message.contains("tools/list"),
        "{error:?}"
    );
    let error = session
        .call_tool(&"x\u{1b}[2J".repeat(1000), json!({}))
        .unwrap()
        .unwrap_err();
    assert!(
        error.message.len() < 1000 && !error.message.contains('\u{1b}'),
        "{error:?}"
    );
    session.lives_on();
}

#[rstest]
#[case::of_another_type(json!({ "kind": "pods", "limit": "ten" }), &["`/limit`", "integer"])]
#[case::out_of_range(json!({ "kind": "pods", "limit": 0 }), &["`/limit`", "minimum"])]
#[case::unknown(json!({ "kind": "pods", "namspace": "shop" }), &["namspace"])]
#[case::several(json!({ "kind": 1, "limit": [] }), &["`/kind`", "`/limit`"])]
fn wrong_arguments_are_named_by_their_pointer_before_a_guest_is_entered(
    #[case] arguments: Value,
    #[case] parts: &[&str],
) {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    session.call("k8s_list", arguments).fails("invalid", parts);
    assert_eq!(sim.server.requests(), []);
    session.pods().succeeds(&["till"]);
}

#[test]
fn ten_megabytes_of_arguments_are_a_limit_and_the_next_call_works() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    let said = session.call("k8s_list", json!({ "kind": "x".repeat(LARGE_BYTES) }));
    let said = said.fails(
        "limit",
        &["the arguments have 10000", "1048576", "`runtime.arguments`"],
    );
    assert!(said.text.len() < 1000);
    session.pods().succeeds(&["till"]);
}

#[test]
fn a_message_that_is_longer_than_any_is_dropped_and_the_next_call_works() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    session.send_line(&"x".repeat(TOO_LARGE_BYTES)).unwrap();
    session.pods().succeeds(&["till"]);
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn calls_that_were_given_up_leave_their_slots(#[case] era: Era) {
    let sim = Sim::small();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let limits = "[plugins.generic.limits]\nconcurrent = 2\n";
    let config = HostConfig::with_text(&format!("{cluster}{}{limits}", generic())).unwrap();
    let mut session = Session::in_era(config, era);
    // Once more than the plugin has slots.
    for round in 1..=3 {
        sim.server.fail("/pods", 1, Fault::Hang);
        let id = session.begin("tools/call", list_pods()).unwrap();
        sim.wait_for_requests("/pods", round);
        session.cancel(id).unwrap();
    }
    session.pods().succeeds(&["till"]);
    session.end();
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn the_end_of_input_in_the_middle_of_a_call_is_a_good_end(#[case] era: Era) {
    let sim = Sim::small();
    let mut session = Session::in_era(generic_on(&sim, ""), era);
    sim.server.fail("/pods", 1, Fault::Hang);
    session.begin("tools/call", list_pods()).unwrap();
    sim.wait_for_requests("/pods", 1);
    assert!(children(session.process()).is_empty());
    session.end();
}

#[test]
fn the_end_of_input_while_a_component_is_compiled_leaves_no_compiler() {
    let sim = Sim::small();
    let cache = tempfile::tempdir().unwrap();
    let text = cluster_table(&sim.kubeconfig()).unwrap() + &generic();
    let config = HostConfig::with_cache(&text, &cache.path().join("cache")).unwrap();
    let session = Session::in_era(config, Era::LEGACY);
    let process = session.process();
    until(|| !children(process).is_empty());
    let compilers = children(process);
    session.end();
    until(|| compilers.iter().all(|compiler| is_gone(*compiler)));
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn the_signal_to_end_is_a_good_end_in_the_middle_of_a_call(#[case] era: Era) {
    let sim = Sim::small();
    let mut session = Session::in_era(generic_on(&sim, ""), era);
    sim.server.fail("/pods", 1, Fault::Hang);
    session.begin("tools/call", list_pods()).unwrap();
    sim.wait_for_requests("/pods", 1);
    let (client, _config) = session.into_parts();
    assert_eq!(client.terminate_and_wait().unwrap().code(), Some(0));
}

#[test]
fn the_signal_to_end_before_the_first_message_is_a_good_end() {
    let sim = Sim::small();
    let session = Session::silent(generic_on(&sim, ""), Era::LEGACY, &[]);
    until(|| handles_sigterm(session.process()));
    let (client, _config) = session.into_parts();
    assert_eq!(client.terminate_and_wait().unwrap().code(), Some(0));
}

#[test]
fn no_input_at_all_is_a_good_end() {
    let sim = Sim::small();
    Session::silent(generic_on(&sim, ""), Era::LEGACY, &[]).end();
}

#[test]
fn two_hosts_list_the_same_tools_in_the_same_order() {
    let sim = Sim::small();
    let lists = [Era::LEGACY, Era::LEGACY, Era::MODERN].map(|era| {
        let config = hostile::config("reports_progress", &sim, "", "");
        Session::in_era(config, era).list_tools().unwrap()
    });
    let names: Vec<_> = lists[0]
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert!(
        names.is_sorted() && names.contains(&"ping") && names.contains(&"reports_progress"),
        "{names:?}"
    );
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0], lists[2]);
}

/// One of the guests, and the one that means no harm.
#[test]
pub(crate) fn reports_progress() {
    for era in [Era::LEGACY, Era::MODERN] {
        let sim = Sim::small();
        let mut session = Session::in_era(hostile::config("reports_progress", &sim, "", ""), era);
        let id = session
            .begin(
                "tools/call",
                json!({ "name": "reports_progress", "arguments": {} }),
            )
            .unwrap();
        let answer = session.answer(id).unwrap().unwrap();
        assert_eq!(answer["content"][0]["text"], "done");
        // All that has come by now came before the answer.
        let steps: Vec<_> = session
            .take_notifications("notifications/progress")
            .into_iter()
            .map(|note| note["params"].clone())
            .collect();
        let expected: Vec<_> = (1..=3).map(|step| json!({
            "progressToken": id, "progress": f64::from(step), "total": 3.0, "message": format!("step {step}"),
        })).collect();
        assert_eq!(steps, expected, "{era:?}");
        session.lives_on();
    }
}

fn children(process: u32) -> Vec<u32> {
    let mut children = Vec::new();
    // A thread that has just ended is no thread of it any more.
    for thread in fs::read_dir(format!("/proc/{process}/task"))
        .unwrap()
        .flatten()
    {
        let text = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        children.extend(text.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
    }
    children
}

/// There is no such process, or nothing of it but its exit code.
fn is_gone(process: u32) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        Err(_) => true,
        Ok(stat) => stat
            .rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('Z')),
    }
}

/// Whether a process has begun to listen for SIGTERM, the 15th signal.
fn handles_sigterm(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0
}

fn until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "it did not come to be within a minute"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
