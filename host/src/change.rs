//! Changing the cluster: a plan becomes a proposal, a proposal is decided on, and what was decided on is applied once.
//!
//! `prepare` changes nothing: every request that it sends is a read or is dry. `apply` needs a decision that
//! [`crate::approval`] believes and a claim that the store gives once, looks again, and sends only what was shown. Nothing in
//! here decides, and what may have reached an object is never sent again.

mod apply;
mod checked;
mod chosen;
mod deciding;
mod ended;
mod expected;
mod items;
mod key;
mod mask;
mod on_demand;
mod pointer;
mod preview;
mod propose;
pub(crate) mod records;
mod recover;
mod report;
mod rollback;
mod running;
mod same;
mod secret;
mod shown;
mod under_way;
mod waiting;

use std::sync::Arc;

use ring::hmac;

pub(crate) use key::StateKey;
pub use on_demand::ChangesOnDemand;
pub(crate) use propose::Prepared;
pub(crate) use report::{Done, Report};
pub(crate) use shown::shown_to_a_model;
pub(crate) use under_way::UnderWay;

use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::call::Actor;
use crate::config::{ApprovalConfig, ChangesConfig};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::policy::Policy;
use crate::proposal::PluginIdentity;
use crate::store::Store;

/// What proposing and applying need; one per host.
pub struct Changes {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) approval: ApprovalConfig,
    pub(crate) bounds: ChangesConfig,
    /// SHA-256 of the configuration, in hex.
    pub(crate) config_digest: String,
    /// Masks what was observed.
    key: hmac::Key,
    /// Seals decisions that have no approver's key.
    seal: hmac::Key,
    /// Seals questions to clients; used for nothing else.
    pub(crate) questions: [u8; 32],
    under_way: Arc<UnderWay>,
}

/// Whose change it is.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) gate: Arc<Gate>,
    pub(crate) plugin: PluginIdentity,
    pub(crate) actor: Actor,
}

impl Changes {
    /// Refuses a plan for its size alone, before anything is asked of the cluster.
    ///
    /// # Errors
    /// `Limit` with the bound.
    pub(crate) fn check_size(&self, changes: usize, bytes: u64) -> Result<(), Failure> {
        checked::size(changes, bytes, &self.bounds)
    }
}
