//! One transaction: its connection, its time, and the few ways to ask.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::{errors, file};
use crate::proposal::Moment;
use crate::store::StoreError;
use crate::store::clock::Timeline;
use crate::store::hosts::Hosts;

pub(super) struct Session<'a> {
    connection: &'a Connection,
    path: &'a Path,
    hosts: &'a Hosts,
    /// The time of everything in it.
    pub(super) now: Moment,
}

impl<'a> Session<'a> {
    pub(super) fn begin(
        connection: &'a Connection,
        path: &'a Path,
        timeline: &Timeline,
        hosts: &'a Hosts,
    ) -> Result<Self, StoreError> {
        let mut session = Self {
            connection,
            path,
            hosts,
            now: Moment(0),
        };
        let seen = session.first("SELECT time FROM latest", [], |row| moment(row, 0))?;
        session.now = timeline.now(seen.unwrap_or_default());
        Ok(session)
    }

    /// Lets the other hosts know how late it is.
    pub(super) fn keep_time(&self) -> Result<(), StoreError> {
        self.execute(
            "UPDATE latest SET time = ?1 WHERE time < ?1",
            [sql(self.now)],
        )?;
        Ok(())
    }

    /// Returns this host's name.
    pub(super) fn host(&self) -> Result<String, StoreError> {
        self.hosts
            .own()
            .map_err(|error| file::io_at(self.path, error))
    }

    pub(super) fn alive(&self, host: &str) -> Result<bool, StoreError> {
        self.hosts
            .alive(host)
            .map_err(|error| file::io_at(self.path, error))
    }

    pub(super) fn sweep_hosts(&self) -> Result<(), StoreError> {
        self.hosts
            .sweep()
            .map_err(|error| file::io_at(self.path, error))
    }

    pub(super) fn execute(&self, text: &str, params: impl Params) -> Result<usize, StoreError> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.execute(params))
            .map_err(|error| errors::at(self.path, error))
    }

    pub(super) fn first<T>(
        &self,
        text: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.query_row(params, read).optional())
            .map_err(|error| errors::at(self.path, error))
    }

    pub(super) fn all<T>(
        &self,
        text: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.query_map(params, read)?.collect())
            .map_err(|error| errors::at(self.path, error))
    }

    pub(super) fn corrupt(&self, what: impl Into<String>) -> StoreError {
        StoreError::Corrupt {
            path: self.path.to_owned(),
            what: what.into(),
        }
    }
}

/// A time as SQLite keeps it.
pub(super) fn sql(time: Moment) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// A time out of a column.
pub(super) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Moment> {
    let time: i64 = row.get(column)?;
    u64::try_from(time)
        .map(Moment)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, time))
}
