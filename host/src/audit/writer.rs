//! The one way into the audit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use super::batch::Batch;
use super::clean::clean;
use super::{Kind, Record};
use crate::failure::{self, Failure};
use crate::proposal::Moment;
use crate::store::{Clock, Head, Store, StoreError};
use crate::tasks::{self, Task};

/// So many calls and denials may wait to be written.
const QUEUE: usize = 4096;

/// How long one waits for others to be written with.
const WINDOW: Duration = Duration::from_millis(200);

/// How long to wait after the store failed.
const RETRY: Duration = Duration::from_secs(1);

/// Writes records behind, and makes those ready that are written with what they are about.
pub struct Audit {
    clock: Clock,
    queue: mpsc::Sender<Record>,
    flushes: mpsc::Sender<oneshot::Sender<bool>>,
    health: Arc<Health>,
    _writer: Task<()>,
}

/// Whether what happened could be written.
#[derive(Default)]
struct Health {
    now: Mutex<Condition>,
    /// Rung when a record was lost.
    lost: Notify,
}

#[derive(Default)]
struct Condition {
    /// Why not; none where it could.
    failing: Option<String>,
    lost: u64,
}

impl Audit {
    /// Starts the task that writes batches. Touches no file before there is a record.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, clock: Clock) -> Self {
        let (queue, queued) = mpsc::channel(QUEUE);
        let (flushes, flushed) = mpsc::channel(1);
        let health = Arc::new(Health::default());
        let writer = Writer {
            store,
            clock: clock.clone(),
            queued,
            flushed,
            health: health.clone(),
            batch: Batch::default(),
            due: None,
        };
        Self {
            clock,
            queue,
            flushes,
            health,
            _writer: tasks::spawn(writer.run()),
        }
    }

    /// Makes a record ready for a method of the store that writes it together with what it is about.
    ///
    /// # Errors
    /// Where it cannot be made: then what it is about must not go on.
    pub async fn draft(&self, record: Record) -> Result<Map<String, Value>, StoreError> {
        draft(record, self.clock.wall()).await
    }

    /// Leaves a record to be written soon. Never waits: where too many wait already it is lost, which is counted, and changes
    /// are refused until that count is written.
    pub fn note(&self, mut record: Record) {
        record.time = self.clock.wall();
        if self.queue.try_send(record).is_err() {
            self.health.lose();
        }
    }

    /// Returns whether what a change does could be written down now.
    ///
    /// # Errors
    /// Where calls and denials cannot be written.
    pub fn changes_allowed(&self) -> Result<(), Failure> {
        match &self.health.condition().failing {
            None => Ok(()),
            Some(why) => Err(Failure::new(
                failure::Kind::Upstream,
                format!("changes are refused while the audit cannot be written: {why}"),
            )
            .fix(
                "let the operator look at the state folder (`directories.state`); reading goes on",
            )),
        }
    }

    /// Writes all that waits. False where it could not be.
    pub async fn flush(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.flushes.send(answer).await.is_ok() && answered.await.unwrap_or(false)
    }
}

impl Health {
    fn condition(&self) -> std::sync::MutexGuard<'_, Condition> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self) {
        self.condition().lost += 1;
        self.fail("too many records wait to be written".to_owned());
        self.lost.notify_one();
    }

    /// Said once, and again after it had worked.
    fn fail(&self, why: String) {
        let before = self.condition().failing.replace(why.clone());
        if before.is_none() {
            tracing::warn!("the audit cannot be written, so changes are refused: {why}");
        }
    }

    fn heal(&self, lost: u64) {
        let mut condition = self.condition();
        condition.lost -= lost;
        if condition.lost == 0 && condition.failing.take().is_some() {
            tracing::info!("the audit can be written again");
        }
    }
}

/// The task behind it.
struct Writer {
    store: Arc<dyn Store>,
    clock: Clock,
    queued: mpsc::Receiver<Record>,
    flushed: mpsc::Receiver<oneshot::Sender<bool>>,
    health: Arc<Health>,
    batch: Batch,
    /// When the batch is to be written; none while it is empty and nothing was lost.
    due: Option<Instant>,
}

impl Writer {
    async fn run(mut self) {
        loop {
            let due = self.due;
            tokio::select! {
                Some(answer) = self.flushed.recv() => {
                    let written = self.write_all().await;
                    // Who asked may be gone.
                    let _ = answer.send(written);
                }
                Some(record) = self.queued.recv(), if !self.batch.is_full() => {
                    self.batch.push(record);
                    let window = Instant::now() + WINDOW;
                    self.due.get_or_insert(window);
                    if self.batch.is_full() && self.works() {
                        self.write().await;
                    }
                }
                () = self.health.lost.notified() => {
                    self.due.get_or_insert(Instant::now() + WINDOW);
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.write().await;
                }
            }
        }
    }

    fn works(&self) -> bool {
        self.health.condition().failing.is_none()
    }

    async fn write_all(&mut self) -> bool {
        loop {
            while !self.batch.is_full()
                && let Ok(record) = self.queued.try_recv()
            {
                self.batch.push(record);
            }
            let more = self.batch.is_full();
            if !self.write().await {
                return false;
            }
            if !more {
                return true;
            }
        }
    }

    /// Writes the batch, and how many were lost. Keeps both where it cannot.
    async fn write(&mut self) -> bool {
        let lost = self.health.condition().lost;
        let mut records = self.batch.records();
        if lost > 0 {
            records.push(Record {
                time: self.clock.wall(),
                count: Some(lost),
                ..Record::new(Kind::Lost)
            });
        }
        self.due = None;
        if records.is_empty() {
            return true;
        }
        match append(&self.store, records).await {
            Ok(_) => {
                self.batch.clear();
                self.health.heal(lost);
                true
            }
            Err(error) => {
                self.health.fail(failure::chain(&error));
                self.due = Some(Instant::now() + RETRY);
                false
            }
        }
    }
}

/// The same for who has no [`Audit`].
pub(crate) async fn draft(
    mut record: Record,
    time: Moment,
) -> Result<Map<String, Value>, StoreError> {
    record.time = time;
    let mut cleaned = cleaned(vec![record]).await?;
    // One goes in, so one comes out.
    Ok(cleaned.pop().unwrap_or_default())
}

async fn append(store: &Arc<dyn Store>, records: Vec<Record>) -> Result<Head, StoreError> {
    store.append(cleaned(records).await?).await
}

/// Cleaning looks at every byte, so it is done beside the workers too.
async fn cleaned(records: Vec<Record>) -> Result<Vec<Map<String, Value>>, StoreError> {
    tokio::task::spawn_blocking(|| records.into_iter().map(clean).collect())
        .await
        .map_err(|error| StoreError::Misuse(error.to_string()))
}
