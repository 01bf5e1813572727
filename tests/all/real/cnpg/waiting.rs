//! A cluster's life at a server of its own, with the scripted operator: what the host waits for comes by the real server's watches, its
//! versions and its types.

use std::sync::Arc;

use bulkhead_cnpg_data::Operator;
use bulkhead_tests::real_cluster::{Controllers, RealCluster, User};
use serde_json::{Value, json};
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::Desk;
use crate::cnpg::waiting::{begin, ends, is_told};

/// Trusts the server, and waits as long as a watch takes.
fn agent(cluster: &RealCluster) -> Agent {
    let certificates = parse_pem(cluster.ca_pem().as_bytes()).map(|item| match item.unwrap() {
        PemItem::Certificate(certificate) => certificate,
        _ => panic!("the CA holds something else than certificates"),
    });
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates.collect())))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .proxy(None);
    config.build().into()
}

const FAST: &str = "
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: none.example.com
allowVolumeExpansion: true
";

#[test]
fn a_cluster_is_made_given_a_role_and_an_instance_and_deleted_and_each_is_waited_for() {
    // Its controllers collect what belonged to the cluster.
    let cluster = RealCluster::start(Controllers::On).unwrap();
    cluster.serve_cnpg().unwrap();
    cluster.apply(FAST).unwrap();
    let token = User::Admin.token();
    let operator = Operator::paused_at(agent(&cluster), cluster.url(), Some(&token));
    let mut desk = Desk::open(&cluster.kubeconfig_for(User::Admin));

    let fresh =
        json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast", "instances": 2 });
    let call = begin(&mut desk, "create_postgres_cluster", &fresh);
    is_told(&mut desk, call, "not looked at by the operator yet");
    operator.go_on_to("Creating a new replica");
    is_told(&mut desk, call, "1 of 2 instances ready");
    operator.go_on();
    let healthy = ["waited: done", "Cluster in healthy state, 2 of 2 instances"];
    ends(&mut desk, call).succeeds(&healthy);
    let status = json!({ "name": "fresh", "namespace": "shop" });
    desk.call("get_cluster_status", &status)
        .succeeds(&["primary: fresh-1", "fresh-2: replica, ready"]);

    let of_fresh = |more: Value| {
        let mut all = more;
        all["cluster_name"] = json!("fresh");
        all["namespace"] = json!("shop");
        all
    };
    for (tool, arguments, end) in [
        (
            "create_postgres_role",
            of_fresh(json!({ "role_name": "courier" })),
            "role courier is reconciled",
        ),
        (
            "update_postgres_role",
            of_fresh(json!({ "role_name": "courier", "reset_password": true })),
            "role courier is reconciled",
        ),
        (
            "create_postgres_database",
            of_fresh(json!({ "database_name": "parcels", "owner": "courier" })),
            "the database is applied",
        ),
        (
            "scale_postgres_cluster",
            json!({ "name": "fresh", "namespace": "shop", "instances": 3 }),
            "3 of 3 instances ready",
        ),
        (
            "delete_postgres_cluster",
            json!({ "name": "fresh", "namespace": "shop" }),
            "the cluster is gone",
        ),
    ] {
        let call = begin(&mut desk, tool, &arguments);
        ends(&mut desk, call).succeeds(&["is applied", "waited: done", end]);
    }
    desk.call("get_cluster_status", &status)
        .fails("not-found", &[]);
}
