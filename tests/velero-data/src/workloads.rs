//! What there is to back up: namespaces, workloads with their revisions, and storage classes; the volumes are [`claims`].

use serde_json::{Value, json};

use crate::{
    VELERO, VELERO_DR, backups, claims,
    clock::{Clock, DAY, HOUR},
    dice::Dice,
};

/// After the last backup of any schedule.
pub(crate) const SINCE: i64 = 8 * HOUR + 30;

/// Namespace, tier or none, age in minutes.
const NAMESPACES: [(&str, &str, i64); 14] = [
    ("default", "", 400 * DAY),
    ("kube-node-lease", "", 400 * DAY),
    ("kube-public", "", 400 * DAY),
    ("kube-system", "", 400 * DAY),
    (VELERO, "platform", 200 * DAY),
    (VELERO_DR, "platform", 200 * DAY),
    ("shop", "gold", 200 * DAY),
    ("payments", "gold", 200 * DAY),
    ("orders", "silver", 60 * DAY),
    ("legacy", "bronze", 400 * DAY),
    ("scratch", "bronze", 30 * DAY),
    (backups::KEPT_OUT, "bronze", 30 * DAY),
    ("analytics", "silver", SINCE),
    ("media", "silver", 100 * DAY),
];

pub(crate) fn all(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut objects: Vec<_> = NAMESPACES
        .iter()
        .map(|(name, tier, age)| {
            let mut labels = json!({ "kubernetes.io/metadata.name": name });
            if !tier.is_empty() {
                labels["backup-tier"] = json!(tier);
            }
            if *name == backups::KEPT_OUT {
                labels["velero.io/exclude-from-backup"] = json!("true");
            }
            json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": { "name": name, "labels": labels, "creationTimestamp": clock.ago(*age) },
                "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" },
            })
        })
        .collect();
    // `premium` is gone: a volume still names it.
    objects.extend(["standard", "bulk"].map(|name| storage_class(name, clock)));
    objects.extend(claims::all(clock));
    let old = 40 * DAY + HOUR;
    objects.extend(deployment(
        "shop",
        "web",
        3,
        &[("web:1.4", old), ("web:1.6", SINCE)],
        clock,
        dice,
    ));
    for (namespace, name, replicas, image, age) in [
        (VELERO, "velero", 1, "velero:v1.18.3", old),
        ("shop", "api", 2, "api:2.1", old),
        ("shop", "beta", 1, "beta:0.1", SINCE),
        ("payments", "gateway", 2, "gateway:7", old),
        ("orders", "worker", 4, "worker:3.2", old),
        ("legacy", "app", 1, "app:2009", old),
        ("scratch", "toy", 1, "toy:1", old),
        ("sandbox", "toy", 1, "toy:1", old),
        ("media", "server", 2, "server:5", old),
        ("analytics", "loader", 1, "loader:1", SINCE),
    ] {
        objects.extend(deployment(
            namespace,
            name,
            replicas,
            &[(image, age)],
            clock,
            dice,
        ));
    }
    objects.push(stateful_set(
        "shop",
        "postgres",
        2,
        "postgres:17",
        clock,
        dice,
    ));
    objects.extend(revisions(
        "shop",
        "postgres",
        &[("postgres:16", old), ("postgres:17", SINCE)],
        clock,
    ));
    objects.extend(others(clock));
    let mut ledger = stateful_set("payments", "ledger", 1, "ledger:4", clock, dice);
    ledger["metadata"]["labels"]["backup"] = json!("yes");
    objects.push(ledger);
    objects
}

fn storage_class(name: &str, clock: &Clock) -> Value {
    let is_default = (name == "standard").to_string();
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {
            "name": name, "creationTimestamp": clock.ago(400 * DAY),
            "annotations": { "storageclass.kubernetes.io/is-default-class": is_default },
        },
        "provisioner": "csi.example.com", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": true,
    })
}

fn pods(name: &str, image: &str) -> Value {
    json!({
        "metadata": { "labels": { "app": name } },
        "spec": { "containers": [{ "name": name, "image": format!("registry.example/{image}") }] },
    })
}

/// A deployment and a replica set for each of its images, the oldest first: the last one runs.
fn deployment(
    namespace: &str,
    name: &str,
    replicas: u32,
    images: &[(&str, i64)],
    clock: &Clock,
    dice: &mut Dice,
) -> Vec<Value> {
    let (uid, oldest) = (dice.uid(), images[0].1);
    let newest = images.len();
    let mut objects: Vec<_> = images
        .iter()
        .enumerate()
        .map(|(index, (image, age))| {
            let running = if index + 1 == newest { replicas } else { 0 };
            let hash = format!("{:x}", dice.between(1 << 32, 1 << 36));
            let mut template = pods(name, image);
            template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
            json!({
                "apiVersion": "apps/v1", "kind": "ReplicaSet",
                "metadata": {
                    "name": format!("{name}-{hash}"), "namespace": namespace, "creationTimestamp": clock.ago(*age),
                    "labels": { "app": name, "pod-template-hash": hash },
                    "annotations": { "deployment.kubernetes.io/revision": (index + 1).to_string() },
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": uid, "controller": true,
                        "blockOwnerDeletion": true,
                    }],
                },
                "spec": {
                    "replicas": running, "selector": { "matchLabels": { "app": name, "pod-template-hash": hash } },
                    "template": template,
                },
                "status": { "replicas": running, "readyReplicas": running, "availableReplicas": running },
            })
        })
        .collect();
    objects.insert(0, json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": name, "namespace": namespace, "uid": uid, "generation": newest, "labels": { "app": name },
            "annotations": { "deployment.kubernetes.io/revision": newest.to_string() }, "creationTimestamp": clock.ago(oldest),
        },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": name } }, "template": pods(name, images[newest - 1].0),
        },
        "status": {
            "observedGeneration": newest, "replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas,
            "availableReplicas": replicas,
        },
    }));
    objects
}

fn stateful_set(
    namespace: &str,
    name: &str,
    replicas: u32,
    image: &str,
    clock: &Clock,
    dice: &mut Dice,
) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {
            "name": name, "namespace": namespace, "uid": dice.uid(), "labels": { "app": name },
            "creationTimestamp": clock.ago(50 * DAY),
        },
        "spec": {
            "replicas": replicas, "serviceName": name, "selector": { "matchLabels": { "app": name } },
            "template": pods(name, image),
            "volumeClaimTemplates": [{
                "metadata": { "name": "data" },
                "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "20Gi" } } },
            }],
        },
        "status": { "replicas": replicas, "readyReplicas": replicas, "currentReplicas": replicas },
    })
}

/// The controller revisions of a stateful set, the oldest first: the last one runs.
fn revisions(namespace: &str, name: &str, images: &[(&str, i64)], clock: &Clock) -> Vec<Value> {
    let one = |(number, (image, age)): (usize, &(&str, i64))| {
        let number = number + 1;
        json!({
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": number,
            "metadata": {
                "name": format!("{name}-{number}"), "namespace": namespace, "labels": { "app": name },
                "creationTimestamp": clock.ago(*age),
            },
            "data": { "spec": { "template": pods(name, image) } },
        })
    };
    images.iter().enumerate().map(one).collect()
}

/// A service at a port of every node, and what runs at times.
fn others(clock: &Clock) -> Vec<Value> {
    let old = 40 * DAY + HOUR;
    let metadata = |name: &str| json!({ "name": name, "namespace": "shop", "creationTimestamp": clock.ago(old) });
    let mut job = pods("report", "report:1");
    job["spec"]["restartPolicy"] = json!("Never");
    vec![
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata("web"),
            "spec": {
                "type": "NodePort", "selector": { "app": "web" },
                "ports": [{ "name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP" }],
            },
        }),
        json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata("report"),
            "spec": { "schedule": "0 6 * * 1", "jobTemplate": { "spec": { "template": job } } },
        }),
    ]
}
