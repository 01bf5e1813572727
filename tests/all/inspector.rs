//! The MCP Inspector's command line against the host.

use bulkhead_tests::{
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    inspector,
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::Value;

use crate::{library, sim::Sim};

/// All that the plugin `generic` can propose.
const CHANGE_EVERYTHING: &str = r#"
[[plugins.generic.grants]]
api_groups = ["*"]
resources = ["*", "*/scale"]
verbs = ["get", "create", "patch", "delete"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods/eviction"]
verbs = ["create"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = [""]
resources = ["nodes"]
verbs = ["get", "patch"]
scope = "cluster"
"#;

fn run(era: Era, options: &[&str]) -> Value {
    run_with(era, options, &["demo"])
}

fn run_with(era: Era, options: &[&str], arguments: &[&str]) -> Value {
    let output = inspector::run(era, options, &built::host(), arguments).unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}\n{stderr}"))
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn every_schema_is_portable(#[case] era: Era) {
    let answer = run(era, &["--method", "tools/list", "--strict"]);
    assert!(answer.to_string().contains("k8s_list"), "{answer}");
}

/// With change grants there are more tools: those that propose, and the host's own.
#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn every_schema_of_what_changes_is_portable(#[case] era: Era) {
    let sim = Sim::small();
    let text = [
        cluster_table(&sim.kubeconfig()).unwrap(),
        plugin_table("generic", &built::plugin("generic")).unwrap(),
        READ_EVERYTHING.to_owned(),
        CHANGE_EVERYTHING.to_owned(),
    ];
    let config = HostConfig::with_text(&text.join("\n")).unwrap();
    let path = config.path();
    let arguments = ["serve", "--config", path.to_str().unwrap()];
    let answer = run_with(era, &["--method", "tools/list", "--strict"], &arguments);
    let text = answer.to_string();
    for tool in ["k8s_drain", "change_apply"] {
        assert!(text.contains(tool), "no {tool}: {text}");
    }
    let tools = text.matches("\"inputSchema\"").count();
    assert!(tools >= 22, "{tools} tools: {text}");
}

/// What another implementation of the protocol makes of resources and prompts.
#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn resources_and_prompts_are_listed_and_read(#[case] era: Era) {
    let sim = Sim::small();
    let config = library::config(&sim, library::PODS_OF_SHOP);
    let path = config.path();
    let arguments = ["serve", "--config", path.to_str().unwrap()];
    let tour = ["--prompt-name", "library_tour", "--prompt-args", "pod=till"];
    for (method, options, parts) in [
        ("resources/list", &[][..], &["library://pods"][..]),
        ("resources/templates/list", &[], &["library://pods/{name}"]),
        ("prompts/list", &[], &["library_tour", "about"]),
        (
            "resources/read",
            &["--uri", "library://pods/till"],
            &["library://pods/till", "Running"],
        ),
        (
            "prompts/get",
            &tour,
            &["Show me everything", "assistant", "<redacted>"],
        ),
    ] {
        let options = [&["--method", method], options].concat();
        let answer = run_with(era, &options, &arguments).to_string();
        for part in parts {
            assert!(answer.contains(part), "{method}: no {part}: {answer}");
        }
    }
}

#[rstest]
#[case::legacy(Era::LEGACY)]
#[case::modern(Era::MODERN)]
fn a_tool_can_be_called(#[case] era: Era) {
    let options = [
        "--method",
        "tools/call",
        "--tool-name",
        "k8s_list",
        "--tool-args-json",
        r#"{"kind":"pods","namespace":"shop"}"#,
    ];
    let answer = run(era, &options);
    assert!(answer.to_string().contains("checkout-"), "{answer}");
}
