//! What became of a schedule's backups: the newest, the newest good one, and how many failed since.
//!
//! Read in one pass over all backups, in whatever order they come, in memory for a few of each schedule.

use crate::backup::{self, Backup};
use crate::phase::{Meaning, shown};
use crate::row;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Time, when};

/// So many of the newest backups that ended are kept in mind.
const RECENT: usize = 10;

/// The backups of one schedule, found by their label: a schedule's status holds a time and no name.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) schedule: String,
    /// The newest, whatever became of it.
    pub(crate) newest: Backup,
    /// The newest that ended well.
    pub(crate) good: Option<Backup>,
    /// The newest that ended, the newest first.
    ended: Vec<(Option<Time>, Meaning)>,
}

/// The histories of all schedules.
#[derive(Default)]
pub(crate) struct Histories(Vec<History>);

impl Histories {
    /// Reads all backups of a namespace of Velero.
    ///
    /// # Errors
    /// As [`row::each`].
    pub(crate) fn read(namespace: &str) -> Result<Self, Failure> {
        Self::of_query(&backup::query(namespace, None)?)
    }

    /// Reads the backups of one schedule. One whose name is too long for a label has none.
    ///
    /// # Errors
    /// As [`row::each`].
    pub(crate) fn of_schedule(namespace: &str, schedule: &str) -> Result<Self, Failure> {
        match backup::query(namespace, Some(schedule)) {
            Ok(query) => Self::of_query(&query),
            Err(_) => Ok(Self::default()),
        }
    }

    fn of_query(query: &Query) -> Result<Self, Failure> {
        let mut histories = Self::default();
        row::each(query, &backup::PATHS, &mut |row| {
            histories.add(Backup::read(&row));
            Ok(())
        })?;
        Ok(histories)
    }

    /// Takes a backup. One that no schedule made is passed over.
    pub(crate) fn add(&mut self, backup: Backup) {
        if backup.schedule.is_empty() {
            return;
        }
        let place = self
            .0
            .iter()
            .position(|one| one.schedule == backup.schedule);
        match place.and_then(|place| self.0.get_mut(place)) {
            Some(history) => history.add(backup),
            None => self.0.push(History::new(backup)),
        }
    }

    /// Returns what became of a schedule's backups; none where it has none.
    pub(crate) fn of(&self, schedule: &str) -> Option<&History> {
        self.0.iter().find(|one| one.schedule == schedule)
    }
}

impl History {
    fn new(backup: Backup) -> Self {
        let mut history = Self {
            schedule: backup.schedule.clone(),
            newest: backup.clone(),
            good: None,
            ended: Vec::new(),
        };
        history.add(backup);
        history
    }

    fn add(&mut self, backup: Backup) {
        let meaning = backup.meaning();
        if meaning.is_terminal() {
            let at = self
                .ended
                .partition_point(|(began, _)| *began > backup.began);
            self.ended.insert(at, (backup.began, meaning));
            self.ended.truncate(RECENT);
        }
        let newer = |than: &Backup| (than.began, &than.name) < (backup.began, &backup.name);
        if meaning == Meaning::Completed && self.good.as_ref().is_none_or(newer) {
            self.good = Some(backup.clone());
        }
        if newer(&self.newest) {
            self.newest = backup;
        }
    }

    /// Returns what became of the newest backup that ended; none where none has.
    pub(crate) fn last_ended(&self) -> Option<Meaning> {
        self.ended.first().map(|(_, meaning)| *meaning)
    }

    /// Returns how many of the newest backups that ended did not end well, at most [`RECENT`].
    pub(crate) fn failed_in_a_row(&self) -> usize {
        let bad = |one: &&(Option<Time>, Meaning)| one.1 != Meaning::Completed;
        self.ended.iter().take_while(bad).count()
    }

    /// Returns it in words: how many of the newest failed, which the newest is, which the last good one.
    pub(crate) fn words(&self, now: Time) -> String {
        let newest = format!(
            "newest {} ({}, {})",
            self.newest.name,
            shown(&self.newest.phase),
            when::from(now, self.newest.began)
        );
        let failed = match self.failed_in_a_row() {
            0 => String::new(),
            1 => "the last backup did not end well; ".to_owned(),
            RECENT => format!("{RECENT} backups or more in a row did not end well; "),
            failed => format!("{failed} backups in a row did not end well; "),
        };
        let good = match &self.good {
            Some(good) if good.name == self.newest.name => String::new(),
            Some(good) => format!(
                "; last good {} ({})",
                good.name,
                when::from(now, good.began)
            ),
            None => "; none that is left ended well".to_owned(),
        };
        format!("{failed}{newest}{good}")
    }
}
