//! A refusal, for its two readers: a sentence for the model, and the grant to paste for the operator.
//!
//! The model never reads the grant: it would only ask the person to paste it.

use std::fmt;

use super::operation::{Demand, Reach};
use crate::config::Verb;
use crate::failure::{Failure, Kind};

/// Why the gate refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The plugin has no grant at all.
    NoGrants,
    /// No grant names the resource.
    Resource,
    /// Grants name the resource, none with this verb.
    Verb,
    /// Grants have the verb for the resource, none reaches there.
    Reach,
    /// Grants reach there, none covers the name.
    Name,
    /// The plugin's table does not have `prometheus = true`.
    Prometheus,
    /// A grant would cover it, but the plugin's manifest does not ask for it.
    NotWanted,
}

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Something of the cluster; none where it tells of no object.
    Cluster(Option<Box<Demand>>),
    /// To ask Prometheus.
    Prometheus,
}

/// A refused operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Denied {
    /// Of the call, for finding the operator's side of it.
    pub call: u64,
    /// The plugin's key.
    pub plugin: String,
    /// What was asked.
    pub refused: Refused,
    /// The rule that is missing.
    pub reason: Reason,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plugin, because) = (&self.plugin, self.because());
        match &self.refused {
            Refused::Cluster(Some(demand)) => {
                write!(f, "plugin `{plugin}` may not {demand}: {because}")
            }
            Refused::Cluster(None) => {
                write!(
                    f,
                    "plugin `{plugin}` may not look at the cluster: {because}"
                )
            }
            Refused::Prometheus => {
                write!(f, "plugin `{plugin}` may not ask Prometheus: {because}")
            }
        }
    }
}

impl Denied {
    /// Returns what a grant would have to cover; none where it tells of no object.
    #[must_use]
    pub fn demand(&self) -> Option<&Demand> {
        match &self.refused {
            Refused::Cluster(demand) => demand.as_deref(),
            Refused::Prometheus => None,
        }
    }

    fn verb(&self) -> Verb {
        self.demand().map_or(Verb::Get, |demand| demand.verb)
    }

    fn because(&self) -> String {
        let verb = self.verb();
        match self.reason {
            Reason::NoGrants => "the operator's configuration grants it nothing".to_owned(),
            Reason::Resource => "no grant names this resource".to_owned(),
            Reason::Verb => format!("no grant of it has the verb `{verb}` for this resource"),
            Reason::Reach => match self.demand().map(|demand| &demand.reach) {
                Some(Reach::Cluster) => {
                    "no grant for this resource has `scope = \"cluster\"`".to_owned()
                }
                Some(Reach::AllNamespaces) => {
                    "no grant for this resource covers all namespaces".to_owned()
                }
                Some(Reach::Namespace(_)) | None => {
                    "no grant for this resource covers this namespace".to_owned()
                }
            },
            Reason::Name => "no grant for this resource covers this name".to_owned(),
            Reason::Prometheus => "the operator's configuration does not allow it".to_owned(),
            Reason::NotWanted => {
                "a grant covers it, but the plugin's manifest does not ask for it".to_owned()
            }
        }
    }

    /// Returns the grant that is missing, as TOML to paste: a table of its own, or for Prometheus a line that goes into the plugin's
    /// table. None where no grant would help.
    #[must_use]
    pub fn grant(&self) -> Option<String> {
        if self.reason == Reason::NotWanted {
            return None;
        }
        if self.refused == Refused::Prometheus {
            // A second header of the table would be no TOML.
            return Some(format!(
                "# in the table [plugins.{}]:\nprometheus = true",
                self.plugin
            ));
        }
        let demand = self.demand()?;
        let reach = match &demand.reach {
            Reach::Cluster => "scope = \"cluster\"".to_owned(),
            Reach::AllNamespaces => "namespaces = [\"*\"]".to_owned(),
            Reach::Namespace(name) => format!("namespaces = [{}]", quoted(name)),
        };
        let name = match (&self.reason, &demand.name) {
            (Reason::Name, Some(name)) => format!("\nnames = [{}]", quoted(name)),
            _ => String::new(),
        };
        Some(format!(
            "[[plugins.{}.grants]]\napi_groups = [{}]\nresources = [{}]\nverbs = [\"{}\"]\n{reach}{name}",
            self.plugin,
            quoted(&demand.resource.group),
            quoted(&demand.resource.plural),
            demand.verb,
        ))
    }

    /// Writes the operator's side of the refusal to the log.
    pub(crate) fn log(&self) {
        match self.grant() {
            Some(grant) => {
                tracing::warn!(target: "bulkhead::gate", "denied: {self} (call {})\nfix: if it should be allowed, add to config.toml and send the host SIGHUP:\n{grant}", self.call);
            }
            None => tracing::warn!(target: "bulkhead::gate", "denied: {self} (call {})", self.call),
        }
    }
}

/// A TOML string, with everything escaped that could end it: the text comes from a guest.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let wanted = match denied.verb() {
            Verb::Get | Verb::List | Verb::Watch => "see",
            Verb::Create | Verb::Patch | Verb::Delete => "change",
            Verb::Use => "refer to",
        };
        let fix = match denied.reason {
            Reason::NotWanted => "this is the plugin's fault; tell its author".to_owned(),
            Reason::NoGrants
            | Reason::Resource
            | Reason::Verb
            | Reason::Reach
            | Reason::Name
            | Reason::Prometheus => {
                format!(
                    "do not try other ways; tell the person what you wanted to {wanted} and why. The operator finds the missing grant in Bulkhead's log"
                )
            }
        };
        Self::new(Kind::Denied, denied.to_string()).fix(fix)
    }
}
