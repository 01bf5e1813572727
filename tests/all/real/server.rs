//! The server itself: its users and its audit log are what later tests rely on.

use std::fs;

use bulkhead_tests::{
    api_suite, built,
    real_cluster::{Controllers, RealCluster, User},
};

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
    let new = |change: &&bulkhead_tests::real_cluster::Change| {
        change.uri.contains(name) || change.verb == "delete"
    };
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
