//! The proof of a passed check.
//!
//! Only [`super::Gate::check`] makes a [`Permit`]: its fields are private to this module and its constructor to the gate.
//! It is not `Clone` and is moved into the backend: one permit, one operation. It says what is still to be judged with the
//! object in hand, and [`Permit::judge`] is how `Raw` judges it.

use serde_json::Value;

use super::matching::covers_name;
use super::operation::Operation;
use crate::config::Grant;

/// A passed check of one operation.
#[derive(Debug)]
pub struct Permit {
    operation: Operation,
    /// The grants that cover the operation; never empty for an operation on objects.
    coverage: Vec<Covering>,
}

/// One grant that covers an operation, as far as can be said without the object.
#[derive(Debug)]
pub(super) struct Covering {
    /// Place in the plugin's grants.
    pub(super) place: usize,
    pub(super) grant: Grant,
    pub(super) shows_secrets: bool,
}

impl Covering {
    /// Whether every object in reach is covered, so that none has to be read only to be judged.
    pub(super) fn is_unconditional(&self) -> bool {
        self.grant.names.is_empty() && self.grant.label_selector.is_none()
    }
}

/// What may be shown of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No grant covers it: it must look as if it were not there.
    Outside,
    /// Covered, with the values of Secrets left out.
    Covered,
    /// Covered, with the values of Secrets.
    CoveredWithSecrets,
}

impl Permit {
    pub(super) fn new(operation: Operation, coverage: Vec<Covering>) -> Self {
        Self {
            operation,
            coverage,
        }
    }

    /// Returns what was asked, as it was checked.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Judges one object by its name and labels.
    #[must_use]
    pub fn judge<'a>(&self, name: &str, label: impl Fn(&str) -> Option<&'a str>) -> Verdict {
        let covering = self.coverage.iter().filter(|coverage| {
            covers_name(&coverage.grant, name)
                && coverage
                    .grant
                    .label_selector
                    .as_ref()
                    .is_none_or(|selector| selector.matches(&label))
        });
        covering.fold(Verdict::Outside, |verdict, coverage| {
            match (verdict, coverage.shows_secrets) {
                (Verdict::CoveredWithSecrets, _) | (_, true) => Verdict::CoveredWithSecrets,
                (Verdict::Outside | Verdict::Covered, false) => Verdict::Covered,
            }
        })
    }

    /// Whether the permit shows this object, by its name and labels.
    pub(crate) fn shows(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let labels = &metadata["labels"];
        let name = metadata["name"].as_str().unwrap_or_default();
        let label = |key: &str| labels.get(key).and_then(Value::as_str);
        self.judge(name, label) != Verdict::Outside
    }

    /// Judges a change with the object in hand, as it was and as it would be: one grant must cover its name, its labels before
    /// and after, and every path that is set.
    ///
    /// # Errors
    /// What no grant covers, in words that go on behind "no grant covers".
    pub(crate) fn judge_change(
        &self,
        before: Option<&Value>,
        after: Option<&Value>,
        paths: &[&str],
    ) -> Result<(), String> {
        let name = match &self.operation {
            Operation::Change { name, .. } => name.as_str(),
            Operation::Get { .. }
            | Operation::List { .. }
            | Operation::Watch { .. }
            | Operation::Logs { .. }
            | Operation::Discover
            | Operation::Review => return Err("a change by a permit for reading".to_owned()),
        };
        let labelled = |grant: &Grant, object: Option<&Value>| {
            grant.label_selector.as_ref().is_none_or(|selector| {
                object.is_none_or(|object| {
                    let labels = &object["metadata"]["labels"];
                    selector.matches(|key: &str| labels.get(key).and_then(Value::as_str))
                })
            })
        };
        let mut short = format!("`{name}`");
        for Covering { grant, .. } in &self.coverage {
            if !covers_name(grant, name) {
                continue;
            }
            if !labelled(grant, before) {
                short = format!("the labels of `{name}` as they are");
                continue;
            }
            if !labelled(grant, after) {
                short = format!("the labels of `{name}` as they would be");
                continue;
            }
            let outside = paths.iter().find(|path| {
                !grant.fields.is_empty() && !grant.fields.iter().any(|field| field.covers(path))
            });
            match outside {
                None => return Ok(()),
                Some(path) => short = format!("the field `{path}` of `{name}`"),
            }
        }
        Err(short)
    }

    /// Whether every object in reach is covered, so that none has to be read only to be judged.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.coverage.iter().any(Covering::is_unconditional)
    }

    /// Returns the label selector that every covered object matches, if it is one: the server can filter by it.
    #[must_use]
    pub fn label_selector(&self) -> Option<String> {
        match self.coverage.as_slice() {
            [only] => only.grant.label_selector.as_ref().map(ToString::to_string),
            _ => None,
        }
    }

    /// Returns the grant whose `max_objects` counts, by its place, with the most objects that one call may read. None is
    /// no bound: some grant that covers the operation has none.
    #[must_use]
    pub fn max_objects(&self) -> Option<(usize, u32)> {
        let mut most: Option<(usize, u32)> = None;
        for coverage in &self.coverage {
            let objects = coverage.grant.max_objects?;
            if most.is_none_or(|(_, so_far)| objects > so_far) {
                most = Some((coverage.place, objects));
            }
        }
        most
    }
}
