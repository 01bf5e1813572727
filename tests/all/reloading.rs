//! SIGHUP: the configuration is read again while the host runs, and clients hear of lists that changed.

mod changes;

use std::fs;

use bulkhead_simcluster::Fault;
use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    library::{PODS_OF_SHOP, config, library},
    session::{Said, Session, generic, generic_on},
    sim::Sim,
};

const TOOLS: &str = "notifications/tools/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const LISTEN: &str = "subscriptions/listen";

/// Writes another text in the configuration's place, but for its folders.
pub(crate) fn rewrite(config: &HostConfig, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(config.path()).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed);
    fs::write(config.path(), changed).unwrap();
}

/// Has the file read again, and waits until the host says what came of it.
pub(crate) fn reload(session: &Session, says: &str) {
    let before = session.stderr().matches(says).count();
    session.hang_up().unwrap();
    session.waits_for_log(says, before + 1);
}

const READ: &str = "the configuration was read again";
const LEFT: &str = "the configuration stays as it was";

/// `generic` offers `ping` alone.
fn only_ping(text: String) -> String {
    text.replace(
        "[plugins.generic]\n",
        "[plugins.generic]\ntools = [\"ping\"]\n",
    )
}

fn no_prompts(text: String) -> String {
    text.replace("[plugins.library]\n", "[plugins.library]\nprompts = []\n")
}

fn notification(session: &mut Session, method: &str) -> Value {
    session.wait(|message| message["method"] == method).unwrap()
}

fn session(sim: &Sim, era: Era) -> Session {
    Session::in_era(config(sim, PODS_OF_SHOP), era)
}

#[test]
fn a_client_with_a_handshake_is_told_of_the_lists_that_changed_and_of_no_other() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::LEGACY);
    assert!(session.list_tools().unwrap().len() > 1);
    rewrite(session.config(), only_ping);
    reload(&session, READ);
    notification(&mut session, TOOLS);
    let names = session.list_tools().unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
    rewrite(session.config(), no_prompts);
    reload(&session, READ);
    notification(&mut session, PROMPTS);
    assert_eq!(session.list("prompts/list").unwrap().len(), 0);
    // Whatever was sent came before the answer.
    for method in [TOOLS, RESOURCES, PROMPTS] {
        assert_eq!(session.take_notifications(method), Vec::<Value>::new());
    }
    session.end();
}

#[test]
fn a_stateless_client_is_told_of_what_it_listens_to() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::MODERN);
    let wanted = json!({ "notifications": { "promptsListChanged": true, "resourceSubscriptions": ["library://pods"] } });
    let id = session.begin(LISTEN, wanted).unwrap();
    let accepted = notification(&mut session, "notifications/subscriptions/acknowledged");
    assert_eq!(
        accepted["params"]["notifications"],
        json!({ "promptsListChanged": true })
    );
    rewrite(session.config(), |text| no_prompts(only_ping(text)));
    reload(&session, READ);
    let told = notification(&mut session, PROMPTS);
    assert_eq!(
        told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"],
        id
    );
    assert_eq!(session.list_tools().unwrap().len(), 1);
    assert_eq!(session.take_notifications(TOOLS), Vec::<Value>::new());
    // At the end it is told that there will be no more: a host that waited for it to end by itself would not get that far.
    let (client, _config) = session.into_parts();
    let (status, words) = client.last_words().unwrap();
    assert!(status.success());
    let last: Value = serde_json::from_str(words.last().unwrap()).unwrap();
    assert_eq!(last["id"], id, "{words:?}");
    assert_eq!(last["result"]["resultType"], "complete", "{words:?}");
}

#[test]
fn a_stateless_client_that_does_not_listen_is_told_nothing_and_sees_the_new_list() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::MODERN);
    assert!(session.list_tools().unwrap().len() > 1);
    rewrite(session.config(), only_ping);
    reload(&session, READ);
    assert_eq!(session.list_tools().unwrap().len(), 1);
    assert_eq!(session.take_notifications(TOOLS), Vec::<Value>::new());
    session.end();
}

#[rstest]
#[case::broken(|text: String| text + "\n[plugins.library\n", &["config.toml:", "fix: "])]
#[case::unknown_key(
    |text: String| text.replace("[plugins.library]\n", "[plugins.library]\nsorce = 1\n"),
    &["`sorce` is not a known key", "did you mean"],
)]
#[case::two_of_one_scheme(
    |text: String| {
        let twin = library("").replace("plugins.library", "plugins.twin");
        text.replace("[plugins.generic]\n", &format!("{twin}prompts = []\n[plugins.generic]\n"))
    },
    &["both have resources of the scheme `library:`"],
)]
fn a_configuration_that_is_wrong_changes_nothing(
    #[case] wrong: fn(String) -> String,
    #[case] parts: &[&str],
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let tools = session.list_tools().unwrap();
    let right = fs::read_to_string(session.config().path()).unwrap();
    rewrite(session.config(), wrong);
    reload(&session, LEFT);
    for part in parts {
        session.waits_for_log(part, 1);
    }
    assert_eq!(session.list_tools().unwrap(), tools);
    session.read_resource("library://pods").unwrap().unwrap();
    // And the next right one counts.
    rewrite(session.config(), |_| only_ping(right));
    reload(&session, READ);
    assert_eq!(session.list_tools().unwrap().len(), 1);
    session.end();
}

#[rstest]
fn grants_and_settings_are_those_of_the_new_file(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    session.read_resource("library://pods").unwrap().unwrap();
    rewrite(session.config(), |text| {
        text.replace("namespace = \"shop\"", "namespace = \"vault\"")
    });
    reload(&session, READ);
    let denied = session.read_resource("library://pods").unwrap();
    let error = denied.unwrap_err();
    assert!(error.message.starts_with("denied: "), "{error:?}");
    assert!(error.message.contains("`vault`"), "{error:?}");
    rewrite(session.config(), |text| {
        text.replace(
            "verbs = [\"get\", \"list\"]\nnamespaces = [\"shop\"]",
            "verbs = [\"get\", \"list\"]\nnamespaces = [\"vault\"]",
        )
    });
    reload(&session, READ);
    let answer = session.read_resource("library://pods").unwrap().unwrap();
    assert!(answer.to_string().contains("guard"), "{answer}");
    session.end();
}

#[test]
fn what_belongs_to_the_process_stays_and_is_named() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::LEGACY);
    let elsewhere = tempfile::tempdir().unwrap();
    rewrite(session.config(), |text| {
        let other = cluster_table(&elsewhere.path().join("kubeconfig")).unwrap();
        let same = cluster_table(&sim.kubeconfig()).unwrap();
        text.replace(&same, &format!("{other}[runtime]\nmax_calls = 2\n"))
    });
    reload(&session, READ);
    for table in ["[cluster]", "[runtime]"] {
        let said = format!("`{table}` has changed: that counts when the host is started again");
        session.waits_for_log(&said, 1);
    }
    let stderr = session.stderr();
    assert!(!stderr.contains("`[directories]` has changed"), "{stderr}");
    session.pods().succeeds(&["till"]);
    session.end();
}

#[test]
fn a_call_that_runs_ends_under_what_it_began_with() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    session.lives_on();
    // The first look at the pod is tried again after a second; what follows it is asked of the gate after the new file was read.
    let busy = Fault::Status {
        code: 429,
        retry_after: Some(1),
    };
    sim.server.fail("/pods/till", 1, busy);
    let pod = json!({ "kind": "pod", "namespace": "shop", "name": "till" });
    let describe = json!({ "name": "k8s_describe", "arguments": pod });
    let running = session.begin("tools/call", describe).unwrap();
    sim.wait_for_requests("/pods/till", 1);
    rewrite(session.config(), |text| {
        text.replace(
            "verbs = [\"get\", \"list\", \"watch\"]",
            "verbs = [\"watch\"]",
        )
    });
    reload(&session, READ);
    let later = session.call("k8s_describe", pod);
    later.fails("denied", &[]);
    let described = Said::of(session.answer(running).unwrap().unwrap());
    described.succeeds(&["till"]);
    let events = sim.requests_to("/namespaces/shop/events");
    assert_eq!(events.len(), 1, "{:?}", sim.server.requests());
    session.end();
}

#[test]
fn a_file_that_says_the_same_tells_nobody() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::LEGACY);
    session.lives_on();
    rewrite(session.config(), |text| format!("# a comment\n{text}"));
    reload(&session, "clients are offered the same as before");
    session.lives_on();
    for method in [TOOLS, RESOURCES, PROMPTS] {
        assert_eq!(session.take_notifications(method), Vec::<Value>::new());
    }
    session.end();
}

#[test]
fn a_plugin_that_comes_is_offered_and_one_that_goes_is_not() {
    let sim = Sim::small();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let alone = HostConfig::with_text(&format!("{cluster}{}", generic())).unwrap();
    let mut session = Session::start(alone);
    assert_eq!(session.list("resources/list").unwrap().len(), 0);
    let guest = library(PODS_OF_SHOP);
    let text = fs::read_to_string(session.config().path()).unwrap();
    rewrite(session.config(), |text| text + "\n" + &guest);
    reload(&session, READ);
    notification(&mut session, RESOURCES);
    assert_eq!(session.list("resources/list").unwrap().len(), 4);
    session
        .read_resource("library://pods/till")
        .unwrap()
        .unwrap();
    rewrite(session.config(), |_| text);
    reload(&session, READ);
    notification(&mut session, RESOURCES);
    let gone = session.read_resource("library://pods/till").unwrap();
    assert_eq!(gone.unwrap_err().code, -32002);
    session.end();
}
