//! The one place that compares an operation with the operator's grants.
//!
//! [`Gate::check`] decides purely: no await, no clock, no object. It hands out a [`Permit`], which every backend takes and
//! nobody else can make, or a [`Denied`] that names the missing rule. Absence of a rule is denial.

#![warn(clippy::wildcard_enum_match_arm)]

mod denied;
mod matching;
pub mod matrix;
mod operation;
mod permit;
mod prometheus;
mod spelled;
mod want;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use denied::{Denied, Reason, Refused};
pub use operation::{Demand, Operation, Reach, Resource};
use permit::Covering;
pub use permit::{Permit, Verdict};
pub use prometheus::PrometheusPermit;
pub(crate) use spelled::spelled_out;
pub use want::Want;

use crate::call::{Call, Denial};
use crate::config::Grant;

/// The grants of one plugin, and the wants that bound them.
#[derive(Debug, Clone)]
pub struct Gate {
    plugin: String,
    grants: Vec<Grant>,
    wants: Vec<Want>,
    prometheus: prometheus::Asking,
}

impl Gate {
    /// Makes the gate of the plugin with this key. It may not ask Prometheus.
    #[must_use]
    pub fn new(plugin: impl Into<String>, grants: Vec<Grant>, wants: Vec<Want>) -> Self {
        Self {
            plugin: plugin.into(),
            grants,
            wants,
            prometheus: prometheus::Asking::default(),
        }
    }

    /// Decides on an operation, and tells the operator of a refusal.
    ///
    /// # Errors
    /// [`Denied`] where no grant covers the operation, or no want asks for it.
    pub fn check(&self, call: &Call, operation: Operation) -> Result<Permit, Denied> {
        let demand = operation.demand();
        match self.decide(demand.as_ref()) {
            Ok(coverage) => {
                for covering in &coverage {
                    call.covered.add(covering.place);
                }
                Ok(Permit::new(operation, coverage))
            }
            Err(reason) => {
                let refused = Refused::Cluster(demand.map(Box::new));
                Err(self.refuse(call, refused, reason))
            }
        }
    }

    /// Tells the operator of a refusal, and keeps it for the audit.
    fn refuse(&self, call: &Call, refused: Refused, reason: Reason) -> Denied {
        let denied = Denied {
            call: call.id,
            plugin: self.plugin.clone(),
            refused,
            reason,
        };
        denied.log();
        call.denials.add(Denial {
            said: denied.to_string(),
            grant: denied.grant(),
            object: denied.demand().map(ToString::to_string),
        });
        denied
    }

    /// Whether a demand would pass, for `can-i` and the matrix. Tells nobody.
    #[must_use]
    pub fn allows(&self, demand: &Demand) -> bool {
        self.decide(Some(demand)).is_ok()
    }

    /// Whether some grant has a verb that changes, and a want asks for it.
    pub(crate) fn changes(&self) -> bool {
        let granted = self.grants.iter().flat_map(|grant| &grant.verbs);
        granted.filter(|verb| verb.changes()).any(|verb| {
            self.wants
                .iter()
                .any(|want| matching::covers_verb(&want.verbs, *verb))
        })
    }

    /// Whether some grant shows values of Secrets, and a want asks for them.
    pub(crate) fn shows_secrets(&self) -> bool {
        self.grants.iter().any(|grant| grant.secret_values)
            && self.wants.iter().any(|want| want.secret_values)
    }

    /// Returns how a demand is covered, for the matrix; none where it is not. A demand without a name may be covered in part.
    pub(crate) fn covers(&self, demand: &Demand) -> Option<Summary> {
        let coverage = self.decide(Some(demand)).ok()?;
        Some(Summary {
            conditions: coverage
                .iter()
                .map(|covering| Condition {
                    bounds: matrix::bounds(&covering.grant, demand.verb),
                    shows_secrets: covering.shows_secrets,
                })
                .collect(),
        })
    }

    /// Returns the namespaces that grants name, sorted; a glob stands as it is written.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        matrix::namespaces(&self.grants)
    }

    /// Returns what grants give and no want asks for, in words: it has no effect.
    pub(crate) fn beyond_wants(&self) -> Vec<String> {
        let mut beyond = Vec::new();
        for grant in &self.grants {
            for (resource, verb) in matrix::granted(grant) {
                let demand = Demand {
                    verb,
                    resource,
                    reach: Reach::Cluster,
                    name: None,
                };
                if !self
                    .wants
                    .iter()
                    .any(|want| matching::wanted(want, &demand))
                {
                    beyond.push(format!("`{}` of `{}`", demand.verb, demand.resource));
                }
            }
            if grant.secret_values && !self.wants.iter().any(|want| want.secret_values) {
                beyond.push("the values of Secrets".to_owned());
            }
        }
        if self.prometheus.granted && !self.prometheus.wanted {
            beyond.push("`prometheus`".to_owned());
        }
        beyond.sort();
        beyond.dedup();
        beyond
    }

    /// Finds the grants that cover a demand. A demand of none is satisfied by any grant.
    fn decide(&self, demand: Option<&Demand>) -> Result<Vec<Covering>, Reason> {
        if self.grants.is_empty() {
            return Err(Reason::NoGrants);
        }
        let Some(demand) = demand else {
            return Ok(Vec::new());
        };
        let misfits: Vec<_> = self
            .grants
            .iter()
            .map(|grant| matching::misfit(grant, demand))
            .collect();
        if !misfits.iter().any(matching::Misfit::fits) {
            return Err(missing_rule(&misfits));
        }
        let wants: Vec<_> = self
            .wants
            .iter()
            .filter(|want| matching::wanted(want, demand))
            .collect();
        if wants.is_empty() {
            return Err(Reason::NotWanted);
        }
        let secrets_wanted = wants.iter().any(|want| want.secret_values);
        let fitting = self
            .grants
            .iter()
            .zip(&misfits)
            .enumerate()
            .filter(|(_, (_, misfit))| misfit.fits());
        Ok(fitting
            .map(|(place, (grant, _))| Covering {
                place,
                shows_secrets: grant.secret_values && secrets_wanted,
                grant: grant.clone(),
            })
            .collect())
    }
}

/// How a demand is covered: by each of these, whichever an object meets. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    conditions: BTreeSet<Condition>,
}

/// How one grant covers a demand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Condition {
    /// Which objects and fields, in words; empty for all.
    bounds: String,
    /// The values of Secrets too.
    shows_secrets: bool,
}

impl Condition {
    /// Whether what meets another condition meets this one, as far as can be said of words.
    fn includes(&self, other: &Self) -> bool {
        (self.bounds.is_empty() || self.bounds == other.bounds)
            && (self.shows_secrets || !other.shows_secrets)
    }
}

impl Summary {
    /// Whether every object in reach is covered.
    fn is_unconditional(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| condition.bounds.is_empty())
    }

    /// Whether the values of some Secrets are shown.
    fn shows_secrets(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| condition.shows_secrets)
    }

    /// Returns what it covers and another does not.
    fn beyond(&self, other: Option<&Self>) -> Option<Self> {
        let theirs: Vec<&Condition> = other.iter().flat_map(|other| &other.conditions).collect();
        let is_held = |mine: &Condition| {
            let own = self.conditions.iter().filter(|own| *own != mine);
            theirs
                .iter()
                .copied()
                .chain(own)
                .any(|held| held.includes(mine))
        };
        let conditions: BTreeSet<Condition> = self
            .conditions
            .iter()
            .filter(|mine| !is_held(mine))
            .cloned()
            .collect();
        (!conditions.is_empty()).then_some(Self { conditions })
    }
}

/// Of the grants that come nearest, the first rule that is missing.
fn missing_rule(misfits: &[matching::Misfit]) -> Reason {
    let nearest = misfits
        .iter()
        .filter(|misfit| !misfit.resource)
        .min_by_key(|misfit| (misfit.rules(), misfit.verb));
    match nearest {
        None => Reason::Resource,
        Some(misfit) if misfit.verb => Reason::Verb,
        Some(misfit) if misfit.reach => Reason::Reach,
        Some(_) => Reason::Name,
    }
}
