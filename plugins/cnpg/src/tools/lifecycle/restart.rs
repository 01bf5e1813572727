//! `restart_postgres_cluster`: new pods for all instances, one after the other.
//!
//! The operator compares an annotation of the cluster with the same one of each pod, as texts (`checkClusterHasDifferentRestartAnnotation`,
//! `internal/controller/cluster_upgrade.go`): any other value restarts. `kubectl cnpg restart` writes the time; here it is a count, so
//! that a call that comes again makes the same plan and finds its open proposal. A pod of its own is not deleted: of the primary that
//! can lose data (`docs/src/instance_manager.md`).

use super::{NAME, find, refuse_hibernated, rolling, waiting};
use crate::instances;
use crate::phase::HEALTHY;
use crate::place::NAMESPACE;
use crate::standstill::later;
use crate::telling;
use crate::waiting::{TIMEOUT, now_and_then, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use serde_json::json;

const ANNOTATION: &str = "kubectl.kubernetes.io/restartedAt";

/// Before the count.
const BULKHEAD: &str = "bulkhead-";

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "restart_postgres_cluster",
        "Proposes to restart all instances of a cluster, the primary last. Says what that does to connections. A person approves it.",
        restart,
    )
    .title("Restart a PostgreSQL cluster")
}

fn restart(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, found) = find(&values)?;
    let cluster = found.object();
    refuse_hibernated(&place, &found)?;
    let name = found.name();
    let restart =
        following(cluster.text("/metadata/annotations/kubectl.kubernetes.io~1restartedAt"));
    let mut notes = rolling::notes(&found);
    notes.extend(later(&found));
    let target = found.target();
    let patch = json!({ "metadata": { "annotations": { ANNOTATION: restart } } });
    let mut summary = format!(
        "restart all instances of cluster {name} in {}",
        place.namespace
    );
    telling::all(&mut summary, &notes);
    let plan = Plan::new(summary).change(Change::patch_merge(target.clone(), &patch));
    let number = found.instances();
    let mut wait = || {
        until_past(
            found.phase(),
            &target,
            waiting(&values, number),
            &now_and_then(),
            &|cluster| {
                let is_healthy = cluster.text("/status/phase") == HEALTHY;
                // The phase is still the old one before the operator has seen the request: the pods tell.
                Ok(is_healthy && instances::all_are(&found, &|one| one.restarted_at == restart)?)
            },
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// Counts on from a value that was written here; any other one, such as a time, is another value than the first count.
fn following(value: &str) -> String {
    let count = value
        .strip_prefix(BULKHEAD)
        .and_then(|count| count.parse::<u32>().ok());
    format!("{BULKHEAD}{}", count.unwrap_or(0).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::following;

    #[test]
    fn each_restart_has_another_value_than_the_one_before() {
        let mut value = String::new();
        for expected in ["bulkhead-1", "bulkhead-2", "bulkhead-3"] {
            value = following(&value);
            assert_eq!(value, expected);
        }
        assert_eq!(following("2026-11-22T01:00:00Z"), "bulkhead-1");
        assert_eq!(following("bulkhead-x"), "bulkhead-1");
    }
}
