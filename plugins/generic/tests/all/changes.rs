//! What the change tools propose, and what comes of it: through the host's own gate, dry run, policy and approval.

mod cluster;

use self::cluster::{kit, people};
use bulkhead_plugin_generic::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};

/// The value of an answer.
fn value(test: &Running, tool: &str, arguments: &Value) -> Result<Value, Failure> {
    let answer = test.call(tool, arguments.clone())?;
    Ok(answer.structured.expect("each tool has a value"))
}

/// The same call, with the words by which the model says that the user asked for it.
fn confirmed(arguments: &Value) -> Value {
    let mut arguments = arguments.clone();
    arguments["confirm"] = json!(true);
    arguments
}

fn applied(tool: &str, arguments: &Value) -> (Running, Value) {
    let test = people().run(describe);
    let answer = value(&test, tool, &confirmed(arguments)).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    (test, answer)
}

fn part(test: &Running, kind: &str, name: &str, path: &str) -> Value {
    let arguments = json!({ "kind": kind, "namespace": "shop", "name": name, "path": path });
    let found = value(test, "k8s_get", &arguments);
    found.map_or(Value::Null, |mut found| found["value"].take())
}

const IMAGE: &str = "spec.template.spec.containers[0].image";

/// Arguments about the Deployment, with more of them.
fn web(more: &Value) -> Value {
    let mut arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web" });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    arguments
}

/// A call of each change tool that would change something.
fn changes() -> [(&'static str, Value); 9] {
    [
        (
            "k8s_patch",
            web(&json!({ "operation": "scale", "replicas": 3 })),
        ),
        (
            "k8s_patch",
            web(&json!({ "operation": "update_image", "image": "registry.example/web:3" })),
        ),
        ("k8s_patch", web(&json!({ "operation": "rollout_restart" }))),
        (
            "k8s_patch",
            web(
                &json!({ "operation": "patch", "patch": { "metadata": { "labels": { "team": "till" } } } }),
            ),
        ),
        ("k8s_delete", web(&json!({}))),
        ("k8s_rollout_undo", web(&json!({}))),
        ("k8s_cordon", json!({ "name": "node-1" })),
        ("k8s_uncordon", json!({ "name": "node-3" })),
        ("k8s_drain", json!({ "name": "node-1" })),
    ]
}

#[test]
fn without_confirmation_every_tool_proposes_and_nothing_is_sent() {
    let test = people().run(describe);
    for (tool, arguments) in changes() {
        let answer = value(&test, tool, &arguments).expect(tool);
        assert_eq!(answer["state"], "proposed", "{tool}: {answer}");
        assert_eq!(answer["steps"][0]["done"], false, "{tool}: {answer}");
        assert!(answer["how_to_approve"].is_string(), "{tool}: {answer}");
    }
    let sent = test.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn with_confirmation_every_tool_still_waits_for_a_person() {
    let test = kit().run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&test, tool, &confirmed(&arguments)).expect_err(tool);
        assert!(
            matches!(&failure, Failure::NeedsApproval(_)),
            "{tool}: {failure}"
        );
    }
    let sent = test.cluster().changing_requests();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn a_call_that_comes_again_finds_its_open_proposal() {
    let test = people().run(describe);
    for (tool, arguments) in changes() {
        let ids = [(); 2].map(|()| value(&test, tool, &arguments).expect(tool)["id"].take());
        assert_eq!(ids[0], ids[1], "{tool}");
    }
}

#[test]
fn the_argument_of_old_prompts_means_the_same_and_approves_nothing() {
    let delete = json!({ "plural": "configmaps", "group": "", "version": "v1", "namespace": "shop", "name": "settings", "approved": true });
    let alone = kit().run(describe);
    let failure = value(&alone, "k8s_delete", &delete).expect_err("nobody is there");
    assert!(matches!(&failure, Failure::NeedsApproval(_)), "{failure}");
    let test = people().run(describe);
    let answer = value(&test, "k8s_delete", &delete).expect("it is approved");
    assert_eq!(answer["state"], "applied");
}

#[test]
fn a_deployment_is_scaled_and_waited_for() {
    let arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web", "operation": "scale", "replicas": 3, "wait": true });
    let (test, answer) = applied("k8s_patch", &arguments);
    assert_eq!(part(&test, "deploy", "web", "spec.replicas"), 3);
    assert_eq!(answer["waited"]["done"], true, "{answer}");
}

#[test]
fn an_image_is_changed_in_its_container_alone() {
    let arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web", "operation": "update_image", "container": "web", "image": "registry.example/web:3" });
    let (test, answer) = applied("k8s_patch", &arguments);
    assert_eq!(
        part(&test, "deploy", "web", IMAGE),
        "registry.example/web:3"
    );
    assert_eq!(answer["risk"], "high", "another image is other code");
    let diff = answer["steps"][0]["diff"].as_str().expect("it is a text");
    assert!(diff.contains("web:2") && diff.contains("web:3"), "{diff}");
}

#[test]
fn an_unknown_container_is_named_with_those_that_exist() {
    let test = people().run(describe);
    let arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web", "operation": "update_image", "container": "wbe", "image": "a:1" });
    let failure = value(&test, "k8s_patch", &arguments).expect_err("there is none");
    assert_eq!(
        failure.to_string(),
        "invalid: there is no container `wbe`; next: choose one of web"
    );
}

#[test]
fn a_restart_counts_in_the_template() {
    let arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web", "operation": "rollout_restart" });
    let (test, _) = applied("k8s_patch", &arguments);
    let at = "spec.template.metadata.annotations['bulkhead/restarts']";
    assert_eq!(part(&test, "deploy", "web", at), "1");
    value(&test, "k8s_patch", &confirmed(&arguments)).expect("it is approved");
    assert_eq!(part(&test, "deploy", "web", at), "2");
}

#[test]
fn what_is_deleted_is_waited_for() {
    let arguments = json!({ "kind": "cm", "namespace": "shop", "name": "settings", "wait": true });
    let (test, answer) = applied("k8s_delete", &arguments);
    assert_eq!(answer["waited"]["done"], true, "{answer}");
    assert_eq!(part(&test, "cm", "settings", "data"), Value::Null);
}

#[test]
fn a_rollout_is_undone_to_the_pods_of_the_revision_before() {
    let arguments = json!({ "kind": "deploy", "namespace": "shop", "name": "web", "wait": true });
    let (test, answer) = applied("k8s_rollout_undo", &arguments);
    assert_eq!(
        part(&test, "deploy", "web", IMAGE),
        "registry.example/web:1"
    );
    assert_eq!(
        part(&test, "deploy", "web", "spec.template.metadata.labels"),
        json!({ "app": "web" })
    );
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(1));
}

#[test]
fn rollouts_are_told_by_status_and_history() {
    let test = people().run(describe);
    let look = |operation: &str| {
        let arguments =
            json!({ "kind": "deploy", "namespace": "shop", "name": "web", "operation": operation });
        test.call("k8s_rollout", arguments).expect("it is granted")
    };
    assert_eq!(
        look("status").text,
        "Deployment web in namespace shop\ncomplete: all 2 pods are new and available"
    );
    let history = look("history");
    assert!(
        history.text.contains("revisions, the current one first:"),
        "{}",
        history.text
    );
    let rows = history.structured.expect("it has a value")["revisions"]["rows"].take();
    let row = |at: usize| [0, 2].map(|cell| rows[at][cell].clone());
    assert_eq!(row(0), ["2", "registry.example/web:2"]);
    assert_eq!(row(1), ["1", "registry.example/web:1"]);
}

#[test]
fn a_cordon_is_taken_back() {
    let (test, _) = applied("k8s_cordon", &json!({ "name": "node-1" }));
    assert_eq!(part(&test, "nodes", "node-1", "spec.unschedulable"), true);
    let again =
        value(&test, "k8s_cordon", &json!({ "name": "node-1" })).expect_err("it is cordoned");
    assert!(again.message().contains("nothing would change"), "{again}");
    let arguments = json!({ "name": "node-1", "confirm": true });
    value(&test, "k8s_uncordon", &arguments).expect("it is approved");
    assert_eq!(
        part(&test, "nodes", "node-1", "spec.unschedulable"),
        Value::Null
    );
}

#[test]
fn a_drain_cordons_and_evicts_what_is_made_again() {
    let (test, answer) = applied("k8s_drain", &json!({ "name": "node-1", "wait": true }));
    let steps = answer["steps"].as_array().expect("a list");
    let actions: Vec<_> = steps
        .iter()
        .filter_map(|step| step["action"].as_str())
        .collect();
    assert_eq!(actions, ["patch", "evict", "evict"]);
    assert_eq!(answer["waited"]["done"], true, "{answer}");
    let text = answer["notes"].to_string();
    assert!(text.contains("2 pods stay"), "{text}");
    assert_eq!(part(&test, "nodes", "node-1", "spec.unschedulable"), true);
    assert_ne!(part(&test, "pods", "agent-1", "metadata.name"), Value::Null);
}

#[test]
fn a_drain_stops_before_what_would_be_lost() {
    let test = people().run(describe);
    let failure =
        value(&test, "k8s_drain", &json!({ "name": "node-2" })).expect_err("pods are in the way");
    for word in [
        "shop/bare",
        "`force`",
        "shop/scratch",
        "`delete_emptydir_data`",
    ] {
        assert!(failure.message().contains(word), "{word}: {failure}");
    }
    let agreed = json!({ "name": "node-2", "force": true, "delete_emptydir_data": true });
    let answer = value(&test, "k8s_drain", &agreed).expect("it is granted");
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_drain_of_many_pods_says_how_to_go_on() {
    let test = people().run(describe);
    let answer = value(&test, "k8s_drain", &json!({ "name": "node-3" })).expect("it is granted");
    // The node is cordoned already, so all of them are evictions.
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(50));
    let notes = answer["notes"].to_string();
    assert!(notes.contains("10 more pods are to be evicted"), "{notes}");
}

#[test]
fn bad_input_is_invalid_before_the_cluster_is_asked() {
    let test = people().run(describe);
    let manifest = |text: &str| json!({ "manifest": text, "namespace": "shop" });
    let cases = [
        (
            "k8s_patch",
            web(&json!({ "operation": "scale", "replicas": -3 })),
        ),
        ("k8s_patch", web(&json!({ "operation": "scale" }))),
        (
            "k8s_patch",
            web(&json!({ "operation": "update_image", "image": "a b" })),
        ),
        (
            "k8s_patch",
            web(&json!({ "operation": "patch", "patch": {} })),
        ),
        ("k8s_patch", web(&json!({ "operation": "explode" }))),
        (
            "k8s_delete",
            json!({ "kind": "pods", "namespace": "shop", "name": "" }),
        ),
        ("k8s_apply", manifest("")),
        (
            "k8s_apply",
            manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}"),
        ),
        (
            "k8s_apply",
            manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: till}"),
        ),
        (
            "k8s_apply",
            manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: Pod"),
        ),
        ("k8s_cordon", json!({ "name": "" })),
        ("k8s_drain", json!({ "name": "" })),
    ];
    for (tool, arguments) in cases {
        let failure = value(&test, tool, &arguments).expect_err(tool);
        assert!(matches!(&failure, Failure::Invalid(_)), "{tool}: {failure}");
    }
    let asked = test.cluster().requests();
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn what_is_not_there_and_what_has_no_rollout_says_what_to_do() {
    let test = people().run(describe);
    let nobody = json!({ "kind": "deploy", "namespace": "shop", "name": "nobody", "operation": "scale", "replicas": 1 });
    let mut failures = vec![
        value(
            &test,
            "k8s_rollout_undo",
            &json!({ "kind": "cm", "namespace": "shop", "name": "settings" }),
        ),
        value(
            &test,
            "k8s_rollout_undo",
            &json!({ "kind": "deploy", "namespace": "shop", "name": "web", "to_revision": 9 }),
        ),
        value(&test, "k8s_cordon", &json!({ "name": "node-9" })),
        value(&test, "k8s_drain", &json!({ "name": "node-9" })),
        value(
            &test,
            "k8s_delete",
            &json!({ "kind": "cm", "namespace": "shop", "name": "nobody" }),
        ),
    ];
    failures.push(value(&test, "k8s_patch", &nobody));
    let words = failures
        .into_iter()
        .map(|failure| failure.expect_err("it must fail").to_string());
    insta::assert_snapshot!(words.collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_is_proposed_without_a_grant() {
    let test = Kit::from_manifests(&cluster::manifests())
        .grant(r#"api_groups = ["*"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["*"]"#)
        .grant(r#"api_groups = [""], resources = ["nodes"], verbs = ["get", "list"], scope = "cluster""#)
        .approving()
        .run(describe);
    for (tool, arguments) in changes() {
        let failure = value(&test, tool, &confirmed(&arguments)).expect_err(tool);
        assert!(matches!(&failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}
