//! The server itself: its users and its audit log are what later tests rely on.

use std::fs;

use bulkhead_tests::{
    api_suite, built,
    real_cluster::{Change, Controllers, RealCluster, User},
};
use serde_json::json;

fn status(user: User, path: &str) -> u16 {
    let client = RealCluster::shared().unwrap().client(user).unwrap();
    client.send("GET", path, None, None).unwrap().status
}

/// On a server of its own: some checks read every namespace.
#[test]
fn the_real_server_passes_the_suite_that_simcluster_passes() {
    let cluster = RealCluster::start(Controllers::Off).unwrap();
    let mut files: Vec<_> = fs::read_dir(built::workspace().join("tests/api-suite"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let apply = [
            "apply",
            "--server-side",
            "--filename",
            file.to_str().unwrap(),
        ];
        cluster.kubectl(&apply, None).unwrap();
        let established = [
            "wait",
            "--for=condition=Established",
            "customresourcedefinitions",
            "--all",
            "--timeout=60s",
        ];
        cluster.kubectl(&established, None).unwrap();
    }
    let failures = api_suite::failures(&cluster.client(User::Admin).unwrap());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_reader_reads_workloads_of_one_namespace_and_nothing_else() {
    assert_eq!(status(User::Reader, "/api/v1/namespaces/shop/pods"), 200);
    assert_eq!(
        status(User::Reader, "/apis/apps/v1/namespaces/shop/deployments"),
        200
    );
    assert_eq!(status(User::Reader, "/api/v1/namespaces/shop/secrets"), 403);
    assert_eq!(status(User::Reader, "/api/v1/namespaces/default/pods"), 403);
    assert_eq!(status(User::Reader, "/api/v1/pods"), 403);
}

#[test]
fn nobody_discovers_and_reads_nothing() {
    assert_eq!(status(User::Nobody, "/apis"), 200);
    assert_eq!(status(User::Nobody, "/api/v1/namespaces/shop/pods"), 403);
}

#[test]
fn the_audit_log_tells_a_change_from_its_dry_run() {
    let cluster = RealCluster::shared().unwrap();
    let before = cluster.changes_by(User::Admin).unwrap();
    let name = "audited-by-a-test";
    cluster
        .kubectl(&["create", "namespace", name, "--dry-run=server"], None)
        .unwrap();
    cluster
        .kubectl(&["delete", "namespace", "shop", "--dry-run=server"], None)
        .unwrap();
    let dry = cluster.changes_by(User::Admin).unwrap();
    let new = |change: &&Change| change.uri.contains(name) || change.verb == "delete";
    assert_eq!(
        dry.iter().skip(before.len()).filter(new).count(),
        0,
        "{dry:?}"
    );

    cluster
        .kubectl(&["create", "configmap", name, "--namespace=default"], None)
        .unwrap();
    cluster
        .kubectl(&["delete", "configmap", name, "--namespace=default"], None)
        .unwrap();
    let after = cluster.changes_by(User::Admin).unwrap();
    let own = after.iter().filter(|change| change.uri.contains(name));
    assert_eq!(
        own.filter(|change| change.verb == "delete").count(),
        1,
        "{after:?}"
    );
}

/// On a cluster of its own: the user is one for all tests.
#[test]
fn the_rbac_user_may_do_what_a_test_binds_to_it_and_no_more() {
    let cluster = RealCluster::start(Controllers::Off).unwrap();
    let client = cluster.client(User::Rbac).unwrap();
    let status = |path| client.send("GET", path, None, None).unwrap().status;
    let [pods, secrets] =
        ["pods", "secrets"].map(|resource| format!("/api/v1/namespaces/default/{resource}"));
    assert_eq!(status(&pods), 403);
    let rights = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods, namespace: default}
rules: [{apiGroups: [''], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pods, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: bulkhead-test}]
";
    cluster.apply(rights).unwrap();
    let list = json!({"verb": "list", "resource": "pods", "namespace": "default"});
    cluster.wait_until_allowed(User::Rbac, &list).unwrap();
    assert_eq!((status(&pods), status(&secrets)), (200, 403));
}

#[test]
fn the_impersonator_may_do_what_another_may_and_nothing_as_itself() {
    let cluster = RealCluster::shared().unwrap();
    let pods = ["get", "pods", "--namespace=shop"];
    let own = cluster.kubectl_as(User::Impersonator, &pods, None);
    assert!(own.unwrap_err().to_string().contains("impersonator"));
    let [get, kind, namespace] = pods;
    cluster
        .kubectl_as(
            User::Impersonator,
            &[get, kind, namespace, "--as=reader"],
            None,
        )
        .unwrap();
}

#[test]
fn a_change_is_logged_with_its_audit_id_under_its_namespace_and_both_its_users() {
    let cluster = RealCluster::shared().unwrap();
    let namespace = cluster.new_namespace().unwrap();
    assert_eq!(cluster.changes_in(&namespace).unwrap(), []);
    let id = format!("chosen-by-a-test-in-{namespace}");
    let client = cluster
        .client(User::Impersonator)
        .unwrap()
        .with_header("audit-id", &id)
        .with_header("impersonate-user", User::Admin.name())
        .with_header("impersonate-group", "system:masters");
    let path = format!("/api/v1/namespaces/{namespace}/configmaps");
    let body = json!({"metadata": {"name": "till"}});
    let dry = format!("{path}?dryRun=All");
    for path in [&dry, &path] {
        let answer = client.send("POST", path, None, Some(&body)).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    let expected = Change {
        user: User::Impersonator.name().to_owned(),
        acting_as: Some(User::Admin.name().to_owned()),
        verb: "create".to_owned(),
        uri: path,
        namespace: Some(namespace.clone()),
        name: Some("till".to_owned()),
        status: 201,
        audit_id: id,
        is_change: true,
    };
    assert_eq!(cluster.changes_in(&namespace).unwrap(), [expected]);
}

#[test]
fn an_eviction_that_is_a_dry_run_by_its_body_alone_is_no_change() {
    let cluster = RealCluster::shared().unwrap();
    let namespace = cluster.new_namespace().unwrap();
    let client = cluster.client(User::Admin).unwrap();
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    let pod = json!({"metadata": {"name": "till"}, "spec": {"containers": [{"name": "till", "image": "till"}]}});
    client.send("POST", &pods, None, Some(&pod)).unwrap();
    let eviction = json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": "till", "namespace": namespace},
        "deleteOptions": {"dryRun": ["All"]},
    });
    let path = format!("{pods}/till/eviction");
    let answer = client.send("POST", &path, None, Some(&eviction)).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    let still = client.send("GET", &format!("{pods}/till"), None, None);
    assert_eq!(still.unwrap().status, 200);
    let uris: Vec<_> = cluster.changes_in(&namespace).unwrap();
    let uris: Vec<_> = uris.into_iter().map(|change| change.uri).collect();
    assert_eq!(uris, [pods]);
}

/// So a conflict cannot be told from a patch that is wrong, but by reading the object again.
#[test]
fn a_json_patch_that_fails_at_what_pins_the_object_is_invalid_and_says_no_more() {
    let cluster = RealCluster::shared().unwrap();
    let namespace = cluster.new_namespace().unwrap();
    let client = cluster.client(User::Admin).unwrap();
    let maps = format!("/api/v1/namespaces/{namespace}/configmaps");
    let map = json!({"metadata": {"name": "till"}});
    client.send("POST", &maps, None, Some(&map)).unwrap();
    let patch = json!([{"op": "test", "path": "/metadata/resourceVersion", "value": "1"}]);
    let answer = client
        .send_as(
            "PATCH",
            &format!("{maps}/till"),
            None,
            "application/json-patch+json",
            Some(&patch),
        )
        .unwrap();
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(answer.json()["details"], json!({}), "{}", answer.body);
}
