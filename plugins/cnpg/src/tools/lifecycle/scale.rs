//! `scale_postgres_cluster`: more replicas, or fewer.
//!
//! The patch is one number, with a test of the number that was looked at.

use super::{NAME, count, find, unchanged, waiting};
use crate::place::NAMESPACE;
use crate::standstill::later;
use crate::telling;
use crate::waiting::{TIMEOUT, equals, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool, order};
use serde_json::json;
use std::cmp::Reverse;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[Argument::number(
    "instances",
    1,
    10,
    "How many there shall be, the primary among them.",
)
.required()];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "scale_postgres_cluster",
        "Proposes another number of instances of a cluster. Says what that does to high availability, synchronous replication and \
         volumes. A person approves it.",
        scale,
    )
    .title("Scale a PostgreSQL cluster")
    .destructive()
    .idempotent()
}

fn scale(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, found) = find(&values)?;
    let cluster = found.object();
    let name = found.name();
    let wanted = u64::from(values.count("instances").unwrap_or_default());
    let current = found.instances();
    if current == wanted {
        let how = format!("has {}", count(wanted, "instance"));
        return Err(unchanged(&place, name, &how));
    }
    refuse(cluster, wanted)?;
    let mut notes = availability(cluster, current, wanted);
    notes.extend(volumes(cluster, current, wanted));
    notes.extend(later(&found));
    let target = found.target();
    let patch = json!([
        { "op": "test", "path": "/spec/instances", "value": current },
        { "op": "replace", "path": "/spec/instances", "value": wanted },
    ]);
    let mut summary = format!(
        "scale cluster {name} in {} from {current} to {}",
        place.namespace,
        count(wanted, "instance")
    );
    telling::all(&mut summary, &notes);
    let plan = Plan::new(summary).change(Change::json_patch(target.clone(), &patch));
    // What comes has to be ready, what goes has to be gone.
    let counted = if wanted > current {
        "readyInstances"
    } else {
        "instances"
    };
    let mut wait = || {
        until_past(
            found.phase(),
            &target,
            waiting(&values, current.max(wanted)),
            &equals(&format!("status.{counted}"), &wanted.into()),
            &|cluster| Ok(cluster.number(&format!("/status/{counted}")) == wanted),
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// Refuses what the operator would: its webhook (`internal/webhook/v1/cluster_webhook.go`), or, for `maxSyncReplicas`, its controller,
/// which takes the number back (`scaleDownCluster`, `internal/controller/cluster_scale.go`).
fn refuse(cluster: Object<'_>, wanted: u64) -> Result<(), Failure> {
    let spec = cluster.part("/spec");
    let most = spec.number("/maxSyncReplicas");
    let synchronous = spec.part("/postgresql/synchronous");
    let number = synchronous.number("/number");
    let why = if most > 0 && most >= wanted {
        format!("spec.maxSyncReplicas is {most} and must be less than the instances")
    } else if number > 0 && number >= wanted + outside(synchronous) {
        format!(
            "spec.postgresql.synchronous.number is {number}: so many replicas confirm each write, and there would be {} at most",
            wanted + outside(synchronous) - 1
        )
    } else if wanted == 1 && spec.text("/primaryUpdateStrategy") == "supervised" {
        "spec.primaryUpdateStrategy is supervised, which takes a replica to switch to".to_owned()
    } else {
        return Ok(());
    };
    let name = cluster.text("/metadata/name");
    let what = format!(
        "cluster `{name}` cannot have {}: {why}",
        count(wanted, "instance")
    );
    Err(Failure::invalid(what)
        .next_step("choose a higher number, or have a person change that first"))
}

/// How many standbys outside the cluster may confirm writes too.
fn outside(synchronous: Object<'_>) -> u64 {
    let named = ["/standbyNamesPre", "/standbyNamesPost"];
    let counts = named.map(|at| synchronous.items(at).count());
    counts.into_iter().fold(0, |sum, one| sum + one as u64)
}

/// What becomes of fail-over, of writes that replicas confirm, and of the quorum.
fn availability(cluster: Object<'_>, current: u64, wanted: u64) -> Vec<String> {
    let mut notes = Vec::new();
    match wanted {
        1 => notes.push(
            "high availability is lost: nothing takes over when the instance fails, and each restart stops the database".to_owned(),
        ),
        2 if current > 2 => notes.push(
            "one replica is left: while it is away, for an update or a repair, nothing can take over".to_owned(),
        ),
        _ => {}
    }
    let synchronous = cluster.part("/spec/postgresql/synchronous");
    let number = synchronous.number("/number");
    let replicas = wanted - 1;
    let waits = synchronous.text("/dataDurability") != "preferred";
    if number > 0 && waits && number >= replicas + outside(synchronous) {
        notes.push(format!(
            "every replica has to confirm each write then ({number} of {replicas}): when one is away, writes wait for it"
        ));
    }
    let least = cluster.number("/spec/minSyncReplicas");
    if least > 0 && least >= replicas {
        notes.push(format!(
            "every replica has to confirm each write then (spec.minSyncReplicas {least} of {replicas}), as long as it is ready"
        ));
    }
    // R + W > N of the replicas (`docs/src/failover.md`).
    if number > 0 && synchronous.flag("/failoverQuorum") == Some(true) {
        notes.push(format!(
            "fail-over goes by quorum: the operator promotes only while {} of the {} can be reached",
            (replicas + 1).saturating_sub(number).max(1),
            count(replicas, "replica")
        ));
    }
    notes
}

/// Which volumes come, or go with their instances.
fn volumes(cluster: Object<'_>, current: u64, wanted: u64) -> Vec<String> {
    if wanted > current {
        let size = |at: &str| cluster.text(&format!("/spec/{at}/size"));
        let each = match (size("storage"), size("walStorage")) {
            ("", _) => "as its template says".to_owned(),
            (data, "") => format!("of {data} each"),
            (data, wal) => format!("of {data} each, and as many of {wal} for WAL"),
        };
        let more = wanted - current;
        return vec![format!(
            "each new replica copies the whole database from another instance; {} {each}",
            count(more, "new volume")
        )];
    }
    let going = going(cluster, current - wanted);
    let which = if going.is_empty() {
        count(current - wanted, "replica")
    } else {
        listed(&going)
    };
    vec![format!(
        "{which} would go with its volumes; one that is not ready stays, and unless it is fenced nothing \
         goes until it is"
    )]
}

/// The ready replicas with the highest numbers (`findDeletableInstance`, `internal/controller/replicas.go`), as far as the operator has
/// named them.
fn going(cluster: Object<'_>, number: u64) -> Vec<String> {
    let mut names = cluster.texts("/status/instancesStatus/healthy");
    names.retain(|name| name != cluster.text("/status/currentPrimary"));
    let serial = |name: &str| {
        let number = name
            .rsplit('-')
            .next()
            .and_then(|number| number.parse().ok());
        number.unwrap_or(0_u32)
    };
    order::by(&mut names, |name| Reverse(serial(name)));
    names.truncate(usize::try_from(number).unwrap_or(usize::MAX));
    names
}

#[cfg(test)]
mod tests {
    use super::{availability, going, refuse, volumes};
    use bulkhead_plugin_sdk::{Failure, Object};
    use serde_json::{Value, json};

    fn refused(spec: &Value, wanted: u64) -> String {
        let cluster = json!({ "metadata": { "name": "orders" }, "spec": spec });
        match refuse(Object(&cluster), wanted) {
            Ok(()) => String::new(),
            Err(failure) => {
                assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
                failure.message().to_owned()
            }
        }
    }

    #[test]
    fn what_synchronous_replication_needs_is_not_scaled_away() {
        let new = json!({ "postgresql": { "synchronous": { "method": "any", "number": 2 } } });
        assert!(refused(&new, 2).contains("synchronous.number is 2"));
        assert_eq!(refused(&new, 3), "");
        let outside = json!({ "postgresql": { "synchronous": { "number": 2, "standbyNamesPost": ["far"] } } });
        assert_eq!(refused(&outside, 2), "");
        let old = json!({ "maxSyncReplicas": 2, "minSyncReplicas": 1 });
        assert!(refused(&old, 2).contains("spec.maxSyncReplicas is 2"));
        assert_eq!(refused(&old, 3), "");
    }

    #[test]
    fn a_supervised_cluster_keeps_a_replica() {
        let supervised = json!({ "primaryUpdateStrategy": "supervised" });
        assert!(refused(&supervised, 1).contains("supervised"));
        assert_eq!(refused(&supervised, 2), "");
    }

    #[test]
    fn what_is_lost_below_three_and_below_two_is_said() {
        let plain = json!({ "spec": {} });
        let said = |current, wanted| availability(Object(&plain), current, wanted).join("; ");
        assert!(said(3, 1).contains("high availability is lost"));
        assert!(said(2, 1).contains("high availability is lost"));
        assert!(said(3, 2).contains("one replica is left"));
        assert_eq!(said(1, 2), "");
        assert_eq!(said(5, 3), "");
    }

    #[test]
    fn writes_that_would_wait_and_the_quorum_are_said() {
        let spec = json!({ "spec": { "postgresql": { "synchronous": { "method": "any", "number": 1, "failoverQuorum": true } } } });
        let said = availability(Object(&spec), 3, 2).join("; ");
        assert!(
            said.contains("(1 of 1): when one is away, writes wait"),
            "{said}"
        );
        assert!(said.contains("only while 1 of the 1 replica"), "{said}");
        let said = availability(Object(&spec), 3, 5).join("; ");
        assert!(!said.contains("writes wait"), "{said}");
        assert!(said.contains("only while 4 of the 4 replicas"), "{said}");
        let soft = json!({ "spec": { "postgresql": { "synchronous": { "number": 1, "dataDurability": "preferred" } } } });
        let said = availability(Object(&soft), 3, 2).join("; ");
        assert!(!said.contains("writes wait"), "{said}");
    }

    #[test]
    fn the_ready_replicas_with_the_highest_numbers_go_and_the_primary_stays() {
        let cluster = json!({
            "spec": { "storage": { "size": "10Gi" }, "walStorage": { "size": "2Gi" } },
            "status": { "instancesStatus": { "healthy": ["orders-2", "orders-9", "orders-10"], "replicating": ["orders-11"] }, "currentPrimary": "orders-10" },
        });
        assert_eq!(going(Object(&cluster), 1), ["orders-9"]);
        assert_eq!(going(Object(&cluster), 2), ["orders-9", "orders-2"]);
        let more = volumes(Object(&cluster), 3, 5).join("; ");
        assert!(
            more.contains("2 new volumes of 10Gi each, and as many of 2Gi for WAL"),
            "{more}"
        );
    }
}
