//! The hostile guests inside the built host: each fails its own call alone, and the same process still answers.
//!
//! A guest without a test of its name here does not compile.

use std::{path::Path, thread};

use bulkhead_tests::{
    built, foreach_guest,
    host_config::{HostConfig, cluster_table, plugin_table},
};
use serde_json::{Value, json};

use crate::{
    client::reports_progress,
    metrics::asks_prometheus,
    session::{Ran, Said, Session, generic},
    sim::{SECRET, Sim},
};

macro_rules! has_a_test {
    ($name:ident) => {
        const _: fn() = $name;
    };
}
foreach_guest!(has_a_test);

/// Whatever a guest asks for, it has this; what else stands behind it is `more`.
const PODS_OF_SHOP: &str = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "list"]
namespaces = ["shop"]
"#;

/// The guest and, beside it, `generic`.
pub(crate) fn config(guest: &str, sim: &Sim, limits: &str, more: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let table = plugin_table("guest", &built::guest(guest)).unwrap();
    let text = format!(
        "{cluster}{table}limits = {{ {limits} }}\n{PODS_OF_SHOP}{more}{}",
        generic()
    );
    HostConfig::with_text(&text).unwrap()
}

/// Calls the guest's one tool, makes sure that the host still answers, and ends the session.
fn call_under(guest: &str, sim: &Sim, limits: &str, arguments: Value) -> (Said, String) {
    let mut session = Session::start(config(guest, sim, limits, ""));
    let said = session.call(guest, arguments);
    session.lives_on();
    session.pods().succeeds(&["till", "oven"]);
    let stderr = session.stderr();
    session.end();
    (said, stderr)
}

fn call(guest: &str, limits: &str) -> Said {
    call_under(guest, &Sim::small(), limits, json!({})).0
}

/// The guest is left out and named, the other plugin serves, and `check` says the same.
fn is_left_out(guest: &str, reason: &[&str]) {
    let sim = Sim::small();
    let mut session = Session::start(config(guest, &sim, "cpu = \"2s\"", ""));
    let names: Vec<_> = session
        .list_tools()
        .unwrap()
        .into_iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.contains(&"k8s_list".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name == guest), "{names:?}");
    session.lives_on();
    let stderr = session.stderr();
    let checked = Ran::command("check", &session.end());
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(
        checked.stdout.contains("2 plugin(s), 1 problem(s)"),
        "{checked:?}"
    );
    for part in ["plugin `guest`"].iter().chain(reason) {
        assert!(stderr.contains(part), "no `{part}` in {stderr}");
        assert!(checked.stderr.contains(part), "no `{part}` in {checked:?}");
    }
    assert_eq!(sim.requests_to("/secrets").len(), 0);
}

#[test]
fn allocates_without_end() {
    call("allocates_without_end", "memory = \"16MiB\"")
        .fails("limit", &["16 MiB of memory", "next: ", "`limits.memory`"]);
}

#[test]
fn answers_against_its_schema() {
    call("answers_against_its_schema", "").fails(
        "plugin",
        &["broken result", "`/n`", "tell the plugin's author"],
    );
}

#[test]
fn answers_with_a_broken_result() {
    call("answers_with_a_broken_result", "").fails(
        "plugin",
        &["broken result", "not JSON", "tell the plugin's author"],
    );
}

#[test]
fn asks_for_a_secret() {
    let sim = Sim::small();
    let which = json!({ "namespace": "vault", "name": "pin" });
    let (said, stderr) = call_under("asks_for_a_secret", &sim, "", which);
    let said = said.succeeds(&[
        "get: Err(Denied",
        "get data: Err(Denied",
        "list: Err(Denied",
        "select: Err(Denied",
        "count: Err(Denied",
    ]);
    assert_eq!(
        sim.requests_to("/secrets").len() + sim.requests_to("/pin").len(),
        0
    );
    assert!(
        !SECRET.iter().any(|value| said.text.contains(value)),
        "{}",
        said.text
    );
    // The grant that is missing is for the operator alone.
    assert!(stderr.contains("resources = [\"secrets\"]"), "{stderr}");
    assert!(!said.text.contains("[[plugins"), "{}", said.text);
}

#[test]
fn a_granted_secret_without_values_shows_none_in_any_way() {
    let sim = Sim::small();
    let grant = "[[plugins.guest.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"get\", \"list\"]\nnamespaces = [\"vault\"]\n";
    let mut session = Session::start(config("asks_for_a_secret", &sim, "", grant));
    let which = json!({ "namespace": "vault", "name": "pin" });
    let said = session.call("asks_for_a_secret", which);
    let said = said.succeeds(&[
        "get: Ok(",
        "list: Ok(",
        "select: Err(Denied(\"a field selector may not look at",
    ]);
    for value in SECRET {
        assert!(!session.received().contains(value), "{}", said.text);
    }
    session.lives_on();
    // A field selector on a value would tell it by trying, so it is not sent.
    let asked = sim.requests_to("/secrets");
    assert!(
        asked
            .iter()
            .all(|request| !request.query.contains("fieldSelector")),
        "{asked:?}"
    );
}

#[test]
fn asks_for_another_namespace() {
    let sim = Sim::small();
    let (said, _) = call_under(
        "asks_for_another_namespace",
        &sim,
        "",
        json!({ "namespace": "vault" }),
    );
    said.succeeds(&["one: Err(Denied", "all: Err(Denied", "cluster: Err(Denied"]);
    assert_eq!(
        sim.requests_to("/namespaces/vault/pods").len() + sim.requests_to("/v1/pods").len(),
        0
    );
}

#[test]
fn calls_in_describe() {
    is_left_out(
        "calls_in_describe",
        &[
            "cannot say what it is",
            "`describe` made a host call, which it may not",
        ],
    );
}

#[test]
fn floods_host_calls() {
    let sim = Sim::small();
    let (said, _) = call_under(
        "floods_host_calls",
        &sim,
        "host_calls = 20, cpu = \"500ms\"",
        json!({}),
    );
    said.fails("limit", &["CPU time of 500ms", "`limits.cpu`"]);
    // One discovery, however often a word is resolved.
    assert!(
        sim.requests_to("/api").len() <= 1,
        "{:?}",
        sim.server.requests()
    );
}

#[test]
fn floods_logs() {
    let (said, stderr) = call_under("floods_logs", &Sim::small(), "cpu = \"20s\"", json!({}));
    said.succeeds(&["answered"]);
    assert!(stderr.contains("guest/floods_logs"), "{stderr}");
    assert!(stderr.len() < 200_000, "{} bytes", stderr.len());
}

#[test]
fn imports_something_foreign() {
    is_left_out(
        "imports_something_foreign",
        &["does not fit the contract", "foreign:thing/cellar"],
    );
}

#[test]
fn lies_about_its_schema() {
    is_left_out(
        "lies_about_its_schema",
        &["the input schema of tool `lies_about_its_schema` is no JSON Schema"],
    );
}

#[test]
fn names_a_tool_twice() {
    is_left_out(
        "names_a_tool_twice",
        &["it names the tool `names_a_tool_twice` twice"],
    );
}

#[test]
fn nests_json_deeply() {
    call("nests_json_deeply", "").fails("limit", &["bytes"]);
    call("nests_json_deeply", "output = \"1MiB\"")
        .fails("plugin", &["broken result", "recursion limit"]);
}

#[test]
fn opens_a_file() {
    let said = call("opens_a_file", "").succeeds(&[]);
    let tried: Vec<_> = said.text.lines().collect();
    assert_eq!(tried.len(), 5, "{}", said.text);
    assert!(
        tried.iter().all(|line| line.contains(": Err(")),
        "{}",
        said.text
    );
    assert!(!Path::new("/tmp/bulkhead-was-here").exists());
}

#[test]
fn opens_a_socket() {
    let said = call("opens_a_socket", "").succeeds(&[]);
    let tried: Vec<_> = said.text.lines().collect();
    assert_eq!(tried.len(), 4, "{}", said.text);
    // Denied, and not only that nobody listens there. A name is not looked up in another error's words.
    assert!(
        tried[..3]
            .iter()
            .all(|line| line.contains("PermissionDenied"))
            && tried[3].contains("Err("),
        "{}",
        said.text
    );
}

#[test]
fn puts_a_credential_together() {
    let guest = "puts_a_credential_together";
    let mut session = Session::start(config(guest, &Sim::small(), "", ""));
    session
        .call(guest, json!({ "fail": false }))
        .succeeds(&["told <redacted>"]);
    session
        .call(guest, json!({ "fail": true }))
        .fails("plugin", &["failed with <redacted>"]);
    let (client, _config) = session.into_parts();
    let (received, stderr) = (client.received(), client.stderr());
    assert!(received.contains("notifications/progress"), "{received}");
    for way in ["found", "printed"] {
        assert!(stderr.contains(way), "no `{way}`: {stderr}");
    }
    for bytes in [received, &stderr] {
        let line = bytes.lines().find(|line| line.contains("7710c838347A"));
        assert_eq!(line, None);
    }
}

#[test]
fn reads_the_environment() {
    call("reads_the_environment", "").succeeds(&["variables: []\narguments: []"]);
}

#[test]
fn recurses() {
    call("recurses", "").fails("plugin", &["ran out of stack", "tell its author"]);
}

#[test]
fn returns_a_gigabyte() {
    call("returns_a_gigabyte", "").fails("limit", &["64 MiB of memory", "`limits.memory`"]);
}

#[test]
fn returns_a_megabyte() {
    call("returns_a_megabyte", "").fails("limit", &["1048576 bytes", "32768", "ask for less"]);
}

#[test]
fn sleeps_past_the_deadline() {
    call(
        "sleeps_past_the_deadline",
        "wall = \"500ms\", cpu = \"500ms\"",
    )
    .fails(
        "limit",
        &[
            "`sleeps_past_the_deadline` ran out of its wall time",
            "`limits.wall`",
        ],
    );
}

#[test]
fn spins_forever() {
    call("spins_forever", "cpu = \"200ms\"").fails("limit", &["CPU time of 200ms", "`limits.cpu`"]);
}

#[test]
fn more_guests_that_spin_than_there_are_workers_do_not_starve_another_plugin() {
    let sim = Sim::small();
    // As many workers as the host makes, and one more.
    let spinning = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8)) + 1;
    let limits = format!("cpu = \"1s\", concurrent = {spinning}");
    let mut session = Session::start(config("spins_forever", &sim, &limits, ""));
    // Both components are mapped, so that what follows runs at once.
    session.lives_on();
    session.call("spins_forever", json!({})).fails("limit", &[]);
    let tool = |name: &str| json!({ "name": name, "arguments": {} });
    let spinners: Vec<_> = (0..spinning)
        .map(|_| session.begin("tools/call", tool("spins_forever")).unwrap())
        .collect();
    let ping = session.begin("tools/call", tool("ping")).unwrap();
    let first = session
        .wait(|message| message.get("result").is_some())
        .unwrap();
    assert_eq!(first["id"], ping, "{first}");
    for spinner in spinners {
        Said::of(session.answer(spinner).unwrap().unwrap()).fails("limit", &["CPU time"]);
    }
}

#[test]
fn traps() {
    call("traps", "").fails(
        "plugin",
        &["the plugin trapped in this call", "tell its author"],
    );
}

#[test]
fn traps_in_describe() {
    is_left_out("traps_in_describe", &["cannot say what it is", "trapped"]);
}

#[test]
fn tricks_with_a_path_in_a_name() {
    let sim = Sim::small();
    // Everything is granted: what stops it is the check of the names.
    let grant = "[[plugins.guest.grants]]\napi_groups = [\"*\"]\nresources = [\"*\"]\nverbs = [\"get\"]\nnamespaces = [\"*\"]\n";
    let mut session = Session::start(config("tricks_with_a_path_in_a_name", &sim, "", grant));
    session
        .call("tricks_with_a_path_in_a_name", json!({}))
        .succeeds(&["got through: []"]);
    session.lives_on();
    let objects: Vec<_> = sim
        .server
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("/namespaces/"))
        .collect();
    assert_eq!(objects, []);
}

#[test]
fn reads_the_history() {
    let guest = "reads_the_history";
    let sim = Sim::small();
    let mut session = Session::start(config(guest, &sim, "cpu = \"2s\"", ""));
    session.pods().succeeds(&["till", "oven"]);
    session.call(guest, json!({ "limit": 200 })).succeeds(&[]);
    let own = session.call(guest, json!({ "limit": 200 })).succeeds(&[
        "\"kind\":\"call\"",
        "\"kind\":\"denial\"",
        guest,
    ]);
    assert!(!own.text.contains("k8s_list"), "{}", own.text);
    assert!(!own.text.contains("[[plugins"), "{}", own.text);
    let others = json!({ "limit": 200, "tool": "k8s_list" });
    assert_eq!(session.call(guest, others).succeeds(&[]).text, "");
    let one = session.call(guest, json!({ "limit": 1 })).succeeds(&[]);
    assert_eq!(one.text.lines().count(), 1, "{}", one.text);
    for limit in [0, 201] {
        session
            .call(guest, json!({ "limit": limit }))
            .fails("invalid", &["1 to 200"]);
    }
    session.end();
}
