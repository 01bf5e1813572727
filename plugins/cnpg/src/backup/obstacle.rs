//! What keeps the operator from taking a backup of a cluster now.

use super::{Backup, PATHS, backups, is_done, shown};
use crate::cluster::Cluster;
use crate::phase::HEALTHY;
use crate::row;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Place, order};

/// Checks that a cluster's state lets a backup begin.
///
/// # Errors
/// `Conflict`, with the state and what to do about it.
pub(crate) fn obstacle(cluster: &Cluster, place: &Place) -> Result<(), Failure> {
    let name = cluster.name();
    let refuse = |why: &str, next: &str| {
        let sentence = format!("cluster `{name}` {} {why}", place.words);
        Err(Failure::Conflict(sentence).next_step(next))
    };
    // A hibernated cluster keeps the phase that it had, and so does a fenced one.
    if cluster.is_asked_to_hibernate() {
        return refuse(
            "is hibernated, or asked to be: the operator refuses to back it up",
            "wake it first, or leave it: its volumes keep the data",
        );
    }
    if cluster.is_going() {
        return refuse("is being deleted", "tell the user");
    }
    if cluster.is_wholly_fenced() {
        return refuse(
            "is fenced: PostgreSQL runs on none of its instances, so the backup would never begin",
            "tell the user, who can lift the fence",
        );
    }
    if cluster.ready() == 0 {
        return refuse(
            "has no instance that is ready, so the backup would never begin",
            "get_cluster_status says what to do",
        );
    }
    Ok(())
}

/// Checks that a cluster is healthy, and none of its instances fenced. The operator fences what it copies offline, the primary too where no
/// standby is ready, in any phase; with another fence it fails, but for the very instance that it would fence itself, whose fence it
/// lifts afterwards (`pkg/reconciler/backup/volumesnapshot/offline.go`).
///
/// # Errors
/// `Conflict`, with the phase or the instances.
pub(crate) fn fit_for_offline(cluster: &Cluster, place: &Place) -> Result<(), Failure> {
    let fenced = cluster.fenced();
    let why = match (fenced.is_empty(), cluster.phase()) {
        (true, HEALTHY) => return Ok(()),
        (true, phase) => format!("is not healthy ({phase})"),
        (false, _) => format!("has fenced instances ({})", listed(&fenced)),
    };
    let what = format!(
        "cluster `{}` {} {why}, and is not copied offline then",
        cluster.name(),
        place.words
    );
    Err(Failure::Conflict(what).next_step("tell the user; or leave it online"))
}

/// The other backups of a cluster.
pub(crate) struct Others {
    names: Vec<String>,
    /// Those that have not ended, by name: the operator takes one at a time, in this order.
    under_way: Vec<(String, String)>,
}

impl Others {
    /// Reads them.
    ///
    /// # Errors
    /// As [`row::each`].
    pub(crate) fn read(place: &Place, cluster: &str) -> Result<Self, Failure> {
        let mut others = Self {
            names: Vec::new(),
            under_way: Vec::new(),
        };
        row::each(&place.query(backups()), &PATHS, &mut |row| {
            let backup = Backup::read(&row);
            if backup.cluster == cluster && !is_done(&backup.phase) {
                others.under_way.push((backup.name.clone(), backup.phase));
            }
            others.names.push(backup.name);
            Ok(())
        })?;
        order::by(&mut others.under_way, |(name, _)| name.clone());
        Ok(others)
    }

    /// Checks that none is under way.
    ///
    /// # Errors
    /// `Conflict`, with the one that is.
    pub(crate) fn none_under_way(&self, cluster: &str, place: &Place) -> Result<(), Failure> {
        let Some((name, phase)) = self.under_way.first() else {
            return Ok(());
        };
        let sentence = format!(
            "backup `{name}` of cluster `{cluster}` {} is {}: the operator takes one at a time",
            place.words,
            shown(phase)
        );
        Err(Failure::Conflict(sentence)
            .next_step("wait for its end, which list_postgres_backups shows, and ask again"))
    }

    /// Checks that a name is free.
    ///
    /// # Errors
    /// `Conflict` where there is a backup of this name.
    pub(crate) fn is_free(&self, name: &str, place: &Place) -> Result<(), Failure> {
        if !self.names.iter().any(|one| one == name) {
            return Ok(());
        }
        let sentence = format!("backup `{name}` exists already {}", place.words);
        Err(Failure::Conflict(sentence).next_step("choose another name, or leave `name` out"))
    }

    /// Returns the first name of this kind that is free. The same until there is another backup: a call that comes again has to make
    /// the same plan, so there is no time in it.
    pub(crate) fn free_name(&self, cluster: &str) -> String {
        let mut number = 1;
        loop {
            let name = format!("{cluster}-backup-{number}");
            if !self.names.contains(&name) {
                return name;
            }
            number += 1;
        }
    }
}
