//! Plugins that act in the cluster under names of their own: the API server sees and judges these, and the host's own user can
//! do nothing but act as them.

use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
    real_cluster::{Controllers, RealCluster, Request, User},
};
use serde_json::{Value, json};

use crate::session::{Ran, Said, bulkhead};

const VIEWER: &str = "viewer@example.com";
const FIXER: &str = "system:serviceaccount:bulkhead:fixer";

const OBJECTS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: bulkhead}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: fixer, namespace: bulkhead}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.example/web:1'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: sizes, namespace: shop}
";

/// What each of the two may.
const GRANTS: &str = r#"
[[plugins.viewer.grants]]
api_groups = ["apps"]
resources = ["deployments"]
verbs = ["get", "list"]
namespaces = ["shop"]

[[plugins.fixer.grants]]
api_groups = ["apps"]
resources = ["deployments/scale"]
verbs = ["get", "patch"]
namespaces = ["shop"]

[[plugins.fixer.grants]]
api_groups = [""]
resources = ["configmaps"]
verbs = ["get", "delete"]
namespaces = ["shop"]
"#;

/// What a host may be granted beyond it, for which the cluster has given nobody a right.
const MORE_GRANTS: &str = r#"
[[plugins.viewer.grants]]
api_groups = ["apps"]
resources = ["deployments/scale"]
verbs = ["get", "patch"]
namespaces = ["shop"]

[[plugins.fixer.grants]]
api_groups = ["apps"]
resources = ["deployments"]
verbs = ["get", "list", "delete"]
namespaces = ["shop"]
"#;

/// The plugin `generic` twice, each under a prefix and a user of its own.
fn config(cluster: &RealCluster, more: &str) -> HostConfig {
    let component = built::plugin("generic");
    let plugin = |key: &str, user: &str, groups: &str| {
        let table = plugin_table(key, &component).unwrap();
        format!(
            "{table}prefix = \"{key}_\"\nimpersonate = {{ user = \"{user}\", groups = [{groups}] }}\n"
        )
    };
    let text = [
        cluster_table(&cluster.kubeconfig_for(User::Rbac)).unwrap(),
        Approver::shared().unwrap().table(),
        plugin("viewer", VIEWER, "\"watchers\""),
        plugin("fixer", FIXER, ""),
        GRANTS.to_owned(),
        more.to_owned(),
    ];
    HostConfig::with_text(&text.join("\n")).unwrap()
}

fn serve(config: &HostConfig) -> McpClient {
    McpClient::serve(&config.path(), Era::LEGACY).unwrap()
}

fn call(client: &mut McpClient, tool: &str, arguments: Value) -> Said {
    let answer = client.call_tool(tool, arguments).unwrap();
    Said::of(answer.unwrap_or_else(|error| panic!("{tool}: {error:?}")))
}

fn list() -> Value {
    json!({ "kind": "deployments", "namespace": "shop" })
}

fn scale(replicas: u32) -> Value {
    json!({ "kind": "deployment", "namespace": "shop", "name": "web", "operation": "scale", "replicas": replicas })
}

fn delete(kind: &str, name: &str) -> Value {
    json!({ "kind": kind, "namespace": "shop", "name": name })
}

/// What `rbac-user` may do once `bulkhead rbac` was applied, and no more.
fn give_rights(cluster: &RealCluster, config: &HostConfig) {
    let printed = Ran::of(
        bulkhead(config.folder())
            .args(["rbac", "--user", User::Rbac.name(), "--config"])
            .arg(config.path()),
    );
    assert_eq!(
        (printed.code, printed.stderr.as_str()),
        (Some(0), ""),
        "{printed:?}"
    );
    cluster.apply(&printed.stdout).unwrap();
    for attributes in [
        json!({ "verb": "get", "resource": "namespaces", "name": "kube-system" }),
        json!({ "verb": "impersonate", "resource": "users", "name": VIEWER }),
        json!({ "verb": "impersonate", "resource": "groups", "name": "watchers" }),
        json!({ "verb": "impersonate", "resource": "serviceaccounts", "namespace": "bulkhead", "name": "fixer" }),
    ] {
        cluster.wait_until_allowed(User::Rbac, &attributes).unwrap();
    }
    // The plugins' users have rights too, of which the server learns in its own time.
    for (name, attributes) in [
        (
            VIEWER,
            json!({ "verb": "list", "group": "apps", "resource": "deployments", "namespace": "shop" }),
        ),
        (
            FIXER,
            json!({ "verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale", "namespace": "shop" }),
        ),
    ] {
        cluster.wait_until_name_may(name, &attributes).unwrap();
    }
}

/// The requests about the namespace since `seen`, as: who, verb, the last of the path, whether it changes.
fn about_shop(requests: &[Request]) -> Vec<(Option<&str>, &str, &str, bool)> {
    let in_shop = requests
        .iter()
        .filter(|request| request.uri.contains("/namespaces/shop/"));
    in_shop
        .map(|request| {
            let path = request.uri.split('?').next().unwrap_or_default();
            let last = path.rsplit("/shop/").next().unwrap_or_default();
            let who = request.acting_as.as_deref();
            (who, request.verb.as_str(), last, request.is_change)
        })
        .collect()
}

/// The host's own user may do nothing of what the plugins are granted.
#[test]
fn doctor_asks_in_the_name_of_each_plugin_and_names_what_the_host_itself_lacks() {
    let cluster = RealCluster::start(Controllers::Off).unwrap();
    cluster.apply(OBJECTS).unwrap();
    let config = config(&cluster, "");
    let ran = Ran::command("doctor", &config);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for said in [
        "FAIL  no change can be proposed: namespaces \"kube-system\" is forbidden",
        "its role `bulkhead:host` lets the host read the namespace `kube-system`",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    give_rights(&cluster, &config);
    let ran = Ran::command("doctor", &config);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for said in [
        "ok    changes can be bound to this cluster",
        "ok    the API server allows what plugin `viewer` is granted (2 reviews)",
        "ok    the API server allows what plugin `fixer` is granted (4 reviews)",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
}

#[test]
fn each_plugin_acts_under_its_own_name_in_reads_dry_runs_and_changes() {
    let cluster = RealCluster::start(Controllers::Off).unwrap();
    cluster.apply(OBJECTS).unwrap();
    let config = config(&cluster, "");
    give_rights(&cluster, &config);
    let mut client = serve(&config);

    call(&mut client, "viewer_k8s_list", list()).succeeds(&["web"]);
    let requests = cluster.requests_by(User::Rbac).unwrap();
    let reads = about_shop(&requests);
    let as_viewer = (Some(VIEWER), "list", "deployments", false);
    assert!(
        !reads.is_empty() && reads.iter().all(|read| *read == as_viewer),
        "{reads:?}"
    );

    let proposed = call(&mut client, "fixer_k8s_patch", scale(2)).succeeds(&["is proposed"]);
    let id = id_in(&proposed.text);
    let seen = requests.len();
    let requests = cluster.requests_by(User::Rbac).unwrap();
    let scale = "deployments/web/scale";
    let prepared = about_shop(&requests[seen..]);
    for one in [
        (Some(FIXER), "get", scale, false),
        (Some(FIXER), "patch", scale, false),
    ] {
        assert!(prepared.contains(&one), "no {one:?}: {prepared:?}");
    }
    assert!(
        prepared
            .iter()
            .all(|(who, .., is_change)| *who == Some(FIXER) && !is_change),
        "{prepared:?}"
    );

    let shown = Approver::shared().unwrap().approve(&config, &id).unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    let as_whom = shown.text.lines().find(|line| line.contains(" as "));
    assert!(
        as_whom.is_some_and(|line| line.contains(FIXER)),
        "{}",
        shown.text
    );
    let seen = requests.len();
    call(&mut client, "change_apply", json!({ "id": id })).succeeds(&["applied"]);
    let requests = cluster.requests_by(User::Rbac).unwrap();
    let applied = about_shop(&requests[seen..]);
    assert!(
        applied
            .iter()
            .all(|(who, _, path, _)| *who == Some(FIXER) && *path == scale),
        "{applied:?}"
    );
    let changes = applied.iter().filter(|(.., is_change)| *is_change);
    assert_eq!(changes.count(), 1, "{applied:?}");

    // Under its own name the host asks which cluster it is, and what is served: nothing that needs a right but the one.
    let own = requests
        .iter()
        .filter(|request| request.acting_as.is_none() && request.uri.contains("/namespaces"));
    for request in own {
        assert_eq!(request.uri, "/api/v1/namespaces/kube-system");
    }
}

#[test]
fn the_server_refuses_what_the_plugins_own_user_may_not() {
    let cluster = RealCluster::start(Controllers::Off).unwrap();
    cluster.apply(OBJECTS).unwrap();
    give_rights(&cluster, &config(&cluster, ""));
    // The operator grants more than the cluster does.
    let config = config(&cluster, MORE_GRANTS);
    let mut client = serve(&config);
    call(&mut client, "viewer_k8s_list", list()).succeeds(&["web"]);
    for (tool, arguments, user) in [
        ("viewer_k8s_patch", scale(2), VIEWER),
        ("fixer_k8s_list", list(), FIXER),
        ("fixer_k8s_delete", delete("deployment", "web"), FIXER),
    ] {
        call(&mut client, tool, arguments).fails("denied", &[user]);
    }
    // What one may, the other may not; and the host's user may act as nobody else.
    call(
        &mut client,
        "fixer_k8s_delete",
        delete("configmap", "sizes"),
    )
    .succeeds(&["is proposed"]);
    assert_eq!(cluster.changes_by(User::Rbac).unwrap(), []);
    for (whom, may) in [
        (&["--as=viewer@example.com"][..], true),
        (&["--as=viewer@example.com", "--as-group=watchers"], true),
        (
            &["--as=viewer@example.com", "--as-group=system:masters"],
            false,
        ),
        (&["--as=admin"], false),
        (&["--as=system:serviceaccount:shop:default"], false),
        (&[], false),
    ] {
        let mut arguments = vec!["get", "deployments", "--namespace=shop"];
        arguments.extend(whom);
        let got = cluster.kubectl_as(User::Rbac, &arguments, None);
        assert_eq!(got.is_ok(), may, "{whom:?}: {got:?}");
    }
}

/// The first id of a change in a text.
fn id_in(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut ids = words.filter(|word| word.len() == 12 && word.starts_with("c-"));
    ids.next()
        .unwrap_or_else(|| panic!("no id in: {text}"))
        .to_owned()
}
