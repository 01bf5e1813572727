//! The three Services of a cluster, and its ServiceAccount (`services.go`).

use serde_json::{Value, json};

use crate::{
    cluster::Made,
    meta::{labels, of_cluster},
};

pub(crate) fn all(made: &Made<'_>) -> Vec<Value> {
    let cluster = made.at.name;
    let selected = |by: &str, value: &str| json!({ "cnpg.io/cluster": cluster, by: value });
    [
        ("rw", selected("cnpg.io/instanceRole", "primary")),
        ("ro", selected("cnpg.io/instanceRole", "replica")),
        ("r", selected("cnpg.io/podRole", "instance")),
    ]
    .into_iter()
    .map(|(suffix, selector)| {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": of_cluster(made.at, &format!("{cluster}-{suffix}"), labels(cluster, made.major())),
            "spec": {
                "type": "ClusterIP", "selector": selector,
                "ports": [{ "name": "postgres", "port": 5432, "protocol": "TCP", "targetPort": 5432 }],
            },
        })
    })
    .collect()
}

pub(crate) fn account(made: &Made<'_>) -> Value {
    let labels = json!({ "cnpg.io/cluster": made.at.name });
    json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": of_cluster(made.at, made.at.name, labels),
    })
}
