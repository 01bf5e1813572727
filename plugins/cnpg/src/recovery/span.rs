//! From when to when a cluster can be recovered to a point in time.
//!
//! It begins where the oldest base backup ended, and ends with the last WAL that was archived: now, unless archiving has failed, or
//! nothing runs that writes. Of a plugin's backups the cluster's status says nothing (`FirstRecoverabilityPoint`,
//! `api/v1/cluster_types.go`): there the plugin's own ObjectStore has a window for each server, as `kubectl cnpg status` shows it.

use super::Target;
use super::source::{Archive, Source};
use crate::backup::{Backup, Method, PATHS, backups};
use crate::cluster::Cluster;
use crate::row;
use crate::window::Window;
use bulkhead_plugin_sdk::{Failure, Place, Time, when};

/// A span, as far as it is known.
pub(crate) struct Span {
    /// Nothing before it can be reached.
    first: Option<Time>,
    /// Nothing after it can be reached, and why; none: up to now.
    last: Option<(Time, &'static str)>,
}

impl Span {
    /// Reads the span of a source. What is not known is added to the notes.
    ///
    /// # Errors
    /// `Conflict` where there is no good backup at all; as [`row::each`].
    pub(crate) fn of(
        source: &Source,
        place: &Place,
        notes: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let first = match source.base() {
            Some(base) => base.time("/status/stoppedAt"),
            None => first(source, place, notes)?,
        };
        if source.cluster.is_none() {
            notes.push(
                "not known: how long its WAL was archived, since the cluster is gone".to_owned(),
            );
        }
        Ok(Self {
            first,
            last: source.cluster.as_ref().and_then(last),
        })
    }

    /// Checks a time to recover to.
    ///
    /// # Errors
    /// `Invalid` where it lies outside, with the span.
    pub(crate) fn check(&self, target: &Target, now: Time) -> Result<(), Failure> {
        let why = if target.time > now {
            "lies in the future".to_owned()
        } else if let Some(first) = self.first.filter(|first| target.time < *first) {
            format!("is before the end of the first base backup, {first}")
        } else if let Some((last, why)) = self.last.filter(|(last, _)| target.time > *last) {
            format!("is after {last}, since when {why}")
        } else {
            return Ok(());
        };
        let sentence = format!("`target_time` {} {why}", target.text);
        Err(Failure::invalid(sentence).next_step(&format!("give a time in {}", self.words(now))))
    }

    /// Says from when to when.
    pub(crate) fn words(&self, now: Time) -> String {
        let first = match self.first {
            None => "an unknown beginning".to_owned(),
            first => when::at(now, first),
        };
        match self.last {
            None => format!("{first} to now"),
            Some((last, why)) => format!(
                "{first} to {} (since then {why})",
                when::at(now, Some(last))
            ),
        }
    }
}

fn first(source: &Source, place: &Place, notes: &mut Vec<String>) -> Result<Option<Time>, Failure> {
    let of_status = source
        .cluster
        .as_ref()
        .and_then(|cluster| of_status(cluster, &source.method));
    if of_status.is_some() {
        return Ok(of_status);
    }
    if let Some(Archive::Plugin(store)) = &source.archive {
        let name = &store.name;
        match Window::of_store(&place.namespace, store) {
            Ok(window) if window.first.is_some() => return Ok(window.first),
            Ok(_) => notes.push(format!(
                "ObjectStore {name} does not say what it holds of server {}",
                store.server
            )),
            Err(Failure::Denied(_)) => {
                notes.push(format!("not known: what ObjectStore {name} holds (denied)"));
            }
            Err(Failure::NotFound(_)) => {
                notes.push(format!("there is no ObjectStore {name} {}", place.words));
            }
            Err(other) => return Err(other),
        }
    }
    match oldest(source, place) {
        Ok(Some(first)) => {
            notes.push(format!(
                "its oldest Backup object is of {first}; whether the store still holds that backup is not known"
            ));
            Ok(Some(first))
        }
        Ok(None) => {
            let sentence = format!(
                "cluster `{}` {} has no completed backup",
                source.name, place.words
            );
            Err(Failure::Conflict(sentence)
                .next_step("list_postgres_backups says what became of its backups"))
        }
        Err(Failure::Denied(_)) => {
            notes.push(
                "not known: whether it has a good backup, and since when (denied)".to_owned(),
            );
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// What the cluster's status has of a method; nothing for plugins.
fn of_status(cluster: &Cluster, method: &Method) -> Option<Time> {
    let status = cluster.object();
    let by_method = format!("/status/firstRecoverabilityPointByMethod/{}", method.word());
    match method {
        Method::Plugin(_) => None,
        Method::ObjectStore | Method::Snapshot => {
            let of_method = status.time(&by_method);
            of_method.or_else(|| cluster.first_recoverability_point())
        }
    }
}

/// The end of the oldest completed backup of the same method.
fn oldest(source: &Source, place: &Place) -> Result<Option<Time>, Failure> {
    let mut oldest: Option<Time> = None;
    row::each(&place.query(backups()), &PATHS, &mut |row| {
        let backup = Backup::read(&row);
        let is_meant = backup.cluster == source.name
            && backup.phase == "completed"
            && backup.method == source.method.word();
        if let Some(time) = backup.time().filter(|_| is_meant) {
            oldest = Some(oldest.map_or(time, |oldest| oldest.min(time)));
        }
        Ok(())
    })?;
    Ok(oldest)
}

/// Since when no WAL comes any more, and why.
fn last(cluster: &Cluster) -> Option<(Time, &'static str)> {
    let since = |of: &str, status: &str| {
        let condition = cluster.condition(of)?;
        Time::parse(condition.since).filter(|_| condition.status == status)
    };
    if let Some(since) = since("ContinuousArchiving", "False") {
        return Some((since, "WAL archiving fails"));
    }
    since("cnpg.io/hibernation", "True").map(|since| (since, "the cluster is hibernated"))
}
