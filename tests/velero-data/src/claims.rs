//! The volume claims, and in which backups they are.

use serde_json::{Value, json};

use crate::{
    clock::{Clock, DAY},
    dice::Dice,
    workloads::SINCE,
};

pub(crate) const GIB: u64 = 1 << 30;

/// When a volume claim is there.
#[derive(Clone, Copy, PartialEq)]
enum Age {
    /// Before every backup, and still.
    Old,
    /// Newer than every backup.
    New,
    /// In the backups, and no more.
    Gone,
}

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
    age: Age,
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
        age: Age::Old,
    }
}

const fn labelled(mut volume: Volume) -> Volume {
    volume.labelled = true;
    volume
}

const fn aged(mut volume: Volume, age: Age) -> Volume {
    volume.age = age;
    volume
}

pub(crate) const VOLUMES: [Volume; 11] = [
    volume("shop", "data-postgres-0", "postgres-0", "standard", 20),
    volume("shop", "data-postgres-1", "postgres-1", "standard", 20),
    aged(
        volume("shop", "cache", "beta-6c9f7d5b8-x2k4p", "standard", 5),
        Age::New,
    ),
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
    aged(
        volume(
            "analytics",
            "warehouse",
            "loader-7b6c5d9f8-r7s2x",
            "standard",
            40,
        ),
        Age::New,
    ),
    aged(
        volume("shop", "uploads", "web-6f7c8d9b5-k4m7n", "standard", 15),
        Age::Gone,
    ),
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
        self.age != Age::New
            && selected
            && named("includedNamespaces")
            && !named("excludedNamespaces")
    }

    fn object(&self, clock: &Clock) -> Value {
        let age = if self.age == Age::New {
            SINCE
        } else {
            50 * DAY
        };
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

/// Those that are there.
pub(crate) fn all(clock: &Clock) -> impl Iterator<Item = Value> {
    let there = VOLUMES.iter().filter(|volume| volume.age != Age::Gone);
    there.map(|volume| volume.object(clock))
}
