//! What a person should look at in a cluster, the most urgent first, each with what to do about it.
//!
//! Judged from the Cluster alone, so that a list can say it of hundreds; who has read pods, claims or backups adds what they tell.

use crate::certificate::{self, Validity};
use crate::cluster::{Cluster, Condition, Hibernation};
use crate::phase::{self, Meaning};
use bulkhead_plugin_sdk::{Time, order, when};

/// Nightly backups are usual: two days without a good one are a night that failed.
const STALE_BACKUP_SECONDS: u64 = 48 * 60 * 60;

/// What to do about backups that fail.
const SEE_BACKUPS: &str = "list_postgres_backups shows which failed and why";

/// What to do while the operator is at work.
pub(crate) const WAIT: &str = "wait: the operator is at work on it; ask again in a minute";

/// How urgent something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// The database does not work, or its data is in danger.
    Urgent,
    /// It will be, or something does not do what it is for.
    Soon,
}

/// Something to look at.
#[derive(Debug)]
pub(crate) struct Concern {
    pub(crate) weight: Weight,
    /// What it is, in a few words.
    pub(crate) words: String,
    /// What to do about it.
    pub(crate) next: String,
}

/// What there is to look at.
#[derive(Debug, Default)]
pub(crate) struct Concerns(Vec<Concern>);

impl Concerns {
    /// What a Cluster by itself gives to look at.
    pub(crate) fn of(cluster: &Cluster, now: Time) -> Self {
        let mut concerns = Self::default();
        if cluster.is_going() {
            concerns.add(
                Weight::Soon,
                "Being deleted: nothing takes that back",
                "where it lasts, look at what holds it: finalizers, and what it owns",
            );
            return concerns;
        }
        concerns.phase(cluster);
        concerns.stopped(cluster);
        if !cluster.is_hibernated() {
            concerns.instances(cluster);
            concerns.backups(cluster, now);
        }
        concerns.certificates(cluster, now);
        concerns.rest(cluster);
        concerns
    }

    /// Adds one more.
    pub(crate) fn add(
        &mut self,
        weight: Weight,
        words: impl Into<String>,
        next: impl Into<String>,
    ) {
        self.0.push(Concern {
            weight,
            words: words.into(),
            next: next.into(),
        });
    }

    /// Returns them, the most urgent first; what is as urgent stays in its order.
    pub(crate) fn sorted(mut self) -> Vec<Concern> {
        order::by(&mut self.0, |concern| concern.weight);
        self.0
    }

    fn phase(&mut self, cluster: &Cluster) {
        let phase = phase::shown(cluster.phase());
        let meaning = cluster.meaning();
        let weight = match meaning {
            Meaning::Stuck => Weight::Urgent,
            Meaning::Person | Meaning::New | Meaning::Unknown => Weight::Soon,
            Meaning::Healthy | Meaning::Working => return,
        };
        let words = match cluster.object().text("/status/phaseReason") {
            "" => format!("{phase}: {}", meaning.sentence()),
            reason => format!("{phase}: {reason}"),
        };
        self.add(weight, words, phase::next_step(cluster.phase()));
    }

    fn stopped(&mut self, cluster: &Cluster) {
        let fenced = cluster.fenced();
        let lift = "lift the fencing once the repair is done: while it lasts, PostgreSQL does not run there and nothing fails over";
        if cluster.is_wholly_fenced() {
            self.add(
                Weight::Urgent,
                "all instances are fenced: PostgreSQL is stopped",
                lift,
            );
        } else if cluster.is_fenced(cluster.primary()) {
            self.add(
                Weight::Urgent,
                format!(
                    "the primary {} is fenced: PostgreSQL is stopped there",
                    cluster.primary()
                ),
                lift,
            );
        } else if !fenced.is_empty() {
            self.add(Weight::Soon, format!("fenced: {}", fenced.join(", ")), lift);
        }
        if cluster.is_left_alone() {
            self.add(
                Weight::Soon,
                "the operator is told to leave it alone (annotation cnpg.io/reconciliationLoop): nothing is mended, and nothing fails over",
                "have a person take the annotation away once what it is for is done",
            );
        }
        match cluster.hibernation() {
            Hibernation::Wrong => self.add(
                Weight::Soon,
                "the annotation cnpg.io/hibernation is neither `on` nor `off`: the operator takes no notice of it",
                "set it to `on` or `off`",
            ),
            Hibernation::Asked if cluster.meaning() != Meaning::Healthy => self.add(
                Weight::Soon,
                "hibernation is asked for, and begins only once the phase is healthy",
                "wake_postgres_cluster takes the request back",
            ),
            Hibernation::No
            | Hibernation::Asked
            | Hibernation::Hibernating
            | Hibernation::Hibernated => {}
        }
    }

    fn instances(&mut self, cluster: &Cluster) {
        let (ready, wanted) = (cluster.ready(), cluster.instances());
        // Where the phase or the fencing says it, it is not said again.
        if ready >= wanted || cluster.meaning() == Meaning::Stuck || cluster.is_wholly_fenced() {
            return;
        }
        let weight = match (ready, cluster.meaning()) {
            (0, Meaning::Healthy) => Weight::Urgent,
            _ if cluster.is_moving() => Weight::Urgent,
            _ => Weight::Soon,
        };
        let next = match (phase::next_step(cluster.phase()), cluster.meaning()) {
            ("", Meaning::Working) => WAIT,
            ("", _) => "get_postgres_logs of the instance that is not ready",
            (next, _) => next,
        };
        self.add(
            weight,
            format!("{ready} of {wanted} instances are ready"),
            next,
        );
    }

    fn backups(&mut self, cluster: &Cluster, now: Time) {
        if let Some(archiving) = failing(cluster, "ContinuousArchiving") {
            self.add(
                Weight::Urgent,
                format!("WAL archiving fails{}: {}", since(&archiving, now), archiving.message),
                "get_postgres_logs of the primary; until it works, no restore to a recent point in time, and WAL fills the volume",
            );
        }
        if cluster.backup_ways().is_empty() {
            self.add(
                Weight::Soon,
                "no backups are set up",
                "set up spec.plugins with the barman-cloud plugin, or volume snapshots, and then create_postgres_scheduled_backup",
            );
            return;
        }
        if let Some(failed) = failing(cluster, "LastBackupSucceeded") {
            self.add(
                Weight::Urgent,
                format!("the last backup failed: {}", failed.message),
                SEE_BACKUPS,
            );
        }
        // Of a plugin's backups the status says nothing, and what it says may be of the time before the plugin.
        if cluster.has_backup_plugin() {
            return;
        }
        self.last_good_backup(cluster.last_good_backup(), now);
    }

    /// Judges when the last good backup ended; none where there never was one.
    pub(crate) fn last_good_backup(&mut self, good: Option<Time>, now: Time) {
        match good {
            Some(good) if now.since(good).as_secs() > STALE_BACKUP_SECONDS => {
                self.add(
                    Weight::Urgent,
                    format!("no good backup for {}", now.age(good)),
                    SEE_BACKUPS,
                );
            }
            Some(_) => {}
            None => self.add(
                Weight::Soon,
                "there is no good backup yet",
                "create_postgres_backup takes one now",
            ),
        }
    }

    fn certificates(&mut self, cluster: &Cluster, now: Time) {
        for certificate in certificate::of(cluster) {
            let weight = match certificate.validity(now) {
                Validity::Urgent => Weight::Urgent,
                Validity::Soon | Validity::Renewing => Weight::Soon,
                Validity::Good | Validity::Unknown => continue,
            };
            let expires = when::from(now, certificate.expires);
            let words = format!(
                "the {} in Secret {} expires {expires}",
                certificate.purposes.join(" and "),
                certificate.secret
            );
            self.add(weight, words, certificate.next_step(now));
        }
    }

    fn rest(&mut self, cluster: &Cluster) {
        for (role, why) in cluster.cannot_reconcile() {
            self.add(
                Weight::Soon,
                format!("role {role} is not as it is written: {why}"),
                "list_postgres_roles; update_postgres_role mends its attributes",
            );
        }
        let unusable = (
            "/status/unusablePVC",
            "claims that cannot be used, since another of their instance is gone",
        );
        let dangling = ("/status/danglingPVC", "claims without a pod");
        // Without pods, every claim is without one.
        let looked_at = if cluster.is_hibernated() {
            &[unusable][..]
        } else {
            &[unusable, dangling]
        };
        for (place, words) in looked_at {
            let claims = cluster.object().texts(place);
            if !claims.is_empty() {
                let words = format!("{words}: {}", claims.join(", "));
                self.add(
                    Weight::Soon,
                    words,
                    "the operator uses dangling claims for new instances; have a person delete those that are not wanted, after a look at what they hold",
                );
            }
        }
        // Its other reason is that no instance has told its own yet.
        if let Some(system) =
            failing(cluster, "ConsistentSystemID").filter(|one| one.reason == "Mismatch")
        {
            self.add(
                Weight::Urgent,
                format!(
                    "the instances are not of one database system: {}",
                    system.message
                ),
                "have a person compare the instances; one of them holds other data",
            );
        }
    }
}

/// Returns a condition that says no.
fn failing<'a>(cluster: &'a Cluster, of: &str) -> Option<Condition<'a>> {
    let condition = cluster.condition(of)?;
    (condition.status == "False" && condition.reason != "BackupStarted").then_some(condition)
}

fn since(condition: &Condition<'_>, now: Time) -> String {
    let since = Time::parse(condition.since);
    since.map_or_else(String::new, |since| format!(" for {}", now.age(since)))
}
