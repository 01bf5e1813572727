//! What a guest can call: one file per WIT interface, each function of one shape.
//!
//! Build an [`Operation`](crate::gate::Operation), check it, ask the backend, clean, return. A guest's mistake is a
//! `failure` of the contract; a fault of the host is a trap.

mod changes;
mod context;
mod history;
mod kubernetes;
mod prometheus;

pub(crate) use context::cut;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use crate::backend::cluster::Cluster;
use crate::backend::prometheus::Prometheus;
use crate::call::Call;
use crate::change::ChangesOnDemand;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::proposal::PluginIdentity;

/// The contract's types, generated from `wit/`.
#[expect(missing_docs, reason = "generated; the documentation stands in wit/")]
pub mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "bulkhead",
        imports: { default: async | trappable },
        exports: { default: async },
    });
}

use bindings::bulkhead::plugin::types;

/// The host's side of one call: everything that its host calls need.
pub struct HostCalls {
    /// Who asks, until when, and what may be spent.
    pub call: Arc<Call>,
    /// The plugin's grants and wants.
    pub gate: Arc<Gate>,
    /// The cluster that this host serves.
    pub cluster: Arc<Cluster>,
    /// The Prometheus that the operator has configured, if any.
    pub prometheus: Option<Arc<Prometheus>>,
    /// The operator's settings for the plugin, as JSON text.
    pub settings: Arc<str>,
    /// Which plugin it is.
    pub plugin: PluginIdentity,
    /// The way to change something.
    pub changes: Arc<ChangesOnDemand>,
    /// Counts the prepares of this call.
    pub ordinal: AtomicU32,
}

/// Gives a result to the guest: a fault of the host traps, everything else is a failure that the guest can act on.
pub(crate) fn to_guest<T>(
    result: Result<T, Failure>,
) -> wasmtime::Result<Result<T, types::Failure>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(failure) if failure.kind == Kind::Bug => Err(wasmtime::Error::msg(failure.text())),
        Err(failure) => Ok(Err(failure_for_guest(&failure))),
    }
}

/// Says a failure in the contract's words.
pub(crate) fn failure_for_guest(failure: &Failure) -> types::Failure {
    let text = failure.text();
    match failure.kind {
        Kind::Invalid => types::Failure::Invalid(text),
        Kind::Denied => types::Failure::Denied(text),
        Kind::NotFound => types::Failure::NotFound(text),
        Kind::Conflict => types::Failure::Conflict(text),
        Kind::Limit => types::Failure::Limit(text),
        Kind::NeedsApproval => types::Failure::NeedsApproval(text),
        Kind::Declined => types::Failure::Declined(text),
        Kind::Cancelled => types::Failure::Cancelled,
        Kind::Upstream => types::Failure::Upstream(text),
        Kind::Plugin | Kind::Bug => types::Failure::Internal(text),
    }
}

/// Takes a failure from the guest. Its text is the plugin's, and is cleaned and cut where it leaves the host.
pub(crate) fn failure_of_guest(failure: types::Failure) -> Failure {
    match failure {
        types::Failure::Invalid(text) => Failure::new(Kind::Invalid, text),
        types::Failure::Denied(text) => Failure::new(Kind::Denied, text),
        types::Failure::NotFound(text) => Failure::new(Kind::NotFound, text),
        types::Failure::Conflict(text) => Failure::new(Kind::Conflict, text),
        types::Failure::Limit(text) => Failure::new(Kind::Limit, text),
        types::Failure::NeedsApproval(text) => Failure::new(Kind::NeedsApproval, text),
        types::Failure::Declined(text) => Failure::new(Kind::Declined, text),
        types::Failure::Cancelled => Failure::new(Kind::Cancelled, "the call was given up"),
        types::Failure::Upstream(text) => Failure::new(Kind::Upstream, text),
        types::Failure::Internal(text) => Failure::new(Kind::Plugin, text),
    }
}
