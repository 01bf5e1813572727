//! Hibernation and fencing: both stop PostgreSQL by an annotation, and the phase says nothing of it
//! (`pkg/reconciler/hibernation/status.go`, `pkg/utils/fencing.go`).

use super::Cluster;
use serde_json::Value;

/// The annotation that hibernates a cluster.
const HIBERNATION: &str = "/metadata/annotations/cnpg.io~1hibernation";

/// The annotation that names fenced instances, as a JSON list.
const FENCED: &str = "/metadata/annotations/cnpg.io~1fencedInstances";

/// Every instance, among the fenced ones.
const EVERY: &str = "*";

/// How far a cluster is hibernated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hibernation {
    No,
    /// Asked for, and pods are there still.
    Hibernating,
    /// No pods; the claims are kept.
    Hibernated,
    /// The annotation is neither `on` nor `off`, so that the operator does nothing.
    Wrong,
}

impl Cluster {
    /// How far it is hibernated.
    pub(crate) fn hibernation(&self) -> Hibernation {
        match self.object().text(HIBERNATION) {
            "" | "off" => Hibernation::No,
            "on" => match self.condition("cnpg.io/hibernation") {
                Some(condition) if condition.status == "True" => Hibernation::Hibernated,
                Some(_) | None => Hibernation::Hibernating,
            },
            _ => Hibernation::Wrong,
        }
    }

    /// Whether it is hibernated, or on the way to it.
    pub(crate) fn is_hibernated(&self) -> bool {
        match self.hibernation() {
            Hibernation::Hibernating | Hibernation::Hibernated => true,
            Hibernation::No | Hibernation::Wrong => false,
        }
    }

    /// The instances that are fenced; `*` is all of them. None where the annotation cannot be read: the operator then fences none.
    pub(crate) fn fenced(&self) -> Vec<String> {
        serde_json::from_str::<Value>(self.object().text(FENCED))
            .map(|list| bulkhead_plugin_sdk::row::texts(&list))
            .unwrap_or_default()
    }

    /// Whether all instances are fenced.
    pub(crate) fn is_wholly_fenced(&self) -> bool {
        self.fenced().iter().any(|instance| instance == EVERY)
    }

    /// Whether this instance is fenced.
    pub(crate) fn is_fenced(&self, instance: &str) -> bool {
        let mut fenced = self.fenced().into_iter();
        fenced.any(|one| one == EVERY || one == instance)
    }
}
