//! What became of the backups that schedules made, told from the backups themselves: a schedule's status does not say.

use crate::backup::{backups, is_done, shown};
use crate::row;
use bulkhead_plugin_sdk::{Failure, Place, Row, Time, when};

const PATHS: [&str; 5] = [
    "metadata.namespace",
    // The label that the operator gives them.
    "metadata.labels['cnpg.io/scheduled-backup']",
    "metadata.name",
    "metadata.creationTimestamp",
    "status.phase",
];

/// The backups of each schedule.
#[derive(Default)]
pub(crate) struct Histories(Vec<History>);

/// The newest backups of a schedule.
pub(crate) struct History {
    namespace: String,
    schedule: String,
    newest: Made,
    ended: Option<Made>,
    good: Option<Made>,
}

/// A backup that a schedule made.
#[derive(Clone)]
struct Made {
    name: String,
    at: Option<Time>,
    phase: String,
}

impl Histories {
    /// Reads all backups of a place that schedules have made.
    ///
    /// # Errors
    /// As [`row::each`].
    pub(crate) fn read(place: &Place) -> Result<Self, Failure> {
        let mut histories = Self::default();
        let query = place
            .query(backups())
            .label_selector("cnpg.io/scheduled-backup");
        row::each(&query, &PATHS, &mut |row| {
            histories.add(&row);
            Ok(())
        })?;
        Ok(histories)
    }

    /// Returns that of one schedule; none where it has made no backup.
    pub(crate) fn of(&self, namespace: &str, schedule: &str) -> Option<&History> {
        let mut all = self.0.iter();
        all.find(|one| one.namespace == namespace && one.schedule == schedule)
    }

    fn add(&mut self, row: &Row) {
        let made = Made {
            name: row.text(2).to_owned(),
            at: row.time(3),
            phase: row.text(4).to_owned(),
        };
        let (namespace, schedule) = (row.text(0), row.text(1));
        let mut all = self.0.iter_mut();
        match all.find(|one| one.namespace == namespace && one.schedule == schedule) {
            Some(history) => history.add(made),
            None => self.0.push(History {
                namespace: namespace.to_owned(),
                schedule: schedule.to_owned(),
                ended: Some(made.clone()).filter(|made| is_done(&made.phase)),
                good: Some(made.clone()).filter(|made| made.phase == "completed"),
                newest: made,
            }),
        }
    }
}

impl History {
    fn add(&mut self, made: Made) {
        let is_newer = |than: &Option<Made>| than.as_ref().is_none_or(|than| than.at < made.at);
        if is_done(&made.phase) && is_newer(&self.ended) {
            self.ended = Some(made.clone());
        }
        if made.phase == "completed" && is_newer(&self.good) {
            self.good = Some(made.clone());
        }
        if self.newest.at < made.at {
            self.newest = made;
        }
    }

    /// Whether the newest backup that has ended failed.
    pub(crate) fn has_failed_last(&self) -> bool {
        let ended = self.ended.as_ref();
        ended.is_some_and(|ended| ended.phase == "failed")
    }

    /// The phase of the newest one.
    pub(crate) fn phase(&self) -> &str {
        shown(&self.newest.phase)
    }

    /// How long ago the newest good one was made; empty where there is none.
    pub(crate) fn last_good(&self, now: Time) -> String {
        when::from(now, self.good.as_ref().and_then(|good| good.at))
    }

    /// Says which backup is the newest, and which is the newest good one.
    pub(crate) fn words(&self, now: Time) -> String {
        let newest = format!("the newest backup {} is {}", self.newest.name, self.phase());
        match &self.good {
            None => format!("{newest}; none of them is good"),
            Some(good) if good.name == self.newest.name => newest,
            Some(good) => format!(
                "{newest}; the last good one is {}, {}",
                good.name,
                when::from(now, good.at)
            ),
        }
    }
}
