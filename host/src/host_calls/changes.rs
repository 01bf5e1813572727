//! The `changes` interface: propose, have a person decide, apply exactly that.

use super::HostCalls;
use super::bindings::bulkhead::plugin::changes as wit;
use crate::call::Effect;
use crate::failure::{Failure, Kind};

impl HostCalls {
    /// Checks a plan, runs it dry and stores it.
    ///
    /// # Errors
    /// As the contract's `prepare`.
    pub async fn prepare(&self, _what: wit::Plan) -> Result<wit::Proposal, Failure> {
        self.may_change()?;
        Err(unavailable())
    }

    /// Applies a stored plan once.
    ///
    /// # Errors
    /// As the contract's `apply`.
    pub async fn apply(&self, _token: String) -> Result<wit::Report, Failure> {
        self.may_change()?;
        Err(unavailable())
    }

    /// Says where a proposal of this plugin stands.
    ///
    /// # Errors
    /// As the contract's `status`.
    pub async fn status(&self, _token: String) -> Result<wit::State, Failure> {
        self.may_change()?;
        Err(unavailable())
    }

    /// Proposes the way back.
    ///
    /// # Errors
    /// As the contract's `prepare-rollback`.
    pub async fn prepare_rollback(&self, _change_id: String) -> Result<wit::Proposal, Failure> {
        self.may_change()?;
        Err(unavailable())
    }

    /// Refuses what only a tool of effect `change` may do.
    fn may_change(&self) -> Result<(), Failure> {
        self.call.budget.take_host_call()?;
        match self.call.effect {
            Effect::Change => Ok(()),
            Effect::Read => Err(Failure::new(
                Kind::Denied,
                format!(
                    "tool `{}` says that it only reads, so it may not propose, apply or ask about changes",
                    self.call.tool
                ),
            )
            .fix("this is the plugin's fault; tell its author")),
        }
    }
}

fn unavailable() -> Failure {
    Failure::new(Kind::Denied, "this host keeps no store of changes")
}
