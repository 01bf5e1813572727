//! CloudNativePG's own types at the real API server, with the fleet in them, and no operator that would act on it.

mod objects;

use std::{collections::HashMap, sync::OnceLock};

use bulkhead_cnpg_data::Fleet;
use bulkhead_tests::real_cluster::{Controllers, RealCluster};
use serde_json::Value;

use crate::cnpg::fleet;

/// The server that these tests share, with the fleet in it: the status of each object is written as a controller writes it.
fn shared() -> &'static (RealCluster, Fleet) {
    static SHARED: OnceLock<(RealCluster, Fleet)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (cluster, fleet) = (RealCluster::start(Controllers::Off).unwrap(), fleet());
        cluster.serve_cnpg().unwrap();
        install(&cluster, &fleet);
        (cluster, fleet)
    })
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
    let all = [
        "get",
        "clusters.postgresql.cnpg.io,poolers,scheduledbackups",
        "--all-namespaces",
        "--output=json",
    ];
    let list: Value = serde_json::from_str(&cluster.kubectl(&all, None).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    let items = items.map(|item| {
        let metadata = &item["metadata"];
        let place = (
            text(&item["kind"]),
            text(&metadata["namespace"]),
            text(&metadata["name"]),
        );
        (place, text(&metadata["uid"]))
    });
    items.collect()
}

fn cluster() -> &'static RealCluster {
    &shared().0
}

/// The fleet as it was made for that server.
fn installed() -> &'static Fleet {
    &shared().1
}

/// The words of `arguments` have no spaces.
fn kubectl(arguments: &str) -> String {
    let arguments: Vec<_> = arguments.split(' ').collect();
    cluster().kubectl(&arguments, None).unwrap()
}
