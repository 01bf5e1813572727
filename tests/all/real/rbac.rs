//! `bulkhead rbac`, for the shipped configuration with every change in it granted: the API server takes it, every tool works
//! with exactly those rights, none of a sample of them is idle, and none reads a Secret.

mod calls;
mod office;
mod rights;

use bulkhead_tests::real_cluster::User;
use serde_json::json;

use self::{
    calls::{Outcome, calls_of},
    office::Office,
    rights::Given,
};

/// What the host itself offers where a plugin can change something.
const HOST_TOOLS: [&str; 4] = [
    "change_apply",
    "change_history",
    "change_rollback",
    "change_status",
];

#[test]
fn the_roles_suffice_for_every_tool_read_no_secret_and_hold_no_idle_right_of_a_sample() {
    let mut office = Office::open();
    suffices(&mut office);
    reads_what_is_served_but_no_secret(&mut office);
    insta::assert_snapshot!("rights_in_shop", office.rights_in("shop"));
    insta::assert_snapshot!("rights_in_shop_test", office.rights_in("shop-test"));
    is_least(&mut office);
}

/// Runs every tool that the host lists. A change is proposed, approved by a person at a terminal, and applied.
fn suffices(office: &mut Office) {
    let tools = office.tools();
    let (host_tools, tools): (Vec<_>, Vec<_>) = tools
        .into_iter()
        .partition(|tool| HOST_TOOLS.contains(&tool.name.as_str()));
    for tool in &tools {
        for call in calls_of(&tool.name, office) {
            call.before(office);
            if tool.changes {
                let id = office.propose(&tool.name, &call.arguments);
                office.approve_and_apply(&id);
            } else {
                let said = office.call(&tool.name, &call.arguments);
                said.comes_to(call.outcome);
            }
        }
    }
    // `change_apply` is behind every change above.
    assert_eq!(host_tools.len(), HOST_TOOLS.len());
    let scaled = office.propose("k8s_patch", &calls::scale(2));
    office.approve_and_apply(&scaled);
    let back = office.call("change_rollback", &json!({ "id": scaled }));
    let back = back.proposed_but(&scaled);
    office.approve_and_apply(&back);
    let status = office.call("change_status", &json!({ "id": scaled }));
    status.comes_to(Outcome::Succeeds);
    let history = office.call("change_history", &json!({}));
    history.comes_to(Outcome::Succeeds);
}

/// Whatever can be listed in a namespace is listed, but for Secrets and ConfigMaps: these neither by the host nor by kubectl.
fn reads_what_is_served_but_no_secret(office: &mut Office) {
    for served in office.kubectl("api-resources --namespaced --verbs=list --output=name") {
        let list = office.call("k8s_list", &json!({ "kind": served, "namespace": "shop" }));
        let is_denied = ["secrets", "configmaps"].contains(&served.as_str());
        list.comes_to(if is_denied {
            Outcome::Denied
        } else {
            Outcome::Succeeds
        });
    }
    let everywhere = [
        "/api/v1/secrets",
        "/api/v1/namespaces/shop/secrets",
        "/api/v1/namespaces/shop-test/secrets",
        "/api/v1/namespaces/shop-test/secrets/web-tls",
        "/api/v1/namespaces/shop/configmaps",
    ];
    let client = office.cluster.client(User::Rbac).unwrap();
    for path in everywhere {
        let answer = client.send("GET", path, None, None).unwrap();
        assert_eq!(answer.status, 403, "{path}");
    }
}

/// Each of these rights is taken away by itself: then something fails that worked, because the server says no.
fn is_least(office: &mut Office) {
    let manifest = |kind: &str, name: &str, more: &str| json!({ "manifest": format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop-test}}\n{more}") });
    let pod = office.pod();
    let everywhere = |group, resource, verb| Given::new(None, group, resource, verb);
    let shop = |group, resource, verb| Given::new(Some("shop"), group, resource, verb);
    let shop_test = |group, resource, verb| Given::new(Some("shop-test"), group, resource, verb);
    let list = |kind: &str| json!({ "kind": kind });
    let undo = json!({ "kind": "deployment", "namespace": "shop", "name": "web" });
    let sample = [
        (everywhere("", "nodes", "list"), "k8s_list", list("nodes")),
        (
            everywhere("", "nodes", "get"),
            "k8s_get",
            json!({ "kind": "node", "name": "node-a" }),
        ),
        (
            everywhere("", "nodes", "patch"),
            "k8s_cordon",
            json!({ "name": "node-a" }),
        ),
        (
            everywhere("", "events", "list"),
            "k8s_list_events",
            json!({ "namespace": "shop" }),
        ),
        (
            everywhere("", "pods/log", "get"),
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": pod }),
        ),
        (
            everywhere("", "pods/eviction", "create"),
            "k8s_drain",
            json!({ "name": "node-a" }),
        ),
        (
            everywhere("metrics.k8s.io", "nodes", "list"),
            "k8s_top",
            json!({ "of": "nodes" }),
        ),
        (
            everywhere("storage.k8s.io", "storageclasses", "list"),
            "k8s_list",
            list("storageclasses"),
        ),
        (
            everywhere("apiextensions.k8s.io", "customresourcedefinitions", "list"),
            "k8s_list",
            list("customresourcedefinitions"),
        ),
        (
            everywhere("apps", "deployments/scale", "get"),
            "k8s_patch",
            calls::scale(2),
        ),
        (
            everywhere("apps", "deployments/scale", "patch"),
            "k8s_patch",
            calls::scale(2),
        ),
        (
            everywhere("apps", "replicasets", "list"),
            "k8s_rollout_undo",
            undo.clone(),
        ),
        (
            shop("apps", "deployments", "patch"),
            "k8s_rollout_undo",
            undo,
        ),
        (
            shop("", "pods", "delete"),
            "k8s_delete",
            json!({ "kind": "pod", "namespace": "shop", "name": pod }),
        ),
        (
            shop_test("", "services", "create"),
            "k8s_apply",
            manifest("Service", "more", "spec: {ports: [{port: 80}]}"),
        ),
        (
            shop_test("", "configmaps", "get"),
            "k8s_apply",
            manifest("ConfigMap", "sizes", "data: {a: '3'}"),
        ),
        (
            shop_test("", "configmaps", "patch"),
            "k8s_apply",
            manifest("ConfigMap", "sizes", "data: {a: '3'}"),
        ),
    ];
    for (right, tool, arguments) in sample {
        let roles = office.take(&right);
        let said = office.call(tool, &arguments);
        assert!(
            said.failed && said.text.contains("rbac-user"),
            "{tool} works without {right:?}: {}",
            said.text
        );
        office.give_back(&right, &roles);
    }
}
