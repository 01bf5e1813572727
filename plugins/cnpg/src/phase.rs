//! The phases of a cluster (`api/v1/cluster_types.go` and `internal/controller` of 1.28, and what other versions have beside them), and
//! what they mean for whoever asks.
//!
//! A phase is a sentence that the operator wrote last. It does not tell the whole state: a hibernated or a fenced cluster keeps
//! the phase that it had, mostly the healthy one. [`Cluster::state`](crate::cluster::Cluster::state) says which of them counts.

/// What a phase means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The operator has not taken it up.
    New,
    /// Nothing is to be done.
    Healthy,
    /// The operator is at work on it, and goes on by itself.
    Working,
    /// The operator waits for a person.
    Person,
    /// The operator cannot go on.
    Stuck,
    /// A phase of another version of the operator.
    Unknown,
}

/// As the operator writes it where nothing is to be done.
pub(crate) const HEALTHY: &str = "Cluster in healthy state";

/// As the operator writes it where no instance can run for want of space (`ensureNoFailoverOnFullDisk`).
pub(crate) const NO_SPACE: &str = "Not enough disk space";

/// What to do about a cluster that is lost.
const RESTORE: &str = "list_postgres_backups, then restore_postgres_cluster into a new cluster; delete nothing before";

/// What to do about a plugin that the operator does not find.
const PLUGIN: &str = "a plugin in spec.plugins is not installed, or not where the operator looks: its Service must be in the operator's namespace";

/// A phase, what it means, and what to do next; empty where there is nothing but to wait.
struct Known(&'static str, Meaning, &'static str);

const KNOWN: &[Known] = &[
    Known(HEALTHY, Meaning::Healthy, ""),
    Known("Switchover in progress", Meaning::Working, ""),
    Known(
        "Failing over",
        Meaning::Working,
        "wait for the new primary; get_postgres_logs of the old one says why it failed",
    ),
    Known("Setting up primary", Meaning::Working, ""),
    Known(
        "Creating a new replica",
        Meaning::Working,
        "where it takes long, look at the pods and claims of the new instance: k8s_list_events",
    ),
    Known("Upgrading cluster", Meaning::Working, ""),
    Known(
        "Upgrading Postgres major version",
        Meaning::Working,
        "wait; the cluster is down until it has ended",
    ),
    Known(
        "Cluster upgrade delayed",
        Meaning::Working,
        "the operator delays upgrades by its own configuration",
    ),
    Known(
        "Primary instance is being restarted in-place",
        Meaning::Working,
        "",
    ),
    Known(
        "Primary instance is being restarted without a switchover",
        Meaning::Working,
        "",
    ),
    Known(
        "Waiting for the instances to become active",
        Meaning::Working,
        "where it takes long, get_postgres_logs of the instance that is not ready",
    ),
    Known("Online upgrade in progress", Meaning::Working, ""),
    Known("Applying configuration", Meaning::Working, ""),
    Known("Promoting to primary cluster", Meaning::Working, ""),
    Known(
        "Instance Status Extraction Error: HTTP communication issue",
        Meaning::Stuck,
        "the operator does not reach port 8000 of the instances: look at network policies, and at the operator's logs",
    ),
    Known(
        "Waiting for user action",
        Meaning::Person,
        "promote a replica with promote_postgres_instance: the primary is updated only then",
    ),
    Known(
        NO_SPACE,
        Meaning::Stuck,
        "a person sets a larger request in the claims that are full, and then the same size in the spec (resize_postgres_storage): in this phase the operator looks at no claim; free nothing by hand inside PGDATA",
    ),
    Known(
        "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
        Meaning::Stuck,
        PLUGIN,
    ),
    Known(
        "Cluster cannot proceed to reconciliation due to an error while interacting with plugins",
        Meaning::Stuck,
        "look at the logs of the plugin named in the reason",
    ),
    Known(
        "Cluster has incomplete or invalid image catalog",
        Meaning::Stuck,
        "look at the ImageCatalog that spec.imageCatalogRef names: it lacks the major version",
    ),
    Known(
        "Cluster is unrecoverable and needs manual intervention",
        Meaning::Stuck,
        RESTORE,
    ),
    Known(
        "Cluster cannot execute instance online upgrade due to missing architecture binary",
        Meaning::Stuck,
        "the operator's image lacks the architecture of a node",
    ),
    Known(
        "Unable to create required cluster objects",
        Meaning::Stuck,
        "the reason names the object; look whether a quota or a policy refuses it",
    ),
    // Of 1.30.
    Known(
        "Invalid cluster definition",
        Meaning::Stuck,
        "the reason names what is wrong in the spec: have a person correct it",
    ),
    // Up to 1.25.
    Known(
        "Cluster is in an unrecoverable state, needs manual intervention",
        Meaning::Stuck,
        RESTORE,
    ),
    Known("Unknown plugin", Meaning::Stuck, PLUGIN),
];

impl Meaning {
    /// Returns what a phase means.
    pub(crate) fn of(phase: &str) -> Self {
        match known(phase) {
            Some(known) => known.1,
            None if phase.is_empty() => Self::New,
            None => Self::Unknown,
        }
    }

    /// Returns what it means, to a person.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::New => "the operator has not taken it up",
            Self::Healthy => "nothing is to be done",
            Self::Working => "the operator is at work on it",
            Self::Person => "the operator waits for a person",
            Self::Stuck => "the operator cannot go on by itself",
            Self::Unknown => "a phase that CloudNativePG 1.28 does not have",
        }
    }
}

/// Returns what to do about a phase; empty where there is nothing but to wait.
pub(crate) fn next_step(phase: &str) -> &'static str {
    match known(phase) {
        Some(known) => known.2,
        None if phase.is_empty() => {
            "is the operator running, and does it watch this namespace? look at its pods and at the events here"
        }
        None => {
            "look at the reason, the events here and the operator's logs: they say whether the operator goes on by itself"
        }
    }
}

/// Returns the phase in words that can be counted: no phase is `New`.
pub(crate) fn shown(phase: &str) -> &str {
    if phase.is_empty() { "New" } else { phase }
}

fn known(phase: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.0 == phase)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Meaning, next_step};

    #[test]
    fn a_phase_that_a_person_must_look_at_says_what_to_do() {
        for known in KNOWN {
            let is_trouble = matches!(known.1, Meaning::Person | Meaning::Stuck);
            assert_eq!(Meaning::of(known.0), known.1);
            assert!(!is_trouble || !next_step(known.0).is_empty(), "{}", known.0);
        }
    }

    #[test]
    fn no_phase_is_new_and_a_phase_of_another_version_is_unknown() {
        assert_eq!(Meaning::of(""), Meaning::New);
        assert!(!next_step("").is_empty());
        assert_eq!(Meaning::of("Melting"), Meaning::Unknown);
        assert!(!next_step("Melting").is_empty());
    }
}
