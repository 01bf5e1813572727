//! The MCP Inspector's command line against the host.

use bulkhead_tests::{built, inspector, mcp_client::Era};
use rstest::rstest;
use serde_json::Value;

fn run(era: Era, options: &[&str]) -> Value {
    let output = inspector::run(era, options, &built::host(), &["demo"]).unwrap();
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
