//! A major upgrade in place, by `pg_upgrade` with the database down: whether it may begin, and its steps
//! (`docs/src/postgres_upgrades.md`, `pkg/reconciler/majorupgrade`).

use crate::cluster::Cluster;
use crate::image::{Image, Version};
use crate::parameters::{self, NEWEST};
use crate::phase::HEALTHY;
use crate::window::Window;
use crate::{standstill, telling};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Place, context, when};

/// The operator upgrades to these and later ones only (`validateImageChange`, `internal/webhook/v1/cluster_webhook.go`).
const FIRST: u32 = 16;

/// A backup before this is too old to go back to.
const DAY: u64 = 24 * 60 * 60;

/// Judges whether it may begin, and says what happens: in the summary what is not known of the image, that it is without a fresh backup,
/// that the database is down, and which volumes are made anew.
///
/// # Errors
/// `Invalid` where the operator refuses it, `Conflict` where it cannot begin now, and where there is no fresh backup, unless the caller
/// goes on `without_backup`.
pub(super) fn judge(
    place: &Place,
    cluster: &Cluster,
    version: Version,
    image: Option<&str>,
    without_backup: bool,
    summary: &mut String,
) -> Result<Vec<String>, Failure> {
    refuse(place, cluster, version)?;
    refuse_parameters(place, cluster, version)?;
    let mut notes = Vec::new();
    let read = Window::of_backups(cluster);
    let window = telling::known(&mut notes, "its newest backup", read)?;
    judge_image(place, cluster, version, image, &mut notes)?;
    telling::all(summary, &notes);
    if let Some(window) = window {
        let newest = window.last_good;
        let now = context::now()?;
        let is_fresh = newest.is_some_and(|time| now.since(time).as_secs() <= DAY);
        let words = match newest {
            None => format!(
                "there is no completed backup of PostgreSQL {}",
                cluster.data_major().unwrap_or_default()
            ),
            Some(_) => format!(
                "the newest completed backup is of {}",
                when::at(now, newest)
            ),
        };
        if !is_fresh && !without_backup {
            let what = format!(
                "cluster `{}` {}: {words}, and an upgrade in place can fail",
                cluster.name(),
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
    let phase = cluster.phase();
    // Put off, it would begin when the backup is old and nobody expects the downtime.
    let why = match standstill::of_operator(cluster) {
        Some(why) => why.to_owned(),
        None if phase == HEALTHY => return Ok(()),
        None => format!("it is not healthy: its phase is `{phase}`"),
    };
    Err(Failure::Conflict(format!("{of}: {why}"))
        .next_step("wait until that is past; get_cluster_status says what to do"))
}

/// The new server would not start with a parameter that it does not have, and the job would fail with the database down. Extensions'
/// own parameters, with a dot, and versions that the table does not have are not judged.
fn refuse_parameters(place: &Place, cluster: &Cluster, version: Version) -> Result<(), Failure> {
    let major = u64::from(version.major);
    if major > NEWEST {
        return Ok(());
    }
    let set = cluster.object().part("/spec/postgresql/parameters").0;
    let mut gone = Vec::new();
    for (name, _) in set.as_object().into_iter().flatten() {
        if !name.contains('.') && parameters::find(name, major).is_none() {
            gone.push(format!("`{name}`"));
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let what = format!(
        "cluster `{}` {} sets {}, which PostgreSQL {version} does not have: it would not start",
        cluster.name(),
        place.words,
        listed(&gone)
    );
    Err(Failure::invalid(what)
        .next_step("propose update_postgres_configuration first, with `remove`"))
}

/// Judges the image that would run: none where a catalogue could not be read. A catalogue may name any, and the operator compares neither
/// distributions nor minor versions.
fn judge_image(
    place: &Place,
    cluster: &Cluster,
    version: Version,
    image: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let of = format!("cluster `{}` {}", cluster.name(), place.words);
    let image = Image::of(image.unwrap_or_default());
    let (now, then) = (
        Image::of(cluster.image()).distribution(),
        image.distribution(),
    );
    if now.is_empty() || then.is_empty() {
        notes.push(
            "not known: whether the new image is of the same distribution; on another one text may sort otherwise, which breaks indexes"
                .to_owned(),
        );
    } else if now != then {
        let what = format!(
            "{of} runs on `{now}`, and the image of PostgreSQL {version} is of `{then}`: upgrades in place are for the same distribution \
             only"
        );
        return Err(Failure::invalid(what).next_step(
            "tell the user: a person puts an image of the same distribution into the catalogue, or imports the data into a new cluster",
        ));
    }
    let kept = cluster
        .object()
        .text("/spec/postgresql/parameters/max_slot_wal_keep_size");
    // The operator sets it for the new server alone (`prepareConfigurationFiles`, `internal/cmd/manager/instance/upgrade/execute/cmd.go`).
    let from = Image::of(cluster.data_image()).version();
    if let Some(Version { major: 17, minor }) = from
        && !matches!(kept, "" | "-1")
    {
        let fails =
            format!("before 17.6 the upgrade fails while max_slot_wal_keep_size is `{kept}`");
        match minor {
            Some(6..) => {}
            Some(minor) => {
                return Err(
                    Failure::invalid(format!("{of} has PostgreSQL 17.{minor}: {fails}"))
                        .next_step("upgrade to 17.6 or later first"),
                );
            }
            None => notes.push(format!("not known: whether it has 17.6 or later; {fails}")),
        }
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
        "where the job fails, or its image is not there, the data is as it was: a person sets an image of the old version under another \
         tag, and then deletes the job".to_owned(),
        "afterwards a person runs ANALYZE in each database; and a new backup is needed: older ones restore the old version only".to_owned(),
    ]
}
