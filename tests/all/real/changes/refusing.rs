//! What never reaches the cluster: everything that nobody approved, and everything that nobody could.

use bulkhead_tests::{
    approver::Approver,
    host_config::READ_EVERYTHING,
    real_cluster::{Change, RealCluster, User},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Setup, Shop, confirmed, id_in, scale_to};
use crate::session::{Ran, bulkhead};

/// Arguments by which a change tool has something to propose in [`Stage`]. A tool that is not here fails the test.
fn arguments(tool: &str, stage: &Stage) -> Value {
    match tool {
        "k8s_apply" => {
            json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {a: b}}" })
        }
        "k8s_patch" => scale_to(4),
        "k8s_delete" | "k8s_rollout_undo" => json!({ "kind": "deployment", "name": "web" }),
        "k8s_cordon" => json!({ "name": stage.open_node }),
        "k8s_uncordon" => json!({ "name": stage.cordoned_node }),
        "k8s_drain" => json!({ "name": stage.open_node, "force": true }),
        other => panic!("say here by which arguments `{other}` has something to propose"),
    }
}

/// A namespace with a Deployment of two revisions, and two nodes that nobody else uses.
struct Stage {
    shop: Shop,
    open_node: String,
    cordoned_node: String,
}

impl Stage {
    fn set() -> Self {
        let cluster = RealCluster::with_nodes().unwrap();
        let shop = Setup {
            cluster,
            tables: "[changes]\nmax_open = 100\n",
            ..Setup::usual()
        }
        .open();
        shop.make_web();
        shop.kubectl("set image deployment/web web=registry.example/web:2");
        shop.kubectl("rollout status deployment/web --timeout=240s");
        let [open_node, cordoned_node] =
            ["open", "cordoned"].map(|word| format!("{word}-{}", shop.namespace));
        for node in [&open_node, &cordoned_node] {
            let cordoned = *node == cordoned_node;
            cluster
                .apply(&format!(
                    "
apiVersion: v1
kind: Node
metadata: {{name: {node}}}
spec: {{unschedulable: {cordoned}, taints: [{{key: of, value: {node}, effect: NoSchedule}}]}}
"
                ))
                .unwrap();
        }
        shop.make(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{name: guest}}
spec:
  nodeName: {open_node}
  containers: [{{name: guest, image: 'registry.example/guest:1'}}]
"
        ));
        Self {
            shop,
            open_node,
            cordoned_node,
        }
    }

    /// Every change so far of the namespace and of the nodes.
    fn changes(&self) -> Vec<Change> {
        let mut changes = self.shop.changes();
        let of_nodes = self.shop.cluster.changes_by(User::Admin).unwrap();
        changes.extend(of_nodes.into_iter().filter(|change| {
            let name = change.name.as_deref();
            change.namespace.is_none()
                && (name == Some(&self.open_node) || name == Some(&self.cordoned_node))
        }));
        changes
    }
}

#[test]
fn no_change_tool_sends_anything_before_a_person_has_approved() {
    let mut stage = Stage::set();
    let tools = stage.shop.client.list_tools().unwrap();
    let tools: Vec<String> = tools
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == false)
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .filter(|name| !name.starts_with("change_"))
        .collect();
    assert!(tools.len() >= 7, "{tools:?}");
    let prepared = stage.changes();
    for tool in tools {
        let arguments = arguments(&tool, &stage);
        let id = stage.shop.propose(&tool, arguments.clone());
        stage
            .shop
            .call(&tool, confirmed(arguments))
            .fails("needs-approval", &["bulkhead approve c-"]);
        stage.shop.apply(&id).fails("needs-approval", &[&id]);
        stage
            .shop
            .call("change_rollback", json!({ "id": id }))
            .fails("conflict", &["nothing to take back"]);
        assert_eq!(stage.changes(), prepared, "{tool}");
    }
    stage.shop.verified();
}

#[rstest]
#[case(&["approve"])]
#[case(&["decline", "--why", "no"])]
fn without_a_terminal_nobody_decides(#[case] command: &[&str]) {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(4));
    let ran = Ran::of(
        bulkhead(shop.config.folder())
            .args(command)
            .arg(&id)
            .arg("--key")
            .arg(Approver::shared().unwrap().key())
            .arg("--config")
            .arg(shop.config.path()),
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("needs a terminal"), "{ran:?}");
    shop.apply(&id).fails("needs-approval", &[]);
}

#[test]
fn without_an_approver_a_proposal_says_how_to_make_one() {
    let mut shop = Setup {
        approval: Some("[approval]\nwait = \"0s\"\n"),
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.call("k8s_patch", scale_to(4))
        .fails("denied", &["names no approver", "bulkhead approver init"]);
}

#[test]
fn the_key_of_somebody_else_decides_nothing() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(4));
    let shown = Approver::new().unwrap().approve(&shop.config, &id).unwrap();
    assert_eq!(shown.code, 1, "{}", shown.text);
    assert!(
        shown
            .text
            .contains("your key is none of `approval.approvers`"),
        "{}",
        shown.text
    );
    shop.apply(&id).fails("needs-approval", &[]);
}

#[test]
fn a_configuration_that_only_reads_lists_no_tool_that_changes() {
    let mut shop = Setup {
        grants: READ_EVERYTHING,
        ..Setup::usual()
    }
    .open();
    for tool in shop.client.list_tools().unwrap() {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert!(
            !tool["name"].as_str().unwrap().starts_with("change_"),
            "{tool}"
        );
    }
    let params = json!({ "name": "change_apply", "arguments": { "id": "c-0000000000" } });
    assert!(shop.client.request("tools/call", params).unwrap().is_err());
}

#[rstest]
#[case::no_such_change("change_apply", json!({ "id": "c-0000000000" }), "not-found")]
#[case::an_empty_id("change_apply", json!({ "id": "" }), "not-found")]
#[case::a_statement("change_apply", json!({ "id": "' OR 1=1 --" }), "not-found")]
#[case::escape_codes("change_status", json!({ "id": "\u{1b}[2J\u{202e}" }), "not-found")]
#[case::a_way_back_of_nothing("change_rollback", json!({ "id": "c-0000000000" }), "not-found")]
#[case::a_mask_sent_back("k8s_patch", json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": { "metadata": { "annotations": { "a": "(masked: 3 characters, #00000000)" } } } }), "invalid")]
#[case::another_name("k8s_patch", json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": { "metadata": { "name": "other" } } }), "invalid")]
#[case::a_field_that_is_none("k8s_patch", json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": { "spec": { "replica": 4 } } }), "invalid")]
#[case::nothing_to_change("k8s_patch", json!({ "kind": "deployment", "name": "web", "operation": "scale", "replicas": 3 }), "invalid")]
#[case::no_such_object("k8s_delete", json!({ "kind": "deployment", "name": "no-such" }), "not-found")]
#[case::a_name_with_a_path("k8s_delete", json!({ "kind": "deployment", "name": "../web" }), "invalid")]
#[case::a_generated_name("k8s_apply", json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}" }), "invalid")]
fn bad_input_is_named_and_changes_nothing(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] kind: &str,
) {
    let mut shop = Shop::open();
    shop.make_web();
    let prepared = shop.changes();
    let said = shop.call(tool, arguments).fails(kind, &[]);
    assert!(!said.text.contains(['\u{1b}', '\u{202e}']), "{}", said.text);
    assert_eq!(shop.changes(), prepared);
}

#[rstest]
#[case(json!({}))]
#[case(json!({ "id": 1 }))]
#[case(json!({ "id": "c-0000000000", "approved": true }))]
#[case(json!({ "id": "c-0000000000", "token": "t" }))]
#[case(json!({ "id": "a".repeat(65) }))]
fn arguments_that_change_apply_does_not_know_are_refused(#[case] arguments: Value) {
    let mut shop = Shop::open();
    let params = json!({ "name": "change_apply", "arguments": arguments });
    match shop.client.request("tools/call", params).unwrap() {
        Err(error) => assert_eq!(error.code, -32602, "{error:?}"),
        Ok(result) => {
            crate::session::Said::of(result).fails("invalid", &[]);
        }
    }
}

#[test]
fn no_answer_to_a_client_holds_what_approves() {
    let mut shop = Shop::open();
    shop.make_web();
    let said = shop
        .call("k8s_patch", confirmed(scale_to(4)))
        .fails("needs-approval", &[]);
    let id = id_in(&said.text);
    shop.approve(&id);
    let decision = shop.stored("SELECT document FROM decisions WHERE proposal = ?1", &id);
    let decision: Value = serde_json::from_str(&decision).unwrap();
    let signature = decision["signature"].as_str().unwrap().to_owned();
    shop.comes_to(&id, "applied");
    shop.call("change_status", json!({ "id": id }))
        .succeeds(&["applied"]);
    shop.call("change_history", json!({})).succeeds(&[&id]);
    let token = shop.stored("SELECT token FROM proposals WHERE id = ?1", &id);
    for secret in [&signature, &token] {
        assert!(!shop.client.received().contains(secret), "{secret}");
    }
}
