//! The twelve clusters of the fleet, and by which words each one's state is told. The same at the real API server.

use bulkhead_cnpg_data::{
    ALL, CARTS, CATALOG, LEDGER, LEGACY_POOLER, MEDIA, METRICS, Named, ORDERS, PAYMENTS, POS,
    REPORTS, SANDBOX, SCRATCH, VAULT,
};
use serde_json::{Value, json};

use super::{Desk, sim};

/// A cluster of the fleet, and how it is told.
struct State {
    at: Named,
    /// As the list of clusters and the first line of the status have it.
    word: &'static str,
    /// What else stands in the status.
    says: &'static [&'static str],
}

const HEALTHY: &str = "Cluster in healthy state";

const STATES: [State; 12] = [
    // What else there is of it may be changed meanwhile, by a test of changes.
    State {
        at: ORDERS,
        word: HEALTHY,
        says: &["primary: orders-1", "WAL archiving: works"],
    },
    State {
        at: METRICS,
        word: HEALTHY,
        says: &[
            "what to do next: nothing\n",
            "instances: 3 of 3 ready",
            "primary: metrics-1",
            "metrics-2: replica, ready, 17.7",
            "replication lag: not in the Kubernetes API",
            "from: ImageCatalog postgresql, major version 17",
            "by: volumeSnapshot",
        ],
    },
    State {
        at: CARTS,
        word: "Failing over",
        says: &[
            "reason: Failing over from carts-1 to carts-2",
            "next primary: carts-2",
            "carts-1: primary, not ready: CrashLoopBackOff",
            "instances: 2 of 3 ready",
        ],
    },
    State {
        at: CATALOG,
        word: HEALTHY,
        says: &[
            "WAL archiving fails for 2d11h",
            "what to do next: get_postgres_logs",
            "no good backup for 3d10h",
            "last good: ",
            "first recoverability point: ",
            "LastBackupSucceeded: False",
        ],
    },
    State {
        at: MEDIA,
        word: "Not enough disk space",
        says: &[
            "what to do next: a person sets a larger request",
            "use: full",
            "no disk space left for WAL",
            "per instance: 10Gi of data",
        ],
    },
    State {
        at: LEDGER,
        word: HEALTHY,
        says: &[
            "certificate in Secret ledger-tls expires in 5d",
            "what to do next: a person has to renew the certificate",
            "by: plugin barman-cloud.cloudnative-pg.io",
        ],
    },
    State {
        at: VAULT,
        word: "Hibernated",
        says: &[
            "wake_postgres_cluster to use it",
            "instances: 0 of 2 ready",
            "the claims are kept",
        ],
    },
    State {
        at: PAYMENTS,
        word: "Fenced",
        says: &[
            "all instances are fenced: PostgreSQL is stopped",
            "what to do next: lift the fencing",
            "payments-1: primary, not ready, fenced",
        ],
    },
    State {
        at: POS,
        word: "Upgrading cluster",
        says: &[
            "reason: Restarting instance pos-3",
            "pos-3: replica, not ready, 17.7",
            "on another image: pos-1 (17.6), pos-2 (17.6)",
        ],
    },
    State {
        at: SCRATCH,
        word: HEALTHY,
        says: &[
            "no backups are set up",
            "there is one instance, and nothing to fail over to",
            "PostgreSQL: 16.11",
        ],
    },
    State {
        at: SANDBOX,
        word: "Creating a new replica",
        says: &[
            "claims without a pod: sandbox-3, sandbox-3-wal",
            "cannot be used, since another of their instance is gone: sandbox-4",
            "claims: 7, of them 3 odd",
        ],
    },
    State {
        at: REPORTS,
        word: HEALTHY,
        says: &[
            "auditor: could not perform UPDATE_MEMBERSHIPS",
            "role \"compliance\" does not exist",
            "not there yet: auditor",
        ],
    },
];

/// What is the matter with something else than a cluster: the tool that tells it, and how.
fn elsewhere() -> [(&'static str, Value, &'static [&'static str]); 2] {
    let of = |at: Named| json!({ "cluster_name": at.name, "namespace": at.namespace });
    [
        (
            "list_postgres_databases",
            of(REPORTS),
            &["quarterly", "role \"analyst\" does not exist"],
        ),
        (
            "list_postgres_poolers",
            json!({ "namespace": LEGACY_POOLER.namespace }),
            &[LEGACY_POOLER.name, "legacy"],
        ),
    ]
}

/// Each state is told by the status, by the list of its namespace, or by the tool that is about it.
pub(crate) fn are_told(desk: &mut Desk) {
    for State { at, word, says } in &STATES {
        let of = json!({ "name": at.name, "namespace": at.namespace });
        let status = desk.call("get_cluster_status", &of).succeeds(says).text;
        let first = format!("{} in namespace {}: {word}", at.name, at.namespace);
        let told = status.lines().next().unwrap_or_default();
        assert!(told.contains(&first), "{at:?}: {told}");
        let list = json!({ "namespace": at.namespace });
        let list = desk.call("list_postgres_clusters", &list).succeeds(&[]);
        let mut rows = list.text.lines();
        let row = rows.find(|row| row.split_whitespace().next() == Some(at.name));
        let row = row.unwrap_or_else(|| panic!("{}", list.text));
        assert!(row.contains(word), "{row}");
    }
    for (tool, arguments, says) in elsewhere() {
        desk.call(tool, &arguments).succeeds(says);
    }
}

#[test]
fn the_state_of_each_cluster_of_the_fleet_is_told() {
    for at in ALL {
        assert!(STATES.iter().any(|state| state.at == at), "{at:?}");
    }
    let sim = sim();
    are_told(&mut Desk::open(&sim.kubeconfig()));
}
