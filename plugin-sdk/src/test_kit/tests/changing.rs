//! A change tool, through the host's own gate, dry run, approval and store.

use super::super::{Kit, Running};
use crate::changes::{self, Change, ChangeAnswer, Plan};
use crate::kubernetes::{self, Comparison, Condition, ObjectRef, ResourceType};
use crate::{Failure, Output, Plugin, Tool, Want};
use serde_json::{Value, json};

const WEB: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 7d4c1f0e-0000-4000-8000-000000000001 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'registry.example/web:1' }] }
status: { readyReplicas: 2 }
";

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Labels {
    team: String,
    #[serde(default)]
    confirm: bool,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Team {
    team: Option<String>,
}

fn web() -> ObjectRef {
    ObjectRef::in_namespace(ResourceType::new("apps", "deployments"), "shop", "web")
}

fn label(labels: Labels) -> Result<Output<ChangeAnswer>, Failure> {
    let patch = json!({ "metadata": { "labels": { "team": labels.team } } });
    let plan = Plan::new("label web").change(Change::patch_merge(web(), &patch));
    Ok(changes::run(&plan, labels.confirm)?.in_words())
}

/// Waits for what never comes.
fn label_and_wait(labels: Labels) -> Result<Output<ChangeAnswer>, Failure> {
    let patch = json!({ "metadata": { "labels": { "team": labels.team } } });
    let plan = Plan::new("label web").change(Change::patch_merge(web(), &patch));
    let answer = changes::run(&plan, labels.confirm)?;
    let never = Condition::Exists("status.never".to_owned());
    let waited = changes::until(&web(), &never, "it never comes");
    Ok(answer.waited(waited).in_words())
}

/// While two of its replicas are ready.
fn report_plan() -> Plan {
    let patch = json!({ "observedGeneration": 7 });
    let expected = vec![Comparison {
        at: "status.readyReplicas".to_owned(),
        value: "2".to_owned(),
    }];
    Plan::new("report on web").change(Change::patch_status(web(), &patch, expected))
}

fn report(_: Nothing) -> Result<Output<ChangeAnswer>, Failure> {
    Ok(changes::run(&report_plan(), true)?.in_words())
}

/// The token of a proposal, as a tool would keep it.
#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
struct Token {
    token: String,
}

fn propose_report(_: Nothing) -> Result<Token, Failure> {
    let token = changes::prepare(&report_plan())?.token;
    Ok(Token { token })
}

fn apply_report(of: Token) -> Result<Token, Failure> {
    let report = changes::apply(&of.token)?;
    let steps = report.steps.iter();
    let said = steps.map(|step| step.done.as_deref().unwrap_or_else(Failure::message));
    let token = said.collect();
    Ok(Token { token })
}

fn team(_: Nothing) -> Result<Team, Failure> {
    let (team,) = kubernetes::get_fields(&web(), &["metadata.labels.team"])?;
    Ok(Team { team })
}

fn describe() -> Plugin {
    let verbs = ["get", "watch", "patch"];
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .wants(Want::cluster(
            &["apps"],
            &["deployments", "deployments/status"],
            &verbs,
            "To test.",
        ))
        .tool(Tool::change("label", "Labels the Deployment.", label))
        .tool(Tool::change("label_and_wait", "Waits too.", label_and_wait))
        .tool(Tool::change("report", "Writes the status.", report))
        .tool(Tool::change(
            "propose_report",
            "Only proposes.",
            propose_report,
        ))
        .tool(Tool::change("apply_report", "Applies.", apply_report))
        .tool(Tool::read(
            "label_in_passing",
            "Says that it only reads.",
            label,
        ))
        .tool(Tool::read("team", "Reads the label.", team))
}

const PATCH: &str = r#"api_groups = ["apps"], resources = ["deployments"], verbs = ["get", "watch", "patch"], namespaces = ["shop"]"#;

const STATUS: &str = r#"api_groups = ["apps"], resources = ["deployments/status"], verbs = ["patch"], namespaces = ["shop"]"#;

fn kit() -> Kit {
    Kit::from_manifests(WEB).grant(PATCH)
}

fn team_of(test: &Running) -> Value {
    let answer = test.call("team", json!({})).expect("it is granted");
    answer.structured.expect("it has a value")["team"].take()
}

fn confirmed(test: &Running) -> Result<Value, Failure> {
    let answer = test.call("label", json!({ "team": "till", "confirm": true }))?;
    Ok(answer.structured.expect("a change has a value"))
}

#[test]
fn without_confirmation_a_change_is_proposed_and_nothing_has_changed() {
    let test = kit().approving().run(describe);
    let answer = test
        .call("label", json!({ "team": "till" }))
        .expect("it is granted");
    let structured = answer.structured.expect("a change has a value");
    assert_eq!(structured["state"], "proposed");
    assert!(
        answer.text.contains("metadata.labels.team"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("bulkhead approve"), "{}", answer.text);
    assert_eq!(team_of(&test), Value::Null);
    assert!(test.cluster().changing_requests().is_empty());
}

#[test]
fn what_is_confirmed_and_approved_is_applied() {
    let test = kit().approving().run(describe);
    let answer = confirmed(&test).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    assert_eq!(answer["steps"][0]["done"], true);
    assert_eq!(team_of(&test), "till");
}

#[test]
fn what_is_confirmed_and_approved_by_nobody_waits_for_a_person() {
    let test = kit().run(describe);
    let failure = confirmed(&test).expect_err("nobody is there");
    assert!(matches!(&failure, Failure::NeedsApproval(_)), "{failure}");
    assert!(
        failure.message().contains("c-"),
        "it names the change: {failure}"
    );
    assert_eq!(team_of(&test), Value::Null);
}

#[test]
fn a_tool_that_reads_cannot_propose() {
    let test = kit().approving().run(describe);
    let failure = test.call("label_in_passing", json!({ "team": "till" }));
    let failure = failure.expect_err("it only reads");
    assert!(matches!(&failure, Failure::Denied(_)), "{failure}");
}

#[test]
fn a_status_is_patched_by_its_own_right_alone_and_is_of_high_risk() {
    let test = kit().approving().run(describe);
    let failure = test.call("report", json!({}));
    let failure = failure.expect_err("the right to patch the object is not enough");
    assert!(matches!(&failure, Failure::Denied(_)), "{failure}");
    assert!(test.cluster().changing_requests().is_empty());

    let test = kit().grant(STATUS).approving().run(describe);
    let answer = test.call("report", json!({})).expect("it is approved");
    let answer = answer.structured.expect("a change has a value");
    assert_eq!(
        (&answer["state"], &answer["risk"]),
        (&json!("applied"), &json!("high"))
    );
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    assert_eq!(diff, "+ status.observedGeneration: 7");
    let next = answer["next"].as_str().expect("a text");
    assert_eq!(
        next,
        "tell the user what came of it; it cannot be taken back"
    );
}

/// Proposes a report, changes the cluster, and applies the proposal, which a person approves. Gives what came of its one step.
fn reported_after(change: impl FnOnce(&mut bulkhead_simcluster::Cluster)) -> (String, usize) {
    let test = kit().grant(STATUS).approving().run(describe);
    let token = test
        .call("propose_report", json!({}))
        .expect("it holds yet");
    test.cluster().change(change);
    let token = token.structured.expect("it has a value");
    let report = test.call("apply_report", token).expect("it is approved");
    let report = report.structured.expect("it has a value");
    let said = report["token"].as_str().expect("a text").to_owned();
    (said, test.cluster().changing_requests().len())
}

#[test]
fn a_status_is_patched_only_while_what_was_expected_stands() {
    let (said, sent) = reported_after(|_| {});
    assert!(said.starts_with("as shown"), "{said}");
    assert_eq!(sent, 1);
    // What the patch sets is untouched, so that only the expectation tells.
    let one_is_ready = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "web" } } },
        "status": { "readyReplicas": 1 },
    });
    let (said, sent) = reported_after(|cluster| {
        cluster.insert(one_is_ready).expect("it was there before");
    });
    assert!(said.contains("nothing was sent"), "{said}");
    assert!(said.contains("`status.readyReplicas` is not"), "{said}");
    assert_eq!(sent, 0);
}

#[test]
fn what_does_not_stand_there_to_begin_with_is_not_proposed() {
    let web = WEB.replace("readyReplicas: 2", "readyReplicas: 1");
    let test = Kit::from_manifests(&web)
        .grant(PATCH)
        .grant(STATUS)
        .run(describe);
    let failure = test.call("propose_report", json!({}));
    let failure = failure.expect_err("one of two is ready");
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
}

#[test]
fn where_the_wall_time_ends_the_wait_the_change_is_told_as_applied() {
    let test = kit().approving().limits("wall = \"5s\"").run(describe);
    let labels = json!({ "team": "till", "confirm": true });
    let answer = test.call("label_and_wait", labels);
    let answer = answer.expect("time is kept for the answer");
    assert!(answer.text.contains("is applied"), "{}", answer.text);
    assert!(
        answer.text.contains("waited: not yet: the time is over"),
        "{}",
        answer.text
    );
    assert_eq!(team_of(&test), "till");
}
