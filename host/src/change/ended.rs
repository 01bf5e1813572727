//! Writing down what became of a change: in the store and in the audit, both or neither.
//!
//! It has happened by now, so a disk that is full or a file that is locked is waited for. What cannot be written even then
//! stays under way until the next host looks what became of it: an intent is never left without an outcome.

use std::time::{Duration, Instant};

use super::report::Report;
use super::{Changes, records};
use crate::failure::{Failure, Kind, chain};
use crate::proposal::Decision;
use crate::store::{Claimed, Snapshot, StoreError};

/// How long to go on trying. Less than a host that was told to end waits for its changes.
const LONGEST: Duration = Duration::from_secs(20);

/// How long to wait before another try.
const PAUSE: Duration = Duration::from_millis(500);

impl Changes {
    /// Writes down an outcome, and what it leaves to be taken back.
    ///
    /// # Errors
    /// `Upstream` where it cannot be written: what happened has happened.
    pub(super) async fn ended(
        &self,
        claimed: Claimed,
        decision: &Decision,
        report: &Report,
        snapshots: &[Snapshot],
        took: Duration,
    ) -> Result<(), Failure> {
        let text = serde_json::to_value(report).unwrap_or_default();
        let outcome = (report.outcome, &text);
        let record = records::outcome(
            claimed.proposal(),
            claimed.digest(),
            Some(decision),
            outcome,
            Some(took),
        );
        let mut patience = Patience {
            report,
            until: Instant::now() + LONGEST,
        };
        let record = self.audit.draft(record).await?;
        let mut claimed = claimed;
        while let Err(unfinished) = self
            .store
            .finish(claimed, report.outcome, &text, snapshots, &record)
            .await
        {
            claimed = *unfinished.claimed;
            patience.wait(unfinished.error).await?;
        }
        Ok(())
    }
}

struct Patience<'a> {
    report: &'a Report,
    until: Instant,
}

impl Patience<'_> {
    /// Waits before the next try, or gives up.
    async fn wait(&mut self, error: StoreError) -> Result<(), Failure> {
        let Report {
            change, outcome, ..
        } = self.report;
        let words = format!("change {change} is {outcome}, but that could not be written down");
        if Instant::now() >= self.until {
            return Err(Failure::new(Kind::Upstream, words)
                .source(error)
                .fix("look at the objects; a host that starts later looks what became of it"));
        }
        tracing::warn!("{words}, and is tried again: {}", chain(&error));
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}
