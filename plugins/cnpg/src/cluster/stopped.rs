//! Hibernation and fencing: both stop PostgreSQL by an annotation, and the phase says nothing of it
//! (`pkg/reconciler/hibernation/status.go`, `pkg/utils/fencing.go`). A third annotation stops the operator alone.

use super::Cluster;
use serde_json::Value;

/// The annotation that hibernates a cluster.
const HIBERNATION: &str = "/metadata/annotations/cnpg.io~1hibernation";

/// The annotation by which a person takes a cluster from the operator.
const RECONCILIATION: &str = "/metadata/annotations/cnpg.io~1reconciliationLoop";

/// The annotation that names fenced instances, as a JSON list.
const FENCED: &str = "/metadata/annotations/cnpg.io~1fencedInstances";

/// Every instance, among the fenced ones.
const EVERY: &str = "*";

/// How far a cluster is hibernated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hibernation {
    No,
    /// Asked for, and not begun: the operator begins only in the healthy phase.
    Asked,
    /// Begun, and pods are there still.
    Hibernating,
    /// No pods; the claims are kept.
    Hibernated,
    /// The annotation is neither `on` nor `off`, so that the operator does nothing.
    Wrong,
}

impl Cluster {
    /// Whether it is being deleted: something holds it, and the operator does nothing more with it.
    pub(crate) fn is_going(&self) -> bool {
        !self.object().text("/metadata/deletionTimestamp").is_empty()
    }

    /// How far it is hibernated.
    pub(crate) fn hibernation(&self) -> Hibernation {
        match self.object().text(HIBERNATION) {
            "" | "off" => Hibernation::No,
            "on" => match self.condition("cnpg.io/hibernation") {
                Some(condition) if condition.status == "True" => Hibernation::Hibernated,
                Some(_) => Hibernation::Hibernating,
                None => Hibernation::Asked,
            },
            _ => Hibernation::Wrong,
        }
    }

    /// Whether it is hibernated, or on the way to it; not where that was only asked for.
    pub(crate) fn is_hibernated(&self) -> bool {
        match self.hibernation() {
            Hibernation::Hibernating | Hibernation::Hibernated => true,
            Hibernation::No | Hibernation::Asked | Hibernation::Wrong => false,
        }
    }

    /// Whether it is to be hibernated, however far that is.
    pub(crate) fn is_asked_to_hibernate(&self) -> bool {
        self.object().text(HIBERNATION) == "on"
    }

    /// Whether the operator is told to do nothing with it (`IsReconciliationDisabled`, `pkg/utils/labels_annotations.go`).
    pub(crate) fn is_left_alone(&self) -> bool {
        self.object().text(RECONCILIATION) == "disabled"
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
