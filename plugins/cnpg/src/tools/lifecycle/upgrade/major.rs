//! A major upgrade in place, by `pg_upgrade` with the database down: whether it may begin, and its steps
//! (`docs/src/postgres_upgrades.md`, `pkg/reconciler/majorupgrade`).

use crate::cluster::Cluster;
use crate::image::Version;
use crate::phase::HEALTHY;
use crate::telling;
use crate::window::Window;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Place, context, when};

/// The operator upgrades to these and later ones only (`validateImageChange`, `internal/webhook/v1/cluster_webhook.go`).
const FIRST: u32 = 16;

/// A backup before this is too old to go back to.
const DAY: u64 = 24 * 60 * 60;

/// Judges whether it may begin, and says what happens: in the summary that it is without a fresh backup, that the database is down, and
/// which volumes are made anew.
///
/// # Errors
/// `Invalid` where the operator refuses it, `Conflict` where it cannot begin now, and where there is no fresh backup, unless the caller
/// goes on `without_backup`.
pub(super) fn judge(
    place: &Place,
    cluster: &Cluster,
    version: Version,
    without_backup: bool,
    summary: &mut String,
) -> Result<Vec<String>, Failure> {
    refuse(place, cluster, version)?;
    let mut notes = Vec::new();
    let name = cluster.name();
    let read = Window::of_backups(cluster);
    if let Some(window) = telling::known(&mut notes, "its newest backup", read)? {
        let newest = window.last_good;
        let now = context::now()?;
        let is_fresh = newest.is_some_and(|time| now.since(time).as_secs() <= DAY);
        let words = match newest {
            None => "there is no completed backup".to_owned(),
            Some(_) => format!(
                "the newest completed backup is of {}",
                when::at(now, newest)
            ),
        };
        if !is_fresh && !without_backup {
            let what = format!(
                "cluster `{name}` {}: {words}, and an upgrade in place can fail",
                place.words
            );
            return Err(Failure::Conflict(what).next_step(
                "propose create_postgres_backup first; without_backup goes on without one, if the user says so",
            ));
        }
        if !is_fresh {
            telling::person(summary, "there is NO backup of the last day to go back to");
        }
        notes.push(words);
    } else {
        telling::all(summary, &notes);
    }
    notes.extend(steps(cluster, version, summary));
    Ok(notes)
}

fn refuse(place: &Place, cluster: &Cluster, version: Version) -> Result<(), Failure> {
    let name = cluster.name();
    let of = format!("cluster `{name}` {}", place.words);
    if version.major < FIRST {
        let what = format!("{of}: the operator upgrades to PostgreSQL {FIRST} and later only");
        return Err(Failure::invalid(what).next_step("choose a later version"));
    }
    if cluster.data_major().is_none() {
        let what = format!(
            "{of}: its operator does not say which version the data has, so it is older than 1.26, which upgrades in place for the first \
             time"
        );
        return Err(Failure::invalid(what)
            .next_step("a person updates the operator, or imports the data into a new cluster"));
    }
    let kept = cluster
        .object()
        .text("/spec/postgresql/parameters/max_slot_wal_keep_size");
    if version.major == 17
        && version.minor.is_some_and(|minor| minor < 6)
        && !matches!(kept, "" | "-1")
    {
        let what = format!(
            "{of}: the upgrade to {version} fails while max_slot_wal_keep_size is `{kept}`, by a fault of PostgreSQL before 17.6"
        );
        return Err(Failure::invalid(what).next_step("upgrade to 17.6 or later"));
    }
    let phase = cluster.phase();
    if phase != HEALTHY {
        let what = format!("{of} is not healthy: its phase is `{phase}`");
        return Err(Failure::Conflict(what)
            .next_step("wait until it is; get_cluster_status says what to do"));
    }
    Ok(())
}

/// What the operator does, in its order.
fn steps(cluster: &Cluster, version: Version, summary: &mut String) -> Vec<String> {
    let primary = cluster.primary();
    let mut replicas = cluster.object().texts("/status/instanceNames");
    replicas.retain(|name| name != primary);
    let last = match listed(&replicas) {
        none if none.is_empty() => String::new(),
        replicas => format!(
            "; the volumes of {replicas} are deleted, and new replicas copy the whole database"
        ),
    };
    let down = "first all pods are stopped: the database is down, for reading too, until the upgrade has ended";
    let last = format!("at last `{primary}` starts with PostgreSQL {version}{last}");
    telling::person(summary, down);
    telling::person(summary, &last);
    vec![
        down.to_owned(),
        format!("then the job `{primary}-major-upgrade` runs pg_upgrade, with links, on the volumes of `{primary}`"),
        last,
        "extensions have to be in the new image too".to_owned(),
        "where the job fails the data is as it was: a person deletes the job and sets the old version in the spec".to_owned(),
        "afterwards a person runs ANALYZE in each database; and a new backup is needed: older ones restore the old version only".to_owned(),
    ]
}
