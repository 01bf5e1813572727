//! What never reaches the cluster: everything that nobody approved, and everything that nobody could.

use std::{fmt::Write as _, fs};

use bulkhead_tests::{
    approver::Approver,
    host_config::READ_EVERYTHING,
    real_cluster::{Change, RealCluster, User},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{EVERYTHING, Setup, Shop, confirmed, id_in, scale_to};
use crate::session::{Ran, bulkhead};

/// Arguments by which a change tool has something to propose in [`Stage`]. A tool that is not here fails the test.
fn arguments(tool: &str, stage: &Stage) -> Value {
    let web = || json!({ "kind": "deployment", "name": "web" });
    let mut arguments = web();
    match tool {
        "k8s_apply" => {
            return json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {a: b}}" });
        }
        "k8s_patch" => arguments = scale_to(4),
        "k8s_delete" | "k8s_rollout_undo" => {}
        "k8s_cordon" => return json!({ "name": stage.open_node }),
        "k8s_uncordon" => return json!({ "name": stage.cordoned_node }),
        "k8s_drain" => return json!({ "name": stage.open_node, "force": true }),
        other => panic!("say here by which arguments `{other}` has something to propose"),
    }
    arguments
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
        shop.kubectl("rollout status deployment/web --timeout=60s");
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

/// What the shipped policy blocks; `NAMESPACE` is the test's own.
#[rstest]
#[case::of_a_protected_namespace(
    "k8s_patch",
    json!({ "kind": "configmap", "namespace": "kube-system", "name": "settings", "operation": "patch", "patch": { "data": { "a": "b" } } }),
    "kube-system"
)]
#[case::a_new_object_in_a_protected_namespace(
    "k8s_apply",
    json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}", "namespace": "kube-public" }),
    "kube-public"
)]
#[case::a_namespace("k8s_delete", json!({ "kind": "namespace", "name": "NAMESPACE" }), "namespace")]
#[case::a_volume("k8s_delete", json!({ "kind": "persistentvolume", "name": "volume-NAMESPACE" }), "persistentvolumes")]
#[case::a_definition("k8s_delete", json!({ "kind": "crd", "name": "tills.NAMESPACE.example" }), "customresourcedefinitions")]
#[case::ten_times_as_many("k8s_patch", scale_to(30), "500")]
fn what_the_policy_blocks_is_not_even_proposed(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] why: &str,
) {
    let mut shop = Shop::open();
    shop.make_web();
    let namespace = shop.namespace.clone();
    shop.cluster.apply(&blocked(&namespace)).unwrap();
    let arguments = arguments.to_string().replace("NAMESPACE", &namespace);
    let prepared = shop.changes();
    let said = shop.call(tool, serde_json::from_str(&arguments).unwrap());
    said.fails(
        "denied",
        &["the plan cannot be approved", why, "do not try other ways"],
    );
    assert_eq!(shop.changes(), prepared);
    shop.call("change_status", json!({}))
        .succeeds(&["no changes"]);
    // Denials are written in batches, and at the end of the host.
    let denials = shop.restart(|_| ()).bulkhead("denials");
    assert!(denials.stdout.contains("cannot be approved"), "{denials:?}");
}

/// An object of a protected namespace, and objects of the cluster whose deletion is blocked.
fn blocked(namespace: &str) -> String {
    format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: kube-system}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: volume-{namespace}}}
spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], hostPath: {{path: /nowhere}}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: tills.{namespace}.example}}
spec:
  group: {namespace}.example
  scope: Namespaced
  names: {{plural: tills, kind: Till}}
  versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
"
    )
}

const READ: &str = r#"
[[plugins.generic.grants]]
api_groups = ["", "apps"]
resources = ["deployments", "configmaps"]
verbs = ["get", "list"]
namespaces = ["*"]
"#;

fn granted(shop: &str) -> Shop {
    Setup {
        grants: &format!("{READ}\n[[plugins.generic.grants]]\n{shop}"),
        ..Setup::usual()
    }
    .open()
}

#[test]
fn a_verb_that_no_grant_has_is_denied_with_the_grant_that_is_missing() {
    let mut shop = granted(
        "api_groups = [\"apps\"]\nresources = [\"deployments\"]\nverbs = [\"patch\"]\nnamespaces = [\"*\"]\n",
    );
    shop.make_web();
    let delete = json!({ "kind": "deployment", "name": "web" });
    shop.call("k8s_delete", delete)
        .fails("denied", &["delete", "deployments.apps"]);
    shop.call("k8s_patch", scale_to(4))
        .fails("denied", &["deployments/scale"]);
    let denials = shop.restart(|_| ()).bulkhead("denials");
    assert!(
        denials.stdout.contains("verbs = [\"delete\"]"),
        "{denials:?}"
    );
}

#[test]
fn another_namespace_than_the_granted_one_is_denied() {
    let mut shop = granted(
        "api_groups = [\"\"]\nresources = [\"configmaps\"]\nverbs = [\"create\", \"patch\"]\nnamespaces = [\"elsewhere\"]\n",
    );
    let manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}";
    shop.call("k8s_apply", json!({ "manifest": manifest }))
        .fails("denied", &["configmaps"]);
}

#[test]
fn a_patch_sets_only_the_fields_of_its_grant() {
    let mut shop = granted(
        "api_groups = [\"apps\"]\nresources = [\"deployments\"]\nverbs = [\"patch\"]\nnamespaces = [\"*\"]\n\
         fields = [\"metadata.labels\", \"spec.replicas\"]\n",
    );
    shop.make_web();
    let patch = |patch: Value| json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": patch });
    shop.propose(
        "k8s_patch",
        patch(json!({ "metadata": { "labels": { "team": "shop" } } })),
    );
    for outside in [
        json!({ "spec": { "paused": true } }),
        json!({ "metadata": { "labels": { "team": "shop" }, "annotations": { "a": "b" } } }),
        json!({ "spec": { "replicas": 4, "minReadySeconds": 9 } }),
    ] {
        shop.call("k8s_patch", patch(outside))
            .fails("denied", &["no grant covers"]);
    }
}

#[test]
fn an_object_must_have_the_labels_of_the_grant_before_and_after() {
    let mut shop = granted(
        "api_groups = [\"\"]\nresources = [\"configmaps\"]\nverbs = [\"create\", \"patch\", \"delete\"]\nnamespaces = [\"*\"]\n\
         label_selector = \"team=shop\"\n",
    );
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: ours, labels: {team: shop}}}");
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, labels: {team: bank}}}");
    let patch = |name: &str, patch: Value| json!({ "kind": "configmap", "name": name, "operation": "patch", "patch": patch });
    let data = json!({ "data": { "a": "b" } });
    shop.propose("k8s_patch", patch("ours", data.clone()));
    shop.call(
        "k8s_patch",
        patch(
            "ours",
            json!({ "metadata": { "labels": { "team": "bank" } } }),
        ),
    )
    .fails("denied", &["label"]);
    shop.call(
        "k8s_patch",
        patch("ours", json!({ "metadata": { "labels": null } })),
    )
    .fails("denied", &["label"]);
    // It looks like one that is not there, also to who would take it over.
    shop.call("k8s_patch", patch("theirs", data))
        .fails("not-found", &[]);
    shop.call(
        "k8s_patch",
        patch(
            "theirs",
            json!({ "metadata": { "labels": { "team": "shop" } } }),
        ),
    )
    .fails("not-found", &[]);
    shop.call(
        "k8s_delete",
        json!({ "kind": "configmap", "name": "theirs" }),
    )
    .fails("not-found", &[]);
    let new = |team: &str| json!({ "manifest": format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: new, labels: {{team: {team}}}}}}}") });
    shop.call("k8s_apply", new("bank"))
        .fails("denied", &["label"]);
    shop.propose("k8s_apply", new("shop"));
}

#[test]
fn a_pod_that_refers_to_a_secret_needs_the_verb_use_on_it() {
    let grants = EVERYTHING.replace(", \"use\"", "");
    let mut shop = Setup {
        grants: &grants,
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    let env = json!({ "spec": { "template": { "spec": { "containers": [{
        "name": "web", "image": "registry.example/web:1",
        "env": [{ "name": "PIN", "valueFrom": { "secretKeyRef": { "name": "till", "key": "pin" } } }],
    }] } } } });
    let patch = json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": env });
    shop.call("k8s_patch", patch.clone())
        .fails("denied", &["use", "secrets", "till"]);
    let one = format!(
        "{grants}\n[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"use\"]\n\
         namespaces = [\"*\"]\nnames = [\"till\"]\n"
    );
    let mut shop = Setup {
        grants: &one,
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.propose("k8s_patch", patch);
}

#[test]
fn open_proposals_are_bounded() {
    let mut shop = Setup {
        tables: "[changes]\nmax_open = 2\n",
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.propose("k8s_patch", scale_to(4));
    let second = shop.propose("k8s_patch", scale_to(5));
    shop.call("k8s_patch", scale_to(6)).fails("limit", &["2"]);
    // The same call still finds its own.
    assert_eq!(shop.propose("k8s_patch", scale_to(5)), second);
    let shown = Approver::shared()
        .unwrap()
        .decline(&shop.config, &second, "too many")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    shop.propose("k8s_patch", scale_to(6));
}

#[test]
fn what_a_person_declined_is_not_asked_again_for_a_while() {
    let mut shop = Shop::open();
    shop.make_web();
    let said = shop
        .call("k8s_patch", confirmed(scale_to(4)))
        .fails("needs-approval", &[]);
    let id = id_in(&said.text);
    let shown = Approver::shared()
        .unwrap()
        .decline(&shop.config, &id, "not on a Sunday")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    shop.apply(&id).fails("declined", &["not on a Sunday", &id]);
    shop.call("k8s_patch", confirmed(scale_to(4)))
        .fails("declined", &["not on a Sunday"]);
    let shown = Approver::shared()
        .unwrap()
        .approve(&shop.config, &id)
        .unwrap();
    assert_eq!(shown.code, 1, "{}", shown.text);
    // Another plan is another question.
    shop.propose("k8s_patch", scale_to(5));
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}

#[test]
fn a_plan_of_too_many_changes_is_refused_before_a_request_is_sent() {
    let mut shop = Setup {
        tables: "[changes]\nmax_plan = \"1KiB\"\n",
        ..Setup::usual()
    }
    .open();
    let mut manifest =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n".to_owned();
    for number in 0..200 {
        writeln!(manifest, "  key-{number}: value").unwrap();
    }
    shop.call("k8s_apply", json!({ "manifest": manifest }))
        .fails("limit", &["max_plan"]);
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
fn an_operator_lifts_what_the_policy_blocks_by_its_file() {
    let shop = Shop::open();
    shop.make_web();
    let mut shop = shop.restart(|config| {
        let policy =
            fs::read_to_string(bulkhead_tests::built::workspace().join("policy.toml")).unwrap();
        let lifted = policy.replace("max_change_percent = 500", "max_change_percent = 1000");
        assert_ne!(policy, lifted);
        fs::write(config.folder().join("policy.toml"), lifted).unwrap();
    });
    shop.change("k8s_patch", scale_to(30));
    shop.call("k8s_patch", scale_to(3000))
        .fails("denied", &["1000"]);
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
