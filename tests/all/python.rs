//! The MCP SDK for Python against the host, in both protocol eras. Needs no cluster: `bulkhead demo` holds one.

use bulkhead_tests::{
    built,
    host_config::HostConfig,
    mcp_client::Era,
    python_client::{Action, session},
};
use rstest::rstest;
use serde_json::json;

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
