//! The store in one SQLite file, in the state folder of the user.
//!
//! Nothing is opened before it is needed, and a failed opening is tried again at the next use. Every write is one immediate
//! transaction that is on the disk when it returns; other hosts wait for it, for as long as [`BUSY`]. SQLite runs off the
//! async workers, on one connection.

mod applying;
mod audit;
mod ending;
mod errors;
mod file;
mod proposals;
mod schema;
mod session;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Map, Value};

use self::session::Session;
use super::clock::Timeline;
use super::hosts::Hosts;
use super::{
    ClaimError, Claimed, Clock, DecideError, Entry, Filter, Head, Keep, Limits, ProposeError,
    Proposed, Pruned, Snapshot, Store, StoreError, Stored, Unfinished,
};
use crate::proposal::{Decision, Moment, Proposal, State};

/// In the state folder.
const FILE: &str = "bulkhead.db";

/// How long to wait for other hosts.
const BUSY: Duration = Duration::from_secs(5);

/// The store in a file. Clones are the same host.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
    timeline: Timeline,
    hosts: Hosts,
}

impl SqliteStore {
    /// Makes a store in a folder that need not exist yet. Touches no file.
    #[must_use]
    pub fn new(folder: &Path, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            path: folder.join(FILE),
            connection: Mutex::new(None),
            timeline: Timeline::new(clock),
            hosts: Hosts::new(folder.join("hosts")),
        }))
    }

    /// Runs `work` in one transaction that sees one state and changes none.
    async fn read<T>(
        &self,
        work: impl FnOnce(&Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        self.blocking(move |inner| inner.run(TransactionBehavior::Deferred, work))
            .await
    }

    /// Runs `work` in one transaction that nobody else writes beside, and makes it durable unless `work` fails.
    async fn write<T, E>(
        &self,
        work: impl FnOnce(&Session<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.blocking(move |inner| {
            inner.run(TransactionBehavior::Immediate, |session| {
                session.keep_time()?;
                work(session)
            })
        })
        .await
    }

    async fn blocking<T, E>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .unwrap_or_else(|error| Err(StoreError::Misuse(error.to_string()).into()))
    }
}

impl Inner {
    fn run<T, E: From<StoreError>>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Session<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut slot = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(file::open(&self.path, BUSY)?),
        };
        let failed = |error| errors::at(&self.path, error);
        let transaction = connection
            .transaction_with_behavior(behavior)
            .map_err(failed)?;
        let session = Session::begin(&transaction, &self.path, &self.timeline, &self.hosts)?;
        let done = work(&session)?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }
}

impl Inner {
    /// What was removed from the file is still in the log beside it until that is emptied. Where a reader is in the way, the
    /// next time does it.
    fn empty_log(&self) -> Result<(), StoreError> {
        let slot = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = &*slot else {
            return Ok(());
        };
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|error| errors::at(&self.path, error))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn now(&self) -> Result<Moment, StoreError> {
        self.read(|session| Ok(session.now)).await
    }

    async fn propose(
        &self,
        proposal: &Proposal,
        limits: &Limits,
        record: &Map<String, Value>,
    ) -> Result<Proposed, ProposeError> {
        let (proposal, limits, record) = (proposal.clone(), limits.clone(), record.clone());
        self.write(move |session| proposals::propose(session, &proposal, &limits, record))
            .await
    }

    async fn proposal(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        let id = id.to_owned();
        self.read(move |session| proposals::by_id(session, &id))
            .await
    }

    async fn by_token(&self, token: &str) -> Result<Option<Stored>, StoreError> {
        let token = token.to_owned();
        self.read(move |session| proposals::by_token(session, &token))
            .await
    }

    async fn state(&self, id: &str) -> Result<Option<(State, u32)>, StoreError> {
        let id = id.to_owned();
        self.read(move |session| proposals::state(session, &id))
            .await
    }

    async fn open_proposals(&self) -> Result<Vec<Stored>, StoreError> {
        self.read(proposals::open).await
    }

    async fn recent(&self, limit: u32, plugin: Option<&str>) -> Result<Vec<Stored>, StoreError> {
        let plugin = plugin.map(str::to_owned);
        self.read(move |session| proposals::recent(session, limit, plugin.as_deref()))
            .await
    }

    async fn decide(
        &self,
        decision: &Decision,
        record: &Map<String, Value>,
    ) -> Result<Head, DecideError> {
        let (decision, record) = (decision.clone(), record.clone());
        self.write(move |session| proposals::decide(session, &decision, record))
            .await
    }

    async fn claim(&self, id: &str, digest: &str) -> Result<Claimed, ClaimError> {
        let (id, digest) = (id.to_owned(), digest.to_owned());
        self.write(move |session| applying::claim(session, &id, &digest))
            .await
    }

    async fn intent(
        &self,
        claimed: &Claimed,
        audit_id: &str,
        snapshot: &Snapshot,
        record: &Map<String, Value>,
    ) -> Result<(), StoreError> {
        let (id, audit_id) = (claimed.proposal().id.clone(), audit_id.to_owned());
        let (snapshot, record) = (snapshot.clone(), record.clone());
        self.write(move |session| {
            applying::intent(session, &id, (snapshot.step, &audit_id), &snapshot, record)
        })
        .await
    }

    async fn finish(
        &self,
        claimed: Claimed,
        outcome: State,
        report: &Value,
        snapshots: &[Snapshot],
        record: &Map<String, Value>,
    ) -> Result<(), Unfinished> {
        let id = claimed.proposal().id.clone();
        let (report, snapshots, record) = (report.clone(), snapshots.to_vec(), record.clone());
        self.write(move |session| {
            applying::finish(session, &id, outcome, &report, &snapshots, record)
        })
        .await
        .map_err(|error| Unfinished {
            claimed: Box::new(claimed),
            error,
        })
    }

    async fn interrupted(&self) -> Result<Vec<Stored>, StoreError> {
        self.read(applying::interrupted).await
    }

    async fn close_interrupted(
        &self,
        id: &str,
        outcome: State,
        report: &Value,
        snapshots: &[Snapshot],
        record: &Map<String, Value>,
    ) -> Result<bool, StoreError> {
        let (id, report) = (id.to_owned(), report.clone());
        let (snapshots, record) = (snapshots.to_vec(), record.clone());
        self.write(move |session| {
            applying::close_interrupted(session, &id, outcome, &report, &snapshots, record)
        })
        .await
    }

    async fn snapshots(&self, id: &str) -> Result<Vec<Snapshot>, StoreError> {
        let id = id.to_owned();
        self.read(move |session| applying::snapshots(session, &id))
            .await
    }

    async fn prune(&self, keep: &Keep) -> Result<Pruned, StoreError> {
        let keep = keep.clone();
        let pruned = self
            .write(move |session| ending::prune(session, &keep))
            .await?;
        self.blocking(Inner::empty_log).await?;
        Ok(pruned)
    }

    async fn take_once(
        &self,
        kind: &str,
        nonce: &str,
        expires: Moment,
    ) -> Result<bool, StoreError> {
        let (kind, nonce) = (kind.to_owned(), nonce.to_owned());
        self.write(move |session| proposals::take_once(session, &kind, &nonce, expires))
            .await
    }

    async fn append(&self, records: Vec<Map<String, Value>>) -> Result<Head, StoreError> {
        self.write(move |session| audit::append(session, records))
            .await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.read(audit::head).await
    }

    async fn entries(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.read(move |session| audit::entries(session, after, limit))
            .await
    }

    async fn find(&self, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
        let filter = filter.clone();
        self.read(move |session| audit::find(session, &filter))
            .await
    }
}
