//! At a simcluster with the fleet in it. What comes about is seen by a watch, as a client would see it.

use std::time::SystemTime;

use bulkhead_simcluster::{Cluster, Server};
use serde_json::json;
use tokio::runtime::Runtime;

use super::*;
use crate::{Fleet, Named, ORDERS, REPORTS, SCRATCH, VAULT, meta::API};

struct Running {
    api: Api,
    fleet: Fleet,
    operator: Operator,
    server: Server,
    _runtime: Runtime,
}

impl Running {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let fleet = Fleet::new(SystemTime::now());
        let cluster = Cluster::from_manifests(&fleet.manifests()).unwrap();
        let server = runtime.block_on(Server::start(cluster)).unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        Self {
            api: Api::new(agent.into(), &server.url(), None),
            operator: Operator::start(&server.url()),
            fleet,
            server,
            _runtime: runtime,
        }
    }

    /// Does something, and sees what becomes of an object until `end`: what `shown` shows of it, without repetitions.
    fn see(
        &self,
        kind: &str,
        at: Named,
        act: impl FnOnce(&Api),
        shown: &dyn Fn(&Value) -> String,
        end: &dyn Fn(&Value) -> bool,
    ) -> Vec<String> {
        let (_, version) = self.api.list(kind);
        act(&self.api);
        let mut seen: Vec<String> = Vec::new();
        for object in self.api.watch(kind, &version) {
            let metadata = &object["metadata"];
            if metadata["name"] != at.name || metadata["namespace"] != at.namespace {
                continue;
            }
            let now = shown(&object);
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            if end(&object) {
                break;
            }
        }
        seen
    }

    fn cluster(&self, at: Named) -> Value {
        let cluster = self.api.get("Cluster", at.namespace, at.name);
        api::ours(cluster.unwrap(), "Cluster")
    }

    fn pods(&self, at: Named) -> Vec<String> {
        let pods = instances::pods(&self.api, &self.cluster(at)).into_iter();
        pods.map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The phase, or a dash, and how many instances are ready.
fn phase(cluster: &Value) -> String {
    let status = &cluster["status"];
    let phase = status["phase"].as_str().unwrap_or("-");
    format!(
        "{phase}, {} ready",
        status["readyInstances"].as_u64().unwrap_or(0)
    )
}

fn is_healthy_with(count: u64) -> impl Fn(&Value) -> bool {
    move |cluster| {
        cluster["status"]["phase"] == crate::status::HEALTHY
            && cluster["status"]["readyInstances"].as_u64().unwrap_or(0) == count
    }
}

#[test]
fn a_new_cluster_gets_its_instances_one_by_one_and_then_more_and_fewer() {
    let running = Running::start();
    let at = Named {
        namespace: "shop",
        name: "new",
    };
    let cluster = json!({
        "apiVersion": API, "kind": "Cluster", "metadata": { "namespace": "shop", "name": "new" },
        "spec": { "instances": 2, "storage": { "size": "1Gi" } },
    });
    let create = |api: &Api| api.create(cluster, &Value::Null);
    assert_eq!(
        running.see("Cluster", at, create, &phase, &is_healthy_with(2)),
        [
            "-, 0 ready",
            "Setting up primary, 0 ready",
            "Creating a new replica, 1 ready",
            "Cluster in healthy state, 2 ready",
        ]
    );
    assert!(running.api.get("Secret", "shop", "new-app").is_some());
    assert!(running.api.get("Service", "shop", "new-rw").is_some());

    let scale = |count: u64| {
        move |api: &Api| {
            let cluster = api::ours(api.get("Cluster", "shop", "new").unwrap(), "Cluster");
            api.merge(&cluster, &json!({ "spec": { "instances": count } }));
        }
    };
    running.see("Cluster", at, scale(3), &phase, &is_healthy_with(3));
    assert_eq!(running.pods(at), ["new-1", "new-2", "new-3"]);
    running.see("Cluster", at, scale(1), &phase, &is_healthy_with(1));
    assert_eq!(running.pods(at), ["new-1"]);
    assert!(
        running
            .api
            .get("PersistentVolumeClaim", "shop", "new-3")
            .is_none()
    );
    assert!(
        running
            .server
            .requests()
            .iter()
            .any(|request| request.user_agent.as_deref() == Some(AGENT))
    );
}

#[test]
fn hibernation_ends_the_pods_and_waking_brings_them_back() {
    let running = Running::start();
    let annotate = |value: &'static str| {
        move |api: &Api| {
            let cluster = api.get("Cluster", ORDERS.namespace, ORDERS.name).unwrap();
            let patch = json!({ "metadata": { "annotations": { "cnpg.io/hibernation": value } } });
            api.merge(&api::ours(cluster, "Cluster"), &patch);
        }
    };
    let condition = |cluster: &Value| {
        let conditions = cluster["status"]["conditions"]
            .as_array()
            .into_iter()
            .flatten();
        let mut found = conditions.filter(|it| it["type"] == "cnpg.io/hibernation");
        let reason = found.next().and_then(|it| it["reason"].as_str());
        reason.unwrap_or("none").to_owned()
    };
    let asleep = |cluster: &Value| condition(cluster) == "Hibernated";
    assert_eq!(
        running.see("Cluster", ORDERS, annotate("on"), &condition, &asleep),
        ["none", "DeletingPods", "Hibernated"]
    );
    assert_eq!(running.pods(ORDERS), [""; 0]);
    let awake = |cluster: &Value| condition(cluster) == "none";
    running.see("Cluster", ORDERS, annotate("off"), &condition, &awake);
    assert_eq!(running.pods(ORDERS).len(), 3);
}

#[test]
fn another_image_restarts_the_replicas_and_then_the_primary() {
    let running = Running::start();
    let upgrade = |api: &Api| {
        let cluster = api::ours(api.get("Cluster", "shop", "orders").unwrap(), "Cluster");
        api.merge(
            &cluster,
            &json!({ "spec": { "imageName": crate::cluster::image("17.8") } }),
        );
    };
    let who = |cluster: &Value| {
        let reason = cluster["status"]["phaseReason"]
            .as_str()
            .unwrap_or_default();
        reason.split(',').next().unwrap_or_default().to_owned()
    };
    let done = |cluster: &Value| {
        is_healthy_with(3)(cluster)
            && cluster["status"]["image"]
                .as_str()
                .unwrap()
                .contains("17.8")
    };
    assert_eq!(
        running.see("Cluster", ORDERS, upgrade, &who, &done),
        [
            "",
            "Restarting instance orders-3",
            "Restarting instance orders-2",
            "Restarting instance orders-1",
            "",
        ]
    );
}

#[test]
fn a_promotion_comes_to_another_primary() {
    let running = Running::start();
    let promote = |api: &Api| {
        let mut cluster = api::ours(api.get("Cluster", "shop", "orders").unwrap(), "Cluster");
        cluster["status"]["targetPrimary"] = json!("orders-2");
        api.write_status(&cluster);
    };
    let primary = |cluster: &Value| cluster["status"]["currentPrimary"].to_string();
    let done = |cluster: &Value| cluster["status"]["currentPrimary"] == "orders-2";
    running.see("Cluster", ORDERS, promote, &primary, &done);
    let pods = instances::pods(&running.api, &running.cluster(ORDERS));
    let primaries = pods.iter().filter(|pod| instances::is_primary(pod));
    let primaries: Vec<_> = primaries.map(|pod| &pod["metadata"]["name"]).collect();
    assert_eq!(primaries, ["orders-2"]);
}

#[test]
fn a_backup_goes_through_its_phases_and_its_cluster_says_so() {
    let running = Running::start();
    let at = Named {
        namespace: "lab",
        name: "now",
    };
    let backup = json!({
        "apiVersion": API, "kind": "Backup", "metadata": { "namespace": "lab", "name": "now" },
        "spec": { "cluster": { "name": SCRATCH.name }, "method": "barmanObjectStore" },
    });
    let create = |api: &Api| api.create(backup, &Value::Null);
    let phase = |backup: &Value| backup["status"]["phase"].as_str().unwrap_or("-").to_owned();
    let done = |backup: &Value| backup["status"]["phase"] == "completed";
    assert_eq!(
        running.see("Backup", at, create, &phase, &done),
        ["-", "started", "running", "completed"]
    );
    assert!(running.cluster(SCRATCH)["status"]["lastSuccessfulBackup"].is_string());
}

#[test]
fn a_database_is_applied_if_its_owner_is_a_role_and_else_says_why_not() {
    let running = Running::start();
    let applied = |database: &Value| database["status"]["applied"].to_string();
    let ended = |database: &Value| !database["status"]["applied"].is_null();
    for (name, owner, last) in [("good", "reports", "true"), ("bad", "nobody", "false")] {
        let at = Named {
            namespace: REPORTS.namespace,
            name,
        };
        let database = json!({
            "apiVersion": API, "kind": "Database", "metadata": { "namespace": at.namespace, "name": name },
            "spec": { "cluster": { "name": REPORTS.name }, "name": name, "owner": owner },
        });
        let create = |api: &Api| api.create(database, &Value::Null);
        let seen = running.see("Database", at, create, &applied, &ended);
        assert_eq!(seen.last().map(String::as_str), Some(last), "{name}");
    }
}

/// What `passwordStatus` says of a role of the cluster `orders`.
fn written(role: &str) -> impl Fn(&Value) -> String + use<> {
    let at = format!("/status/managedRolesStatus/passwordStatus/{role}");
    move |cluster| {
        cluster
            .pointer(&at)
            .map_or_else(String::new, Value::to_string)
    }
}

/// Whether `passwordStatus` says something else of it than before.
fn is_other(role: &str, before: &Value) -> impl Fn(&Value) -> bool + use<> {
    let written = written(role);
    let before = written(before);
    move |cluster| written(cluster) != before
}

#[test]
fn a_role_is_written_again_once_its_password_or_what_it_may_changes() {
    let running = Running::start();
    let before = running.cluster(ORDERS);
    let rotate = |api: &Api| {
        let secret = api.get("Secret", "shop", "cnpg-orders-user-reporting");
        let secret = api::kinded(secret.unwrap(), "v1", "Secret");
        api.merge(&secret, &json!({ "data": { "password": "bmV3" } }));
    };
    let other = is_other("reporting", &before);
    running.see("Cluster", ORDERS, rotate, &written("reporting"), &other);
    let rotated = running.cluster(ORDERS);
    let secret = running
        .api
        .get("Secret", "shop", "cnpg-orders-user-reporting");
    let version = &secret.unwrap()["metadata"]["resourceVersion"];
    assert!(written("reporting")(&rotated).contains(&version.to_string()));
    assert_eq!(
        written("orders_app")(&rotated),
        written("orders_app")(&before)
    );

    let widen = |api: &Api| {
        let mut roles = rotated["spec"]["managed"]["roles"].clone();
        roles[0]["createdb"] = json!(true);
        api.merge(
            &rotated,
            &json!({ "spec": { "managed": { "roles": roles } } }),
        );
    };
    let other = is_other("orders_app", &rotated);
    running.see("Cluster", ORDERS, widen, &written("orders_app"), &other);
    let widened = running.cluster(ORDERS);
    assert_eq!(
        written("reporting")(&widened),
        written("reporting")(&rotated)
    );
}

#[test]
fn a_paused_operator_stops_at_the_phase_until_it_is_let_go() {
    let running = Running::start();
    running.operator.go_on_to("Creating a new replica");
    let more = |api: &Api| {
        let cluster = api::ours(api.get("Cluster", "shop", "orders").unwrap(), "Cluster");
        api.merge(&cluster, &json!({ "spec": { "instances": 4 } }));
    };
    let creating = |cluster: &Value| cluster["status"]["phase"] == "Creating a new replica";
    running.see("Cluster", ORDERS, more, &phase, &creating);
    // Nothing is under way, so nothing is to be waited for.
    assert_eq!(running.pods(ORDERS).len(), 3);
    let go_on = |_: &Api| running.operator.go_on();
    running.see("Cluster", ORDERS, go_on, &phase, &is_healthy_with(4));
    assert_eq!(running.pods(ORDERS).len(), 4);
}

#[test]
fn a_pooler_gets_a_deployment_and_says_how_many_there_are() {
    let running = Running::start();
    let at = Named {
        namespace: VAULT.namespace,
        name: "vault-rw-pool",
    };
    let pooler = json!({
        "apiVersion": API, "kind": "Pooler", "metadata": { "namespace": at.namespace, "name": at.name },
        "spec": { "cluster": { "name": VAULT.name }, "instances": 3, "type": "rw", "pgbouncer": { "poolMode": "session" } },
    });
    let create = |api: &Api| api.create(pooler, &Value::Null);
    let instances = |pooler: &Value| pooler["status"]["instances"].to_string();
    let done = |pooler: &Value| pooler["status"]["instances"] == 3;
    running.see("Pooler", at, create, &instances, &done);
    let deployment = running
        .api
        .get("Deployment", at.namespace, at.name)
        .unwrap();
    assert_eq!(deployment["spec"]["replicas"], 3);
}

#[test]
fn what_was_ill_before_stays_so() {
    let running = Running::start();
    // Whatever the operator would do at the beginning is done before this cluster is healthy: it follows one after the other.
    let at = Named {
        namespace: "shop",
        name: "last",
    };
    let cluster = json!({
        "apiVersion": API, "kind": "Cluster", "metadata": { "namespace": "shop", "name": "last" },
        "spec": { "instances": 1, "storage": { "size": "1Gi" } },
    });
    let create = |api: &Api| api.create(cluster, &Value::Null);
    running.see("Cluster", at, create, &phase, &is_healthy_with(1));
    for at in crate::ALL {
        let before = running.fleet.object("Cluster", at.namespace, at.name);
        assert_eq!(
            before.unwrap()["status"],
            running.cluster(at)["status"],
            "{at:?}"
        );
    }
}
