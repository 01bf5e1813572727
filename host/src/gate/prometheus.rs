//! Who may ask Prometheus: a plugin that the operator allows it, and whose manifest asks for it.
//!
//! Metrics have no namespaces that a rule could be about, so it is all or nothing. [`PrometheusPermit`] is to Prometheus what a
//! [`Permit`](super::Permit) is to the cluster: only this module makes one, and it is moved into the backend.

use super::{Denied, Gate, Reason, Refused};
use crate::call::Call;

/// What the operator says and what the manifest says; a plugin asks where both say yes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asking {
    pub(super) granted: bool,
    pub(super) wanted: bool,
}

/// A passed check of one question to Prometheus.
#[derive(Debug)]
pub struct PrometheusPermit {
    _made_here: (),
}

impl Gate {
    /// Takes the operator's word, `prometheus` in the plugin's table, and whether the manifest asks for it.
    #[must_use]
    pub fn with_prometheus(mut self, granted: bool, wanted: bool) -> Self {
        self.prometheus = Asking { granted, wanted };
        self
    }

    /// Decides on a question to Prometheus, and tells the operator of a refusal.
    ///
    /// # Errors
    /// [`Denied`] where the operator does not allow it, or no want asks for it.
    pub fn check_prometheus(&self, call: &Call) -> Result<PrometheusPermit, Denied> {
        let Asking { granted, wanted } = self.prometheus;
        let reason = match (granted, wanted) {
            (true, true) => {
                call.covered.add_prometheus();
                return Ok(PrometheusPermit { _made_here: () });
            }
            (false, _) => Reason::Prometheus,
            (true, false) => Reason::NotWanted,
        };
        Err(self.refuse(call, Refused::Prometheus, reason))
    }

    /// Whether it may ask Prometheus, for what an operator reads. Tells nobody.
    #[must_use]
    pub fn asks_prometheus(&self) -> bool {
        self.prometheus.granted && self.prometheus.wanted
    }
}
