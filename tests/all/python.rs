//! The MCP SDK for Python against the host, in both protocol eras. Needs no cluster but a simulated one.

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table},
    mcp_client::{Era, Says},
    python_client::{Action, session, session_with_person},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{session::generic, sim::Sim};

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn a_session_lists_calls_and_is_refused(#[case] era: Era) {
    let actions = [
        Action::Call("ping", json!({})),
        Action::Call("k8s_list", json!({ "kind": "pods", "namespace": "shop" })),
        Action::Call(
            "k8s_get",
            json!({ "kind": "secret", "namespace": "shop", "name": "checkout" }),
        ),
    ];
    let report = session(era, &built::host(), &["demo"], &actions).unwrap();
    assert_eq!(report["version"], era.version());
    let tools = report["tools"].as_array().unwrap();
    assert!(
        tools.iter().any(|tool| tool["name"] == "k8s_list"),
        "{report}"
    );
    let [ping, list, secret] = [0, 1, 2].map(|index| &report["actions"][index]["result"]);
    assert_ne!(ping["isError"], true, "{ping}");
    assert!(
        list["structuredContent"].is_object() && list.to_string().contains("checkout-"),
        "{list}"
    );
    assert_eq!(secret["isError"], true, "{secret}");
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn a_call_that_is_given_up_leaves_the_session_usable(#[case] era: Era) {
    let guest = "sleeps_past_the_deadline";
    let nowhere = tempfile::NamedTempFile::new().unwrap();
    let config =
        HostConfig::with_plugin("guest", &built::guest(guest), nowhere.path(), "").unwrap();
    let path = config.path();
    let arguments = ["serve", "--config", path.to_str().unwrap()];
    let report = session(
        era,
        &built::host(),
        &arguments,
        &[Action::Abandon(guest, json!({}))],
    )
    .unwrap();
    assert_eq!(
        report["actions"][0],
        json!({ "abandoned": true, "tools_afterwards": 1 }),
        "{report}"
    );
}

/// Pods of `shop` may be patched, and what is not risky is decided at the client.
fn asks_at_the_client(sim: &Sim) -> HostConfig {
    let text = [
        cluster_table(&sim.kubeconfig()).unwrap(),
        "[approval]\nwait = \"1s\"".to_owned(),
        "[[approval.rules]]\nrisk = [\"low\", \"medium\"]\nchannel = \"elicitation\"".to_owned(),
        generic(),
        "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\nverbs = [\"patch\"]\nnamespaces = [\"shop\"]"
            .to_owned(),
    ];
    HostConfig::with_text(&text.join("\n")).unwrap()
}

/// A new note at a pod.
fn note() -> Action {
    let arguments = json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch",
        "patch": { "metadata": { "annotations": { "shop.example/shift": "night" } } }, "confirm": true,
    });
    Action::Call("k8s_patch", arguments)
}

fn text_of(report: &Value) -> &str {
    let result = &report["actions"][0]["result"];
    result["content"][0]["text"].as_str().unwrap_or_default()
}

#[rstest]
#[case::yes(Says::Yes, "applied", 1)]
#[case::no(Says::No, "declined: ", 0)]
#[case::away(Says::Away, "needs-approval: ", 0)]
fn the_person_at_the_client_decides(
    #[case] says: Says,
    #[case] outcome: &str,
    #[case] changes: usize,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small().may_change();
    let config = asks_at_the_client(&sim);
    let path = config.path();
    let arguments = ["serve", "--config", path.to_str().unwrap()];
    let report = session_with_person(era, &[says], &built::host(), &arguments, &[note()]).unwrap();
    assert_eq!(report["version"], era.version());
    let shown = report["questions"][0]["message"].as_str().unwrap();
    assert!(shown.contains("night") && shown.contains("till"), "{shown}");
    assert!(text_of(&report).contains(outcome), "{report}");
    assert_eq!(sim.changes().len(), changes, "{report}");
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn a_client_without_a_person_is_told_that_an_approval_is_needed(#[case] era: Era) {
    let sim = Sim::small().may_change();
    let config = asks_at_the_client(&sim);
    let path = config.path();
    let arguments = ["serve", "--config", path.to_str().unwrap()];
    let report = session(era, &built::host(), &arguments, &[note()]).unwrap();
    assert!(text_of(&report).starts_with("needs-approval: "), "{report}");
    assert_eq!(report["questions"], json!([]));
    assert_eq!(sim.changes(), []);
}
