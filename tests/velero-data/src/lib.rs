//! A Velero that somebody runs, as the objects of a cluster: what the tests of the `velero` plugin look at.
//!
//! Objects are those that Velero 1.18 writes, field for field (`pkg/apis/velero`, `pkg/controller`), by a generator with a seed:
//! the same seed and the same time give the same objects. Times stand relative to that time, and far enough from where their age
//! would be shown by another number, so that ages stay the same for half an hour. Nothing here knows the plugin.

mod backups;
mod claims;
mod clock;
mod crds;
mod dice;
mod locations;
mod odd;
mod restores;
mod schedules;
mod volumes;
mod workloads;

use std::time::SystemTime;

use serde_json::Value;

use crate::{clock::Clock, dice::Dice};

pub use crds::crds_minimal;

/// Where the Velero is that most of the objects belong to.
pub const VELERO: &str = "velero";

/// Where there is another one.
pub const VELERO_DR: &str = "velero-dr";

/// The objects of a cluster with Velero in it.
///
/// | schedule of `velero` | of | last backup |
/// |---|---|---|
/// | `apps-daily` | all but `scratch`, `legacy` and some more; moves snapshots' data | 10 h ago, good; two nights ago partially failed |
/// | `cluster-weekly` | all, without volumes | 3 days ago, good |
/// | `payments-12h` | `payments`, what has the label `backup=yes`; hooks | 9 h ago, partially failed since a hook failed |
/// | `legacy-nightly` | `legacy` | paused; 40 days ago |
/// | `orders-nightly` | `orders` | never: its cron expression is wrong |
/// | `offsite-daily` | `shop` and `orders`, to the unavailable location `offsite` | 5 days ago; not valid since |
///
/// By hand or stuck: a backup in each phase that Velero has, one that has expired and is still there, one whose deletion failed. A
/// restore in each phase.
///
/// Namespaces, with a tier in the label `backup-tier`: `shop`, `payments`, `orders`, `legacy`, `scratch` (excluded), `sandbox`
/// (excluded by its own label), `analytics` (made after every backup), `media` (a volume of a storage class that is gone). Since the
/// last backups, in `shop`: `web` and `postgres` have another image, `beta` and its claim `cache` are new, the claim `uploads` is gone.
#[derive(Clone, Debug)]
pub struct Fleet {
    objects: Vec<Value>,
}

impl Fleet {
    /// Makes the data set as it stands at `now`.
    #[must_use]
    pub fn new(seed: u64, now: SystemTime) -> Self {
        let clock = Clock::at(now);
        let mut dice = Dice::new(seed);
        let mut objects = workloads::all(&clock, &mut dice);
        objects.extend(locations::all(&clock));
        for schedule in schedules::ALL {
            objects.push(schedule.object(&clock));
            let backups = schedule.backups(&clock, &mut dice);
            objects.extend(volumes::of_newest(&backups, schedule, &mut dice));
            objects.extend(backups);
        }
        objects.extend(odd::all(&clock, &mut dice));
        objects.extend(restores::all(&clock));
        Self { objects }
    }

    /// The objects, namespaces first. Their types are those of [`crds_minimal`] and Kubernetes' own.
    #[must_use]
    pub fn objects(&self) -> &[Value] {
        &self.objects
    }

    /// The same as YAML documents, behind [`crds_minimal`]: what a simcluster or the plugins' test kit is made of.
    #[must_use]
    pub fn manifests(&self) -> String {
        let mut text = crds_minimal();
        for object in &self.objects {
            text.push_str("---\n");
            text.push_str(&object.to_string());
            text.push('\n');
        }
        text
    }
}

/// So many good backups of namespace [`VELERO`], an hour apart, for a list that is long and nothing else.
#[must_use]
pub fn backups(count: u32, seed: u64, now: SystemTime) -> Vec<Value> {
    let clock = Clock::at(now);
    let mut dice = Dice::new(seed);
    let hourly = |number: u32| {
        let ago = clock::HOUR * i64::from(number) + 30;
        let name = format!("hourly-{}", clock.stamp(ago));
        let mut backup = backups::completed(VELERO, &name, ago, &clock, &mut dice);
        backups::of_schedule(&mut backup, "hourly");
        backup
    };
    (0..count).map(hourly).collect()
}

#[cfg(test)]
mod tests;
