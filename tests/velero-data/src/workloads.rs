//! What there is to back up: namespaces, workloads with their revisions, volumes and storage classes.

use serde_json::{Value, json};

use crate::{
    VELERO, VELERO_DR, backups,
    clock::{Clock, DAY, HOUR},
    dice::Dice,
};

pub(crate) const GIB: u64 = 1 << 30;

/// After the last backup of any schedule.
const SINCE: i64 = 8 * HOUR + 30;

/// Namespace, tier, age in minutes.
const NAMESPACES: [(&str, &str, i64); 10] = [
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

/// A volume claim, and the pod that mounts it as `data`.
#[derive(Clone, Copy)]
pub(crate) struct Volume {
    pub(crate) namespace: &'static str,
    pub(crate) name: &'static str,
    pub(crate) pod: &'static str,
    pub(crate) class: &'static str,
    pub(crate) gib: u64,
    /// Whether it has the label `backup=yes`.
    labelled: bool,
    /// Whether it is newer than every backup.
    new: bool,
}

const fn volume(
    namespace: &'static str,
    name: &'static str,
    pod: &'static str,
    class: &'static str,
    gib: u64,
) -> Volume {
    Volume {
        namespace,
        name,
        pod,
        class,
        gib,
        labelled: false,
        new: false,
    }
}

const fn labelled(mut volume: Volume) -> Volume {
    volume.labelled = true;
    volume
}

const fn new(mut volume: Volume) -> Volume {
    volume.new = true;
    volume
}

pub(crate) const VOLUMES: [Volume; 10] = [
    volume("shop", "data-postgres-0", "postgres-0", "standard", 20),
    volume("shop", "data-postgres-1", "postgres-1", "standard", 20),
    new(volume(
        "shop",
        "cache",
        "beta-6c9f7d5b8-x2k4p",
        "standard",
        5,
    )),
    labelled(volume(
        "payments",
        "data-ledger-0",
        "ledger-0",
        "standard",
        50,
    )),
    volume(
        "payments",
        "spool",
        "gateway-7d8c6b9f5-q4w7z",
        "standard",
        10,
    ),
    volume("orders", "queue", "worker-5b7f9c6d8-m2n5v", "bulk", 100),
    volume("legacy", "archive", "app-84f6d7c9b-h5j8k", "bulk", 500),
    volume("scratch", "tmp", "toy-6f5d8c7b9-b4c6d", "standard", 1),
    volume("media", "library", "server-9c8b7d6f5-t5v8w", "premium", 200),
    new(volume(
        "analytics",
        "warehouse",
        "loader-7b6c5d9f8-r7s2x",
        "standard",
        40,
    )),
];

impl Volume {
    /// Made up of its place, so that whatever names it names the same.
    pub(crate) fn uid(&self) -> String {
        let sum = |text: &str| {
            text.bytes().fold(7_u64, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u64::from(byte))
            })
        };
        Dice::new(sum(self.namespace) ^ sum(self.name).rotate_left(17)).uid()
    }

    /// Whether a backup holds it: by namespaces and by its label.
    pub(crate) fn in_backup(&self, backup: &Value) -> bool {
        let named = |list: &str| {
            let names = backup["spec"][list].as_array().into_iter().flatten();
            names
                .filter_map(Value::as_str)
                .any(|name| name == "*" || name == self.namespace)
        };
        let selected = self.labelled || backup["spec"].get("labelSelector").is_none();
        !self.new && selected && named("includedNamespaces") && !named("excludedNamespaces")
    }

    fn object(&self, clock: &Clock) -> Value {
        let age = if self.new { SINCE } else { 50 * DAY };
        let mut labels = json!({ "app": self.pod.split('-').next() });
        if self.labelled {
            labels["backup"] = json!("yes");
        }
        let size = format!("{}Gi", self.gib);
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": self.name, "namespace": self.namespace, "labels": labels, "uid": self.uid(),
                "creationTimestamp": clock.ago(age),
            },
            "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } },
                "storageClassName": self.class, "volumeMode": "Filesystem", "volumeName": format!("pvc-{}", self.uid()),
            },
            "status": { "phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": { "storage": size } },
        })
    }
}

pub(crate) fn all(clock: &Clock, dice: &mut Dice) -> Vec<Value> {
    let mut objects: Vec<_> = NAMESPACES
        .iter()
        .map(|(name, tier, age)| {
            let mut labels = json!({ "kubernetes.io/metadata.name": name, "tier": tier });
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
    objects.extend(VOLUMES.iter().map(|volume| volume.object(clock)));
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
