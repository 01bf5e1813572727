//! Whether a restore could be made: `no`, `yes, with losses` or `yes`, each with its reasons.

use super::answer::Judgement;

/// Reasons as they are found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    stops: Vec<String>,
    losses: Vec<String>,
    facts: Vec<String>,
}

impl Verdict {
    /// Nothing would be restored.
    pub(crate) fn stop(&mut self, reason: impl Into<String>) {
        self.stops.push(reason.into());
    }

    /// Something would be missing, or lost.
    pub(crate) fn loss(&mut self, reason: impl Into<String>) {
        self.losses.push(reason.into());
    }

    /// Good to know.
    pub(crate) fn fact(&mut self, fact: impl Into<String>) {
        self.facts.push(fact.into());
    }

    /// Puts the verdict and its reasons into a judgement, gravest first.
    pub(crate) fn put_into(self, judgement: &mut Judgement) {
        let next = if self.stops.is_empty() {
            "create_velero_restore with the same arguments and a `name` proposes it"
        } else {
            "list_velero_backups for another backup; list_velero_locations where it is the location"
        };
        judgement.verdict(match (self.stops.is_empty(), self.losses.is_empty()) {
            (false, _) => "no",
            (true, false) => "yes, with losses",
            (true, true) => "yes",
        });
        for (word, reasons) in [
            ("stops it", self.stops),
            ("loss", self.losses),
            ("note", self.facts),
        ] {
            for reason in reasons {
                judgement.reason(format!("{word}: {reason}"));
            }
        }
        judgement.reason(format!("next: {next}"));
    }
}
