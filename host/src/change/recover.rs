//! After a host ended in the middle: what was under way is looked up and closed. It is never applied again.

mod lookup;

use super::{Changes, Party, records};
use crate::audit;
use crate::call::Call;
use crate::failure::{Failure, Kind};
use crate::proposal::{ClusterIdentity, Proposal, State};
use crate::store::{Filter, Keep, Stored};

impl Changes {
    /// Closes what hosts of this cluster that are gone left under way, and forgets what is too old. `party` gives the plugin that
    /// a change belongs to, where it is still loaded.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) async fn recover(
        &self,
        call: &Call,
        party: impl Fn(&str) -> Option<Party>,
    ) -> Result<usize, Failure> {
        let mut closed = 0;
        for stored in self.store.interrupted().await? {
            let party = party(&stored.proposal.binding.plugin.key);
            let party = party.as_ref();
            // Where nothing was begun, nothing happened in any cluster.
            if !stored.intents.is_empty() && !self.is_of_here(call, party, &stored).await {
                continue;
            }
            let (report, snapshots) = self.looked_up(call, party, &stored).await?;
            let text = serde_json::to_value(&report).unwrap_or_default();
            let id = &stored.proposal.id;
            let outcome = (report.outcome, &text);
            let record = records::outcome(&stored.proposal, &stored.digest, None, outcome, None);
            let record = self.audit.draft(record).await?;
            if self
                .store
                .close_interrupted(id, report.outcome, &text, &snapshots, &record)
                .await?
            {
                tracing::warn!(
                    "change {id} was under way when its host ended: {}",
                    report.outcome
                );
                closed += 1;
            }
        }
        self.forget().await?;
        Ok(closed)
    }

    /// Refuses a change of which the audit knows that it was begun, whatever its row says: who writes to the store to have an
    /// approval used twice must also break the chain.
    ///
    /// # Errors
    /// `Conflict` where there is an intent, and where the store cannot be read.
    pub(super) async fn not_in_the_audit(&self, id: &str) -> Result<(), Failure> {
        let begun = Filter {
            kind: Some(audit::Kind::Intent.as_str().to_owned()),
            change: Some(id.to_owned()),
            limit: 1,
            ..Filter::default()
        };
        if self.store.find(&begun).await?.is_empty() {
            return Ok(());
        }
        // What is claimed before its intent is refused by its state.
        if !matches!(
            self.stored(id).await?.state,
            State::Proposed | State::Approved
        ) {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Conflict,
            format!("change {id} was begun already, as the audit has it: a proposal is applied once"),
        )
        .fix("the operator should look at `bulkhead audit verify`: somebody may have written to the store"))
    }

    /// Forgets what is older than it is kept.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        self.store.prune(&self.keep()).await?;
        Ok(())
    }

    /// How long things are kept.
    pub(super) fn keep(&self) -> Keep {
        Keep {
            proposals: self.bounds.keep_proposals,
            snapshots: self.bounds.keep_snapshots,
        }
    }

    /// Whether the change was made in the cluster that this host talks to: only there its objects can be looked at.
    async fn is_of_here(&self, call: &Call, party: Option<&Party>, stored: &Stored) -> bool {
        let Proposal { id, binding, .. } = &stored.proposal;
        let actor = party.map(|party| party.actor.clone()).unwrap_or_default();
        match call.bound(self.cluster.identity(&actor)).await {
            Ok(here) if same_cluster(&here, &binding.cluster) => true,
            Ok(_) => {
                tracing::debug!(
                    "change {id} was under way in another cluster ({}) when its host ended: a host of that one looks what became of it",
                    binding.cluster.context
                );
                false
            }
            Err(failure) => {
                tracing::warn!(
                    "change {id} was under way when its host ended, and the cluster cannot be asked what became of it: {}",
                    failure.text()
                );
                false
            }
        }
    }
}

/// Whether two names lead to one cluster, whoever acts there.
pub(super) fn same_cluster(one: &ClusterIdentity, other: &ClusterIdentity) -> bool {
    (&one.uid, &one.ca) == (&other.uid, &other.ca)
}
