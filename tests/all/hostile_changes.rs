//! The hostile guests that are about changes: what they propose harms nothing, whoever reads or approves it is not misled, and
//! nothing that redaction covers comes out by proposing.
//!
//! A guest without a test of its name here does not compile.

mod judged;
mod reading;

use std::fmt::Write as _;

use bulkhead_tests::{
    approver::Approver,
    foreach_guest_of_changes,
    host_config::HostConfig,
    mcp_client::{Era, Says},
    terminal::Terminal,
};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    hostile,
    session::{Ran, Said, Session, bulkhead},
    sim::Sim,
};
use judged::*;
use reading::*;

macro_rules! has_a_test {
    ($name:ident) => {
        const _: fn() = $name;
    };
}
foreach_guest_of_changes!(has_a_test);

/// May patch pods of `shop`, beside reading them.
const PATCH_PODS: &str = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["patch"]
namespaces = ["shop"]
"#;

/// Everything that a grant can give, Secrets too.
const EVERYTHING: &str = r#"
[[plugins.guest.grants]]
api_groups = ["*"]
resources = ["*", "secrets", "configmaps"]
verbs = ["get", "list", "watch", "create", "patch", "delete"]
namespaces = ["*"]

[[plugins.guest.grants]]
api_groups = ["*"]
resources = ["*"]
verbs = ["get", "list", "create", "patch", "delete"]
scope = "cluster"
"#;

/// A guest with these grants, and a person who can approve at a terminal.
fn config(guest: &str, sim: &Sim, grants: &str) -> HostConfig {
    let approver = Approver::shared().unwrap().table();
    let quiet = "cpu = \"20s\", output = \"1MiB\"";
    hostile::config(guest, sim, quiet, &format!("{grants}\n{approver}"))
}

/// Calls a guest's one tool once; nothing is changed by that.
fn call(guest: &str, sim: &Sim, grants: &str, arguments: Value) -> (Said, Session) {
    let mut session = Session::start(config(guest, sim, grants));
    let said = session.call(guest, arguments);
    session.lives_on();
    assert_eq!(sim.changes(), []);
    (said, session)
}

/// What every line of an answer says: each thing that was tried was refused as one of these.
fn all_refused(text: &str, kinds: &[&str]) {
    let lines: Vec<&str> = text.lines().collect();
    assert!(!lines.is_empty());
    for line in lines {
        let refused = |kind: &&str| line.contains(&format!("Err({kind}("));
        assert!(kinds.iter().any(refused), "{line}");
    }
}

/// The requests that came for objects, dry ones too, as `PATCH /api/…`.
fn requests_for_objects(sim: &Sim) -> Vec<String> {
    let requests = sim.server.requests().into_iter();
    requests
        .filter(|request| {
            request.path.contains("/namespaces/") && !request.path.ends_with("/kube-system")
        })
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

/// The id of the change that an answer is about.
fn id_in(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let id = words
        .into_iter()
        .find(|word| word.len() == 12 && word.starts_with("c-"));
    id.unwrap_or_else(|| panic!("no id in: {text}")).to_owned()
}

/// What `bulkhead approve` shows; the person leaves it at that.
fn drawing(session: &Session, id: &str) -> String {
    let (config, key) = (session.config().path(), Approver::shared().unwrap().key());
    let arguments = [
        "approve".as_ref(),
        id.as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
        "--key".as_ref(),
        key.as_os_str(),
    ];
    let mut terminal = Terminal::bulkhead(session.config().folder(), &arguments).unwrap();
    assert!(terminal.shows("passphrase of ").unwrap());
    terminal.types("").unwrap();
    let shown = terminal.end().unwrap().text;
    assert!(
        shown.contains("a decision is about exactly this digest"),
        "{shown}"
    );
    shown
}

/// The person approves it.
fn approve(session: &Session, id: &str) {
    let shown = Approver::shared()
        .unwrap()
        .approve(session.config(), id)
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
}

/// What `bulkhead approvals` prints, with more arguments.
fn approvals(session: &Session, more: &[&str]) -> String {
    let config = session.config();
    let mut command = bulkhead(config.folder());
    let ran = Ran::of(
        command
            .arg("approvals")
            .args(more)
            .arg("--config")
            .arg(config.path()),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout
}

/// A column of a proposal, from the store.
fn column(session: &Session, column: &str, id: &str) -> String {
    let database = Connection::open(session.config().state().join("bulkhead.db")).unwrap();
    let query = format!("SELECT {column} FROM proposals WHERE id = ?1");
    database.query_one(&query, [id], |row| row.get(0)).unwrap()
}

#[test]
fn proposes_in_a_read_tool() {
    let sim = Sim::small().may_change();
    let known = json!({ "token": "0".repeat(26), "id": "c-0000000000" });
    let (said, _) = call("proposes_in_a_read_tool", &sim, PATCH_PODS, known);
    let said = said.succeeds(&["says that it only reads"]);
    all_refused(&said.text, &["Denied"]);
    assert_eq!(requests_for_objects(&sim), [] as [&str; 0]);
}

#[test]
fn proposes_outside_its_grant() {
    let sim = Sim::small().may_change();
    let (said, session) = call("proposes_outside_its_grant", &sim, PATCH_PODS, json!({}));
    let said = said.succeeds(&[]);
    assert_eq!(said.text.lines().count(), 12, "{}", said.text);
    all_refused(&said.text, &["Denied", "Invalid"]);
    // Of the granted change before it something is read and run dry; of the others nothing is even read.
    let requests = requests_for_objects(&sim);
    assert!(
        requests
            .iter()
            .all(|request| request.ends_with("/shop/pods/till")),
        "{requests:?}"
    );
    assert!(!said.text.contains("[[plugins"), "{}", said.text);
    let stderr = session.stderr();
    assert!(stderr.contains("verbs = [\"delete\"]"), "{stderr}");
}

#[test]
fn hides_a_change_in_a_long_plan() {
    let sim = Sim::small().may_change();
    let grants = "[[plugins.guest.grants]]\napi_groups = [\"\"]\nresources = [\"pods\", \"configmaps\"]\nverbs = [\"create\", \"delete\"]\nnamespaces = [\"shop\"]\n";
    let (said, session) = call("hides_a_change_in_a_long_plan", &sim, grants, json!({}));
    // The model's answer names every object too, however long their diffs.
    let said = said.succeeds(&[
        "nothing has changed yet",
        "delete pods/oven in namespace shop",
    ]);
    let drawing = drawing(&session, &id_in(&said.text));
    for number in 0..40 {
        let target = format!("create configmaps/filler-{number} in namespace shop\n");
        assert!(drawing.contains(&target), "no {target}");
    }
    assert!(
        drawing.contains("step 28 of 41: delete pods/oven in namespace shop"),
        "{drawing}"
    );
    // The reasons come before the steps, so what is grave is above what is long.
    let (first, last) = (drawing.find("delete"), drawing.find("filler-0 "));
    assert!(first < last, "{drawing}");
    assert_eq!(
        drawing.matches(&"x".repeat(60)).count(),
        80,
        "shown as sent and as it comes out"
    );
}

#[test]
fn steers_the_terminal() {
    let sim = Sim::small().may_change();
    let (said, mut session) = call("steers_the_terminal", &sim, PATCH_PODS, json!({}));
    let id = id_in(&said.succeeds(&["nothing has changed yet"]).text);
    let drawing = drawing(&session, &id);
    let status = session
        .call("change_status", json!({ "id": id }))
        .succeeds(&["risk      LOW"]);
    let history = session.call("change_history", json!({})).succeeds(&[&id]);
    let listed = approvals(&session, &[]);
    let as_json = approvals(&session, &["--json"]);
    let steers = [
        '\u{1b}', '\u{7}', '\u{8}', '\u{9b}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{2028}',
    ];
    for text in [&drawing, &listed, &as_json] {
        assert!(text.contains("guest") || text.contains(&id), "{text}");
        assert!(!text.contains(steers), "{text:?}");
    }
    // Its own frame stands in no line's beginning.
    assert!(
        !drawing.lines().any(|line| line.starts_with("└ risk")),
        "{drawing}"
    );
    assert!(
        drawing.contains("the plugin claims") && drawing.contains("the caller claims"),
        "{drawing}"
    );
    // A plugin's own answer says what it likes; the host's tools do not repeat it.
    for said in [status, history] {
        assert!(!said.text.contains(steers), "{:?}", said.text);
    }
}

#[test]
fn proposes_ten_thousand_changes() {
    let sim = Sim::small().may_change();
    let (said, _) = call("proposes_ten_thousand_changes", &sim, PATCH_PODS, json!({}));
    said.fails("limit", &["10000 changes", "50", "`changes.max_changes`"]);
    // Nothing was asked of the cluster, not even what it serves.
    assert_eq!(sim.server.requests(), []);
}

#[test]
fn applies_another_plugins_token() {
    let guest = "applies_another_plugins_token";
    let sim = Sim::small().may_change();
    let grants = PATCH_PODS.to_owned() + &PATCH_PODS.replace("guest", "generic");
    let mut session = Session::start(config(guest, &sim, &grants));
    let note = json!({ "metadata": { "annotations": { "a": "b" } } });
    let patch = json!({ "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch", "patch": note });
    let id = id_in(&session.call("k8s_patch", patch).succeeds(&[]).text);
    approve(&session, &id);
    let [token, digest] = ["token", "digest"].map(|column| self::column(&session, column, &id));
    let known = [
        token,
        digest,
        id.clone(),
        id.to_uppercase(),
        String::new(),
        "' OR 1=1 --".to_owned(),
    ];
    let said = session.call(guest, json!({ "known": known })).succeeds(&[]);
    all_refused(&said.text, &["NotFound", "Denied", "Conflict"]);
    assert!(!said.text.contains("apply: Err(Conflict"), "{}", said.text);
    assert_eq!(sim.changes(), []);
    // The approval is as good as before, for the plugin that it was given to.
    session
        .call("change_apply", json!({ "id": id }))
        .succeeds(&["applied"]);
    assert_eq!(sim.changes().len(), 1);
}

#[test]
fn sends_another_plan_on_the_retry() {
    let guest = "sends_another_plan_on_the_retry";
    let sim = Sim::small().may_change();
    let mut session = Session::start(config(guest, &sim, PATCH_PODS));
    let confirmed = || json!({ "confirm": true });
    let said = session
        .call(guest, confirmed())
        .fails("needs-approval", &[]);
    let id = id_in(&said.text);
    assert!(drawing(&session, &id).contains("harmless"));
    approve(&session, &id);
    let mut oven = crate::sim::pod("shop", "oven", "oven");
    oven["metadata"]["annotations"] = json!({ "signal": "now" });
    sim.server.change(|cluster| cluster.insert(oven).unwrap());
    let said = session
        .call(guest, confirmed())
        .fails("needs-approval", &[]);
    let other = id_in(&said.text);
    assert_ne!(other, id);
    assert!(drawing(&session, &other).contains("evil"));
    assert_eq!(sim.changes(), []);
    // What the person approved was replaced by the same call, so nothing of it is left to apply either.
    session
        .call("change_apply", json!({ "id": other }))
        .fails("needs-approval", &[]);
    session
        .call("change_apply", json!({ "id": id }))
        .fails("conflict", &[]);
    assert_eq!(sim.changes(), []);
}

/// A guest whose host may ask the client about whatever it does, with a person who says yes.
fn with_a_yes(guest: &str, sim: &Sim, grants: &str) -> Session {
    let mut rules = grants.to_owned();
    write!(
        rules,
        "\n[[approval.rules]]\nplugins = [\"guest\"]\nchannel = \"elicitation\"\n"
    )
    .unwrap();
    let mut session = Session::silent(config(guest, sim, &rules), Era::MODERN, &[]);
    session.has_person();
    session.handshake().unwrap();
    session.person_says(Says::Yes);
    session
}
