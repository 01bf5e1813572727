//! Three instances and a pooler, with logs as the instance manager and PostgreSQL write them.

use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_simcluster::Cluster;
use serde_json::{Value, json};

const CRD: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: clusters.postgresql.cnpg.io }
spec:
  group: postgresql.cnpg.io
  scope: Namespaced
  names: { plural: clusters, singular: cluster, kind: Cluster, listKind: ClusterList }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
";

const GRANTS: [&str; 3] = [
    r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get", "list"], namespaces = ["shop"]"#,
    r#"api_groups = [""], resources = ["pods"], verbs = ["get", "list"], namespaces = ["shop"]"#,
    r#"api_groups = [""], resources = ["pods/log"], verbs = ["get"], namespaces = ["shop"]"#,
];

/// A pod of the cluster `main-db`.
fn pod(name: &str, role: &str, container: &str, restarts: u32) -> Value {
    let labels = match role {
        "" => json!({ "cnpg.io/cluster": "main-db", "cnpg.io/podRole": "pooler" }),
        role => {
            json!({ "cnpg.io/cluster": "main-db", "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": role })
        }
    };
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "shop", "labels": labels },
        "spec": { "nodeName": "node-a", "containers": [{ "name": container, "image": "i" }] },
        "status": { "phase": "Running", "containerStatuses": [{
            "name": container, "image": "i", "imageID": "i", "ready": true, "restartCount": restarts, "started": true,
            "state": { "running": { "startedAt": "2026-11-20T00:00:00Z" } },
        }] },
    })
}

fn of_cluster(name: &str, hibernates: bool) -> Value {
    let mut cluster = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": { "name": name, "namespace": "shop" },
        "spec": { "instances": 3, "storage": { "size": "1Gi" } },
    });
    if hibernates {
        cluster["metadata"]["annotations"] = json!({ "cnpg.io/hibernation": "on" });
    }
    cluster
}

/// A line of a log: its time to the second, and what stands there.
pub(crate) fn line(second: &str, text: &str) -> String {
    format!("2026-11-22T10:{second}.000000000Z {text}\n")
}

/// A record of PostgreSQL.
pub(crate) fn record(second: &str, severity: &str, code: &str, message: &str) -> String {
    let record = json!({ "error_severity": severity, "sql_state_code": code, "message": message });
    line(
        second,
        &json!({ "level": "info", "logger": "postgres", "msg": "record", "record": record })
            .to_string(),
    )
}

/// A line of the instance manager.
pub(crate) fn manager(second: &str, level: &str, logger: &str, message: &str) -> String {
    line(
        second,
        &json!({ "level": level, "logger": logger, "msg": message }).to_string(),
    )
}

/// A cluster with these logs, by pod: of the run now and of the one before.
pub(crate) fn with_logs(logs: &[(&str, bool, String)]) -> Kit {
    let mut cluster = Cluster::from_manifests(CRD).expect("the CRD is one");
    for object in [
        of_cluster("main-db", false),
        of_cluster("asleep", true),
        of_cluster("starting", false),
        pod("main-db-1", "replica", "postgres", 0),
        pod("main-db-2", "primary", "postgres", 3),
        pod("main-db-3", "replica", "postgres", 1),
        pod("main-db-pooler-rw-x1", "", "pgbouncer", 0),
    ] {
        cluster.insert(object).expect("it is an object");
    }
    for (pod, previous, text) in logs {
        let container = if pod.contains("pooler") {
            "pgbouncer"
        } else {
            "postgres"
        };
        let set = cluster.set_log("shop", pod, container, *previous, text);
        set.expect("it is a log");
    }
    Kit::with(cluster)
}

/// The same with everything granted.
pub(crate) fn granted(logs: &[(&str, bool, String)]) -> Running {
    let kit = with_logs(logs);
    GRANTS.into_iter().fold(kit, Kit::grant).run(describe)
}
