//! CloudNativePG's own types at the real API server, with the fleet in them, and no operator that would act on it.

mod changes;
mod kept;
mod refused;
mod states;
mod waiting;

use std::{collections::HashMap, sync::OnceLock};

use bulkhead_cnpg_data::Fleet;
use bulkhead_tests::{
    host_config::HostConfig,
    real_cluster::{Controllers, RealCluster, User},
};
use serde_json::{Value, json};

use crate::{
    cnpg::{Desk, fleet, text},
    session::{Ran, bulkhead},
};

/// What these tests share.
struct Shared {
    cluster: RealCluster,
    fleet: Fleet,
    /// Every object of the kinds of the fleet, before a test changed any.
    there: Vec<Value>,
}

/// A server with the fleet in it, where the status of each object is written as a controller writes it, and with what `bulkhead rbac`
/// prints for `rbac-user`: the host is never anybody else.
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (cluster, fleet) = (RealCluster::start(Controllers::Off).unwrap(), fleet());
        cluster.serve_cnpg().unwrap();
        install(&cluster, &fleet);
        let there = objects(&cluster, &KINDS.join(","));
        give_rights(&cluster);
        Shared {
            cluster,
            fleet,
            there,
        }
    })
}

/// What the fleet is made of, apart from what every cluster has.
const KINDS: [&str; 12] = [
    "clusters.postgresql.cnpg.io",
    "backups.postgresql.cnpg.io",
    "scheduledbackups.postgresql.cnpg.io",
    "databases.postgresql.cnpg.io",
    "poolers.postgresql.cnpg.io",
    "imagecatalogs.postgresql.cnpg.io",
    "clusterimagecatalogs.postgresql.cnpg.io",
    "pods",
    "persistentvolumeclaims",
    "secrets",
    "services",
    "deployments.apps",
];

/// Every object of some kinds.
fn objects(cluster: &RealCluster, kinds: &str) -> Vec<Value> {
    let get = ["get", kinds, "--all-namespaces", "--output=json"];
    let mut list: Value = serde_json::from_str(&cluster.kubectl(&get, None).unwrap()).unwrap();
    match list["items"].take() {
        Value::Array(items) => items,
        other => panic!("no list: {other}"),
    }
}

fn give_rights(cluster: &RealCluster) {
    let config = HostConfig::with_text(&text(&cluster.kubeconfig_for(User::Rbac))).unwrap();
    let mut rbac = bulkhead(config.folder());
    rbac.args(["rbac", "--user", User::Rbac.name(), "--config"]);
    let printed = Ran::of(rbac.arg(config.path()));
    assert_eq!(printed.code, Some(0), "{printed:?}");
    cluster.apply(&printed.stdout).unwrap();
    for (group, resource, verb, namespace) in [
        ("postgresql.cnpg.io", "clusters", "patch", "shop"),
        ("postgresql.cnpg.io", "clusterimagecatalogs", "list", ""),
        ("", "secrets", "create", "lab"),
        ("", "pods", "list", "till"),
        ("storage.k8s.io", "storageclasses", "list", ""),
    ] {
        let attributes =
            json!({ "group": group, "resource": resource, "verb": verb, "namespace": namespace });
        cluster.wait_until_allowed(User::Rbac, &attributes).unwrap();
    }
}

fn install(cluster: &RealCluster, fleet: &Fleet) {
    // Strict: a field that the types do not know is an error, where the server would otherwise drop it.
    let apply = |objects: Vec<Value>, more: &[&str]| {
        let mut arguments = vec![
            "apply",
            "--server-side",
            "--validate=strict",
            "--filename=-",
        ];
        arguments.extend(more);
        let documents: Vec<_> = objects.iter().map(Value::to_string).collect();
        let documents = documents.join("\n---\n");
        cluster.kubectl(&arguments, Some(&documents)).unwrap();
    };
    let (owned, mut first): (Vec<_>, Vec<_>) = fleet
        .creations(&|_, _, _| None)
        .into_iter()
        .partition(Fleet::owned);
    // The namespace `shop` is there for a user's rights; it is the same one.
    first.retain(|object| object["kind"] != "Namespace" || object["metadata"]["name"] != "shop");
    apply(first, &[]);
    let uids = uids(cluster);
    let uid = |kind: &str, namespace: &str, name: &str| {
        let place = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        uids.get(&place).cloned()
    };
    let mut then = fleet.creations(&uid);
    then.retain(Fleet::owned);
    assert_eq!(then.len(), owned.len());
    apply(then, &[]);
    let status = ["--subresource=status", "--force-conflicts"];
    apply(fleet.statuses(&uid), &status);
}

/// By kind, namespace and name, of what owns others.
fn uids(cluster: &RealCluster) -> HashMap<(String, String, String), String> {
    let owners = objects(cluster, &[KINDS[0], KINDS[2], KINDS[4]].join(","));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let owners = owners.iter().map(|owner| {
        let metadata = &owner["metadata"];
        let place = (
            text(&owner["kind"]),
            text(&metadata["namespace"]),
            text(&metadata["name"]),
        );
        (place, text(&metadata["uid"]))
    });
    owners.collect()
}

fn cluster() -> &'static RealCluster {
    &shared().cluster
}

fn desk() -> Desk {
    Desk::open(&cluster().kubeconfig_for(User::Rbac))
}
