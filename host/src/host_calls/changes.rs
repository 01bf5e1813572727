//! The `changes` interface: propose, have a person decide, apply exactly that.

mod convert;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::HostCalls;
use super::bindings::bulkhead::plugin::changes as wit;
use crate::call::Effect;
use crate::change::{Changes, Party, Prepared};
use crate::failure::{Failure, Kind};
use crate::gate::Operation;
use crate::store::Stored;

impl HostCalls {
    /// Checks a plan, runs it dry and stores it.
    ///
    /// # Errors
    /// As the contract's `prepare`.
    pub async fn prepare(&self, what: wit::Plan) -> Result<wit::Proposal, Failure> {
        let changes = self.may_change().await?;
        let ordinal = self.ordinal.fetch_add(1, Ordering::Relaxed);
        changes.check_size(what.changes.len(), convert::bytes(&what))?;
        let permit = self.gate.check(&self.call, Operation::Discover)?;
        let types = self.call.bound(self.cluster.discovery(&permit)).await?;
        let plan = convert::plan(what, &types)?;
        let party = self.party();
        let prepared = changes.prepare(&self.call, &party, plan, ordinal).await?;
        self.give(prepared)
    }

    /// Applies a stored plan once.
    ///
    /// # Errors
    /// As the contract's `apply`.
    pub async fn apply(&self, token: String) -> Result<wit::Report, Failure> {
        let changes = self.may_change().await?;
        let stored = self.own(changes, &token).await?;
        let steps = stored.proposal.steps.clone();
        let report = changes.apply(&self.call, &self.party(), stored).await?;
        Ok(convert::report(report, &steps))
    }

    /// Says where a proposal of this plugin stands.
    ///
    /// # Errors
    /// As the contract's `status`.
    pub async fn status(&self, token: String) -> Result<wit::State, Failure> {
        let changes = self.may_change().await?;
        Ok(convert::state(self.own(changes, &token).await?.state))
    }

    /// Proposes the way back.
    ///
    /// # Errors
    /// As the contract's `prepare-rollback`.
    pub async fn prepare_rollback(&self, change_id: String) -> Result<wit::Proposal, Failure> {
        let changes = self.may_change().await?;
        let ordinal = self.ordinal.fetch_add(1, Ordering::Relaxed);
        let prepared = changes
            .prepare_rollback(&self.call, &self.party(), &change_id, ordinal, false)
            .await?;
        self.give(prepared)
    }

    /// Refuses what only a tool of effect `change` may do.
    async fn may_change(&self) -> Result<&Arc<Changes>, Failure> {
        self.call.budget.take_host_call()?;
        if self.call.effect == Effect::Read {
            return Err(Failure::new(
                Kind::Denied,
                format!(
                    "tool `{}` says that it only reads, so it may not propose, apply or ask about changes",
                    self.call.tool
                ),
            )
            .fix("this is the plugin's fault; tell its author"));
        }
        self.changes.get().await
    }

    /// Finds a proposal that this plugin made. Another plugin's looks as if it were not there.
    async fn own(&self, changes: &Changes, token: &str) -> Result<Stored, Failure> {
        let stored = changes.store.by_token(token).await?;
        stored
            .filter(|stored| stored.proposal.binding.plugin.key == self.plugin.key)
            .ok_or_else(|| {
                Failure::new(
                    Kind::NotFound,
                    "this plugin has no proposal with this token",
                )
                .fix("prepare the plan again; a token is not an id, and approves nothing")
            })
    }

    fn party(&self) -> Party {
        Party {
            gate: Arc::clone(&self.gate),
            plugin: self.plugin.clone(),
            actor: self.call.actor.clone(),
        }
    }

    fn give(&self, prepared: Prepared) -> Result<wit::Proposal, Failure> {
        let proposal = convert::proposal(prepared);
        let bytes = proposal.previews.iter().map(|preview| preview.diff.len());
        self.call.budget.take_crossing(bytes.sum())?;
        Ok(proposal)
    }
}
