//! The demo cluster: three namespaces in which a few things are broken, as in real life.
//!
//! `shop`: `checkout` crashes because its database's name is wrong, `recommender` fits on no node, the rest is well.
//! One merge patch mends each of the first two, since `deployments` follows it: the image of the release before for
//! `checkout` (or the right host), less memory for `recommender`.
//! `batch`: the job `nightly-report` failed. `load`: a thousand pods of `worker`. Times are written as `${ago:5m}` and
//! become real when it is loaded, so that ages look right on any day.

mod ago;
mod load;

use jiff::Timestamp;

use crate::cluster::Cluster;

/// Name and text of the embedded manifests.
const MANIFESTS: &[(&str, &str)] = &[
    ("demo/nodes.yaml", include_str!("../demo/nodes.yaml")),
    ("demo/system.yaml", include_str!("../demo/system.yaml")),
    (
        "demo/shop-checkout.yaml",
        include_str!("../demo/shop-checkout.yaml"),
    ),
    (
        "demo/shop-healthy.yaml",
        include_str!("../demo/shop-healthy.yaml"),
    ),
    (
        "demo/shop-recommender.yaml",
        include_str!("../demo/shop-recommender.yaml"),
    ),
    (
        "demo/shop-metrics.yaml",
        include_str!("../demo/shop-metrics.yaml"),
    ),
    ("demo/batch.yaml", include_str!("../demo/batch.yaml")),
];

/// Namespace, pod, container, whether it is of the previous run, text.
#[rustfmt::skip]
const LOGS: &[(&str, &str, &str, bool, &str)] = &[
    ("shop", "checkout-6d9f7c5b8-x2kqp", "checkout", false, include_str!("../demo/logs/checkout.log")),
    ("shop", "checkout-6d9f7c5b8-x2kqp", "checkout", true, include_str!("../demo/logs/checkout.previous.log")),
    ("shop", "cart-5b8c9d7f6d-7wz4m", "cart", false, include_str!("../demo/logs/cart.log")),
    ("shop", "frontend-7c4f8b9d5-4ktzq", "nginx", false, include_str!("../demo/logs/frontend-nginx.log")),
    ("shop", "frontend-7c4f8b9d5-4ktzq", "metrics", false, include_str!("../demo/logs/frontend-metrics.log")),
    ("batch", "nightly-report-29384-qv8lp", "report", false, include_str!("../demo/logs/nightly-report.log")),
];

impl Cluster {
    /// The demo cluster, with ages relative to now.
    #[expect(
        clippy::missing_panics_doc,
        reason = "what is embedded is loaded by a test below"
    )]
    pub fn demo() -> Self {
        let now = Timestamp::now();
        let mut cluster = Self::new();
        for (name, yaml) in MANIFESTS {
            cluster
                .put_manifests(name, &ago::fill_in(yaml, now))
                .expect("a test loads the embedded manifests");
        }
        for object in load::objects(now) {
            cluster
                .insert(object)
                .expect("a test makes the generated objects");
        }
        for (namespace, pod, container, previous, text) in LOGS {
            let text = ago::fill_in(text, now);
            cluster
                .set_log(namespace, pod, container, *previous, &text)
                .expect("a test loads the embedded logs");
        }
        cluster
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::logs::ContainerRun;

    #[test]
    fn the_demo_cluster_loads_with_every_owner_and_every_log_in_place() {
        let cluster = Cluster::demo();
        let mut uids = Vec::new();
        let mut owners = Vec::new();
        for of in cluster.types().all() {
            for object in cluster.collection(of).values() {
                uids.push(object["metadata"]["uid"].clone());
                let references = object["metadata"]["ownerReferences"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                owners.extend(
                    references
                        .into_iter()
                        .map(|owner| (object["metadata"]["name"].clone(), owner)),
                );
            }
        }
        for (name, owner) in owners {
            assert!(
                uids.contains(&owner["uid"]),
                "the owner of {name} is not there: {owner}"
            );
        }
        let pods = cluster
            .types()
            .find("", "v1", "pods")
            .expect("pods are built in");
        for (namespace, pod, container, previous, _) in LOGS {
            let object = cluster
                .object(pods, Some(namespace), pod)
                .expect("a log's pod is there");
            let containers = object["spec"]["containers"]
                .as_array()
                .expect("a pod has containers");
            assert!(
                containers.iter().any(|one| one["name"] == *container),
                "{pod} has no {container}"
            );
            let run = ContainerRun {
                namespace: (*namespace).into(),
                pod: (*pod).into(),
                container: (*container).into(),
                previous: *previous,
            };
            assert!(cluster.log(&run).is_some());
        }
    }

    #[test]
    fn a_thousand_pods_work_in_load() {
        let cluster = Cluster::demo();
        let pods = cluster
            .types()
            .find("", "v1", "pods")
            .expect("pods are built in");
        let phases: Vec<Value> = cluster
            .collection(pods)
            .values()
            .filter(|pod| pod["metadata"]["namespace"] == "load")
            .map(|pod| pod["status"]["phase"].clone())
            .collect();
        let count = |phase: &str| phases.iter().filter(|one| *one == phase).count();
        assert_eq!(
            (count("Running"), count("Pending"), count("Failed")),
            (960, 30, 10)
        );
    }
}
