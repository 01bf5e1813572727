//! `bulkhead serve` on a real server, with identities that may and may not.

use bulkhead_tests::{
    host_config::{HostConfig, READ_EVERYTHING},
    mcp_client::{Era, McpClient},
    real_cluster::{Controllers, RealCluster, User},
};
use rstest::rstest;
use serde_json::{Value, json};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: till, namespace: shop}
spec: {containers: [{name: till, image: registry.example/till:1}]}
";

fn serve(user: User, grants: &str, era: Era) -> (McpClient, HostConfig) {
    let cluster = RealCluster::shared().unwrap();
    cluster.apply(POD).unwrap();
    let config = HostConfig::generic(&cluster.kubeconfig_for(user), grants).unwrap();
    (McpClient::serve(&config.path(), era).unwrap(), config)
}

/// Text and whether it is a failure.
fn call(client: &mut McpClient, tool: &str, arguments: Value) -> (String, bool) {
    let result = client.call_tool(tool, arguments).unwrap().unwrap();
    let blocks = result["content"].as_array().unwrap();
    let texts: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block["text"].as_str())
        .collect();
    (texts.join("\n"), result["isError"] == true)
}

#[rstest]
#[case(Era::Handshake("2025-06-18"))]
#[case(Era::LEGACY)]
#[case(Era::MODERN)]
fn a_reader_lists_and_gets_in_every_era(#[case] era: Era) {
    let (mut client, _config) = serve(User::Reader, READ_EVERYTHING, era);
    let (list, failed) = call(
        &mut client,
        "k8s_list",
        json!({ "kind": "pods", "namespace": "shop" }),
    );
    assert!(!failed && list.contains("till"), "{list}");
    let (pod, failed) = call(
        &mut client,
        "k8s_get",
        json!({ "kind": "pod", "namespace": "shop", "name": "till" }),
    );
    assert!(!failed && pod.contains("registry.example/till:1"), "{pod}");
    assert!(client.close_stdin_and_wait().unwrap().success());
}

#[test]
fn what_the_server_forbids_is_a_failure_that_says_who_may_not_do_what() {
    let (mut client, _config) = serve(User::Nobody, READ_EVERYTHING, Era::LEGACY);
    let (text, failed) = call(
        &mut client,
        "k8s_list",
        json!({ "kind": "pods", "namespace": "shop" }),
    );
    assert!(failed, "{text}");
    assert!(
        text.contains("nobody") && text.contains("list") && text.contains("pods"),
        "{text}"
    );
}

#[test]
fn a_grant_binds_even_where_the_server_allows_everything() {
    let grants = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "list"]
namespaces = ["shop"]
"#;
    let (mut client, _config) = serve(User::Admin, grants, Era::LEGACY);
    let (text, failed) = call(
        &mut client,
        "k8s_list",
        json!({ "kind": "pods", "namespace": "shop" }),
    );
    assert!(!failed, "{text}");
    for refused in [
        json!({ "kind": "pods", "namespace": "default" }),
        json!({ "kind": "pods", "all_namespaces": true }),
        json!({ "kind": "secrets", "namespace": "shop" }),
    ] {
        let (text, failed) = call(&mut client, "k8s_list", refused);
        assert!(failed && text.contains("denied"), "{text}");
    }
}

#[test]
fn a_secret_shows_its_keys_and_no_value_unless_the_grant_says_so() {
    let cluster = RealCluster::shared().unwrap();
    let secret = "
apiVersion: v1
kind: Secret
metadata: {name: till, namespace: default}
stringData: {pin: correct-horse-battery}
";
    cluster.apply(secret).unwrap();
    let grants = |values| {
        format!(
            "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"get\"]\n\
             namespaces = [\"default\"]\nsecret_values = {values}\n"
        )
    };
    let config = HostConfig::generic(&cluster.kubeconfig_for(User::Admin), &grants(false)).unwrap();
    let mut client = McpClient::serve(&config.path(), Era::LEGACY).unwrap();
    let (text, failed) = call(
        &mut client,
        "k8s_get",
        json!({ "kind": "secret", "namespace": "default", "name": "till" }),
    );
    assert!(!failed && text.contains("pin"), "{text}");
    // In the clear and in base64.
    assert!(
        !text.contains("correct-horse") && !text.contains("Y29ycmVjdC1ob3JzZ"),
        "{text}"
    );
}

#[test]
fn reading_asks_the_server_to_change_nothing() {
    let (mut client, _config) = serve(User::Reader, READ_EVERYTHING, Era::LEGACY);
    let mut succeeded = 0;
    for tool in client.list_tools().unwrap() {
        let name = tool["name"].as_str().unwrap();
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{name}");
        // Too few arguments for some tools, too many for others.
        let arguments = json!({ "kind": "pods", "namespace": "shop", "name": "till" });
        let result = client.call_tool(name, arguments).unwrap().unwrap();
        succeeded += u32::from(result["isError"] != true);
    }
    assert!(succeeded > 0);
    assert_eq!(
        RealCluster::shared()
            .unwrap()
            .changes_by(User::Reader)
            .unwrap(),
        []
    );
}

#[test]
fn a_deployment_is_described_down_to_its_pods() {
    let cluster = RealCluster::start(Controllers::On).unwrap();
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: till, namespace: shop}
spec:
  selector: {matchLabels: {app: till}}
  template:
    metadata: {labels: {app: till}}
    spec: {containers: [{name: till, image: registry.example/till:1}]}
";
    cluster.apply(deployment).unwrap();
    cluster
        .kubectl(
            &[
                "wait",
                "--namespace=shop",
                "--for=create",
                "pod",
                "--selector=app=till",
                "--timeout=60s",
            ],
            None,
        )
        .unwrap();
    let config =
        HostConfig::generic(&cluster.kubeconfig_for(User::Reader), READ_EVERYTHING).unwrap();
    let mut client = McpClient::serve(&config.path(), Era::MODERN).unwrap();
    let (text, failed) = call(
        &mut client,
        "k8s_describe",
        json!({ "kind": "deployment", "namespace": "shop", "name": "till" }),
    );
    assert!(!failed && text.contains("Pending"), "{text}");
}
