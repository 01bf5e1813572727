//! What the API server refuses comes to the client as a failed result: its kind, the server's reason, and what to do next. As a user
//! whose changes are not counted.

use std::time::{Duration, Instant};

use bulkhead_tests::real_cluster::{RealCluster, User};
use serde_json::{Value, json};

use super::{Desk, cluster, objects, shared};

/// Each failure says it.
const NEXT: &str = "; next: ";

fn admin() -> Desk {
    Desk::open(&cluster().kubeconfig_for(User::Admin))
}

/// Proposes, and has it approved; returns the id.
fn approved(desk: &mut Desk, tool: &str, arguments: &Value) -> Value {
    let proposed = desk.propose(tool, arguments);
    desk.approve(proposed["id"].as_str().unwrap());
    json!({ "id": proposed["id"] })
}

fn exists(kind: &str, namespace: &str, name: &str) -> bool {
    let all = objects(cluster(), kind);
    let mut all = all.iter().map(|object| &object["metadata"]);
    all.any(|metadata| metadata["name"] == name && metadata["namespace"] == namespace)
}

#[test]
fn who_may_not_read_is_told_what_the_server_says_of_whom() {
    let mut desk = Desk::open(&cluster().kubeconfig_for(User::Nobody));
    let orders = json!({ "name": "orders", "namespace": "shop" });
    let reason = "User \"nobody\" cannot get resource \"clusters\" in API group \"postgresql.cnpg.io\" in the namespace \"shop\"";
    let said = [reason, NEXT, "the API server's own RBAC refuses"];
    desk.call("get_cluster_status", &orders)
        .fails("denied", &said);
    let scale = json!({ "name": "orders", "namespace": "shop", "instances": 2 });
    desk.call("scale_postgres_cluster", &scale)
        .fails("denied", &said);
    let shop = json!({ "namespace": "shop" });
    desk.call("list_postgres_clusters", &shop)
        .fails("denied", &["User \"nobody\" cannot list", NEXT]);
}

/// A dry run needs the right to change: without it a proposal would only lead a person on.
#[test]
fn who_may_read_and_not_change_is_told_so_at_the_proposal() {
    cluster().apply(LOOKS_AT_CLUSTERS).unwrap();
    let attributes = json!({ "group": "postgresql.cnpg.io", "resource": "clusters", "verb": "get", "namespace": "lab" });
    cluster()
        .wait_until_allowed(User::Reader, &attributes)
        .unwrap();
    let mut desk = Desk::open(&cluster().kubeconfig_for(User::Reader));
    let status = json!({ "name": "metrics", "namespace": "lab" });
    // The pods it may not see either, which is no reason to say nothing.
    desk.call("get_cluster_status", &status)
        .succeeds(&["Cluster in healthy state", "not known"]);
    let scale = json!({ "name": "metrics", "namespace": "lab", "instances": 2 });
    desk.call("scale_postgres_cluster", &scale).fails(
        "denied",
        &[
            "User \"reader\" cannot patch resource \"clusters\"",
            "in the namespace \"lab\"",
            NEXT,
        ],
    );
}

const LOOKS_AT_CLUSTERS: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: looks-at-clusters, namespace: lab}
rules: [{apiGroups: [postgresql.cnpg.io], resources: ['*'], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: looks-at-clusters, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looks-at-clusters}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]
";

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let mut desk = admin();
    let missing = json!({ "name": "order", "namespace": "shop" });
    let said = ["no cluster `order` in namespace shop", "orders", NEXT];
    desk.call("get_cluster_status", &missing)
        .fails("not-found", &said);
    let scale = json!({ "name": "order", "namespace": "shop", "instances": 2 });
    desk.call("scale_postgres_cluster", &scale)
        .fails("not-found", &said);
    for (tool, arguments) in [
        (
            "delete_postgres_role",
            json!({ "cluster_name": "reports", "namespace": "lab", "role_name": "nobody" }),
        ),
        (
            "delete_postgres_database",
            json!({ "cluster_name": "reports", "namespace": "lab", "database_name": "none" }),
        ),
        (
            "scale_postgres_pooler",
            json!({ "name": "none", "namespace": "lab", "instances": 2 }),
        ),
        (
            "promote_postgres_instance",
            json!({ "name": "metrics", "namespace": "lab", "instance": "metrics-9" }),
        ),
    ] {
        desk.call(tool, &arguments).fails("not-found", &[NEXT]);
    }
}

#[test]
fn a_server_without_the_operator_s_types_is_told_in_one_sentence() {
    let bare = RealCluster::shared().unwrap();
    let mut desk = Desk::open(&bare.kubeconfig_for(User::Admin));
    let said = ["CloudNativePG is not installed in cluster `real`", NEXT];
    let status = json!({ "name": "orders", "namespace": "shop" });
    desk.call("get_cluster_status", &status)
        .fails("not-found", &said);
    desk.call("create_postgres_cluster", &status)
        .fails("not-found", &said);
}

/// The list of roles is patched by index: whatever has moved the cluster may have moved the list.
#[test]
fn a_cluster_that_moved_since_the_proposal_is_left_as_it_is() {
    let mut desk = admin();
    let role = json!({ "cluster_name": "reports", "namespace": "lab", "role_name": "courier" });
    let change = approved(&mut desk, "create_postgres_role", &role);
    let touched = [
        "annotate",
        KIND,
        "reports",
        "--namespace=lab",
        "example.com/seen=yes",
    ];
    cluster().kubectl(&touched, None).unwrap();
    let said = ["nothing was sent", "has changed since it was read", NEXT];
    desk.call("change_apply", &change).fails("conflict", &said);
    assert!(!exists("secrets", "lab", "cnpg-reports-user-courier"));
    // Asked again it is about the cluster as it is now.
    desk.propose("create_postgres_role", &role);
}

const KIND: &str = "clusters.postgresql.cnpg.io";

#[test]
fn a_name_that_is_taken_is_told_at_the_proposal_and_after_it() {
    let mut desk = admin();
    let taken = json!({ "name": "reports", "namespace": "lab", "storage_class": "fast" });
    desk.call("create_postgres_cluster", &taken)
        .fails("conflict", &["a cluster `reports` in namespace lab", NEXT]);
    let new = json!({ "name": "second", "namespace": "lab", "storage_class": "fast" });
    let change = approved(&mut desk, "create_postgres_cluster", &new);
    let other = "{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: second, namespace: lab}, \
                 spec: {instances: 1, storage: {size: 1Gi}}}";
    cluster().apply(other).unwrap();
    let said = ["second in namespace lab exists already", NEXT];
    desk.call("change_apply", &change).fails("conflict", &said);
    let there = objects(cluster(), KIND);
    let mut there = there
        .iter()
        .filter(|one| one["metadata"]["name"] == "second");
    assert_eq!(there.next().unwrap()["spec"]["instances"], 1);
}

/// The status is the operator's to write, and what it writes is mostly no field that the patch sets: the server alone would take it.
#[test]
fn a_promotion_is_sent_only_while_the_primary_is_the_one_that_was_shown() {
    let metrics = shared().fleet.object("Cluster", "lab", "metrics");
    let mut moving = metrics.unwrap().clone();
    moving["metadata"] = json!({ "name": "moving", "namespace": "lab" });
    let status = moving["status"].take();
    cluster().apply(&moving.to_string()).unwrap();
    moving["status"] = status;
    cluster().apply_status(&moving.to_string()).unwrap();

    let mut desk = admin();
    let promote = json!({ "name": "moving", "namespace": "lab", "instance": "metrics-2" });
    let change = approved(&mut desk, "promote_postgres_instance", &promote);
    let moves = [
        "patch",
        KIND,
        "moving",
        "--namespace=lab",
        "--subresource=status",
        "--type=merge",
        "-p",
        r#"{"status": {"currentPrimary": "metrics-3", "targetPrimary": "metrics-3"}}"#,
    ];
    cluster().kubectl(&moves, None).unwrap();
    let said = ["nothing was sent", "`status.currentPrimary`", NEXT];
    desk.call("change_apply", &change).fails("conflict", &said);
    // As it stands now it can be proposed, and is made.
    let change = approved(&mut desk, "promote_postgres_instance", &promote);
    desk.call("change_apply", &change).succeeds(&["applied"]);
    let all = objects(cluster(), KIND);
    let mut all = all.iter().filter(|one| one["metadata"]["name"] == "moving");
    assert_eq!(all.next().unwrap()["status"]["targetPrimary"], "metrics-2");
}

/// The types of another version, or an administrator, may bound more than those of 1.28.
#[test]
fn what_the_types_do_not_take_is_told_with_the_field() {
    let pooler = "{apiVersion: postgresql.cnpg.io/v1, kind: Pooler, metadata: {name: metrics-pooler, namespace: lab}, \
                  spec: {cluster: {name: metrics}, instances: 4, type: ro, pgbouncer: {poolMode: session}}}";
    cluster().apply(pooler).unwrap();
    let mut desk = admin();
    let scale = json!({ "name": "metrics-pooler", "namespace": "lab", "instances": 7 });
    let change = approved(&mut desk, "scale_postgres_pooler", &scale);
    let bound = r#"[{"op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/instances/maximum", "value": 6}]"#;
    let patch = [
        "patch",
        "crd",
        "poolers.postgresql.cnpg.io",
        "--type=json",
        "-p",
        bound,
    ];
    cluster().kubectl(&patch, None).unwrap();
    wait_until_bounded();
    let said = ["spec.instances", "less than or equal to 6", NEXT];
    desk.call("scale_postgres_pooler", &scale)
        .fails("invalid", &said);
    desk.call("change_apply", &change).fails("invalid", &said);
    let all = objects(cluster(), "poolers.postgresql.cnpg.io");
    let mut all = all
        .iter()
        .filter(|one| one["metadata"]["name"] == "metrics-pooler");
    assert_eq!(all.next().unwrap()["spec"]["instances"], 4);
}

/// The server learns of its own types by a watch.
fn wait_until_bounded() {
    // A deadline, not a measure.
    let deadline = Instant::now() + Duration::from_secs(60);
    let seven = [
        "patch",
        "pooler.postgresql.cnpg.io",
        "metrics-pooler",
        "--namespace=lab",
        "--type=merge",
        "--dry-run=server",
        "-p",
        r#"{"spec":{"instances":7}}"#,
    ];
    while cluster().kubectl(&seven, None).is_ok() {
        assert!(Instant::now() < deadline, "the bound does not count");
    }
}
