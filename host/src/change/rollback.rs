//! The way back: a new plan, built from the objects as they were before a change.
//!
//! It restores what the change had touched and nothing else, and passes the same gate, dry run and approval as any plan. Where
//! an object has moved on in what was touched, it is refused, unless the caller asks for the wider change, which a person then
//! sees and decides on.

mod as_new;
#[cfg(test)]
mod tests;
mod way_back;

use std::sync::Arc;

use serde_json::{Value, json};

use self::as_new::as_new;
use self::way_back::WayBack;
use super::mask::Masks;
use super::propose::{Prepared, Rollback};
use super::recover::same_cluster;
use super::{Changes, Party, checked};
use crate::backend::cluster::Observed;
use crate::call::Call;
use crate::diff;
use crate::failure::{Failure, Kind};
use crate::proposal::{Change, PatchKind, Plan, Propagation, State, Step, Target};
use crate::store::Snapshot;

/// Keeps an object for the way back, without its secrets.
pub(super) fn snapshot(
    step: usize,
    target: &Target,
    before: Option<Value>,
    after: Option<Value>,
) -> Snapshot {
    let mut left_out = Vec::new();
    let mut kept = |object: Option<Value>| {
        object.map(|mut object| {
            if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
            }
            left_out.extend(Masks::remove_secrets(&mut object));
            object
        })
    };
    let (before, after) = (kept(before), kept(after));
    left_out.sort();
    left_out.dedup();
    Snapshot {
        step,
        target: target.clone(),
        before,
        after,
        left_out,
    }
}

impl Changes {
    /// Proposes to take a change back. `wider` accepts that what was touched has changed since.
    ///
    /// # Errors
    /// `NotFound` where nothing is kept, `Conflict` where an object has moved on, else as [`Changes::prepare`].
    pub(crate) async fn prepare_rollback(
        &self,
        call: &Arc<Call>,
        party: &Party,
        id: &str,
        ordinal: u32,
        wider: bool,
    ) -> Result<Prepared, Failure> {
        let stored = self.stored(id).await?;
        if stored.proposal.binding.plugin.key != party.plugin.key {
            return Err(Failure::new(
                Kind::NotFound,
                format!("plugin `{}` made no change {id}", party.plugin.key),
            ));
        }
        match stored.state {
            State::Applied | State::Differs | State::Partial | State::Unknown => {}
            State::Proposed
            | State::Approved
            | State::Declined
            | State::Expired
            | State::Applying
            | State::Failed
            | State::RolledBack => {
                return Err(Failure::new(
                    Kind::Conflict,
                    format!(
                        "change {id} is {}: there is nothing to take back",
                        stored.state
                    ),
                ));
            }
        }
        let here = call.bound(self.cluster.identity(&party.actor)).await?;
        let there = &stored.proposal.binding.cluster;
        if !same_cluster(&here, there) {
            return Err(Failure::new(
                Kind::Conflict,
                format!(
                    "change {id} was made in another cluster (`{}`) than the one that is talked to here (`{}`)",
                    there.context, here.context
                ),
            )
            .fix("take it back where it was made"));
        }
        self.forget().await?;
        let snapshots = self.store.snapshots(id).await?;
        if snapshots.is_empty() {
            return Err(Failure::new(
                Kind::NotFound,
                format!(
                    "nothing is kept of the objects of change {id}: snapshots are kept for {}",
                    crate::config::duration_text(self.bounds.keep_snapshots)
                ),
            )
            .fix("propose what is to be done as a change of its own"));
        }
        let mut changes = Vec::new();
        let mut notes = Vec::new();
        for snapshot in snapshots.iter().rev() {
            let Some(step) = stored.proposal.steps.get(snapshot.step) else {
                continue;
            };
            let back = self.back(call, party, step, snapshot, wider).await?;
            if back.is_some() {
                notes.extend(not_kept(step, snapshot));
            }
            changes.extend(back.map(|change| (snapshot.target.clone(), change)));
        }
        if changes.is_empty() {
            return Err(Failure::new(
                Kind::Invalid,
                format!(
                    "nothing of change {id} can be taken back: what it touched is as it was, or was an eviction or a status"
                ),
            ));
        }
        let plan = Plan {
            summary: format!("Take back change {id}: {}", stored.proposal.summary)
                .chars()
                .take(400)
                .collect(),
            reason: None,
            changes,
        };
        let of = Rollback {
            of: id.to_owned(),
            notes,
        };
        self.propose(call, party, plan, ordinal, Some(of)).await
    }

    /// Returns the change that takes one step back; none where there is nothing to do.
    async fn back(
        &self,
        call: &Call,
        party: &Party,
        step: &Step,
        snapshot: &Snapshot,
        wider: bool,
    ) -> Result<Option<Change>, Failure> {
        let target = &snapshot.target;
        if matches!(step.change, Change::Evict | Change::PatchStatus { .. }) {
            return Ok(None);
        }
        let change = self.undo(step, snapshot)?;
        let operations = checked::operations(target, &change, snapshot.after.is_some());
        let mut permit = None;
        for operation in operations {
            let one = party.gate.check(call, operation)?;
            permit.get_or_insert(one);
        }
        let permit = permit.ok_or_else(|| Failure::new(Kind::Bug, "a change needs no permit"))?;
        let current = call
            .bound(self.cluster.observe(&permit, &party.actor, target))
            .await?;
        if let Some(current) = &current
            && permit.judge_change(Some(&current.0), None, &[]).is_err()
        {
            return Err(gone(target));
        }
        match (&snapshot.before, &snapshot.after) {
            (Some(before), Some(after)) => restore(target, before, after, current, snapshot, wider),
            (None, Some(after)) => match current {
                None => Ok(None),
                Some(current) => {
                    let same_object = current.uid() == after["metadata"]["uid"].as_str();
                    let as_it_came_out = same_but_for_secrets(&current.0, after);
                    if same_object && (as_it_came_out || wider) {
                        Ok(Some(change))
                    } else {
                        Err(moved_on(target, same_object))
                    }
                }
            },
            (Some(_), None) if current.is_some() => Err(Failure::new(
                Kind::Conflict,
                format!("{target} is there again, so it cannot be created anew"),
            )
            .fix("propose a change of the one that is there")),
            (Some(_), None) => Ok(Some(change)),
            (None, None) => Ok(None),
        }
    }

    /// The kind of change that takes a step back: what it would send is completed by [`restore`].
    fn undo(&self, step: &Step, snapshot: &Snapshot) -> Result<Change, Failure> {
        let target = &snapshot.target;
        match (&snapshot.before, &snapshot.after) {
            (Some(before), None) => {
                if !snapshot.left_out.is_empty() {
                    return Err(without_secrets(target, &snapshot.left_out));
                }
                Ok(Change::Create {
                    object: as_new(before, target),
                })
            }
            (None, _) => Ok(Change::Delete {
                propagation: Propagation::Background,
            }),
            (Some(before), Some(_)) => match &step.change {
                Change::Scale { .. } => Ok(Change::Scale {
                    replicas: before["spec"]["replicas"]
                        .as_u64()
                        .and_then(|number| u32::try_from(number).ok())
                        .unwrap_or_default(),
                }),
                Change::Create { .. }
                | Change::CreateSecret { .. }
                | Change::RotateSecret { .. }
                | Change::Apply { .. }
                | Change::Patch { .. }
                | Change::PatchStatus { .. }
                | Change::Delete { .. }
                | Change::Evict => Ok(Change::Patch {
                    how: PatchKind::Merge,
                    body: json!({}),
                    expected_version: None,
                }),
            },
        }
    }
}

/// Says which values the change had touched that are not kept, since they look like secrets.
fn not_kept(step: &Step, snapshot: &Snapshot) -> Option<String> {
    let touched = step.diff.iter().map(|line| &line.path);
    let lost: Vec<&str> = touched
        .filter(|path| snapshot.left_out.contains(path))
        .map(String::as_str)
        .collect();
    (!lost.is_empty()).then(|| {
        format!(
            "of {} this is not put back, since values that look like secrets are not kept: {}",
            snapshot.target,
            lost.join(", ")
        )
    })
}

/// The change that puts back what was touched in an object that is still there.
fn restore(
    target: &Target,
    before: &Value,
    after: &Value,
    current: Option<Observed>,
    snapshot: &Snapshot,
    wider: bool,
) -> Result<Option<Change>, Failure> {
    let current = current.ok_or_else(|| gone(target))?;
    if current.uid() != before["metadata"]["uid"].as_str() {
        return Err(moved_on(target, false));
    }
    let mut stripped = current.0.clone();
    Masks::remove_secrets(&mut stripped);
    let (before, after, now) = (
        diff::normalised(before),
        diff::normalised(after),
        diff::normalised(&stripped),
    );
    if before["kind"] == "Scale" {
        let replicas = |object: &Value| object["spec"]["replicas"].as_u64();
        if replicas(&now) == replicas(&before) {
            return Ok(None);
        }
        if replicas(&now) != replicas(&after) && !wider {
            return Err(moved_on(target, true));
        }
        let replicas = replicas(&before).and_then(|number| u32::try_from(number).ok());
        return Ok(replicas.map(|replicas| Change::Scale { replicas }));
    }
    let mut way = WayBack {
        left_out: &snapshot.left_out,
        operations: Vec::new(),
        moved: false,
        lost: Vec::new(),
    };
    way.walk(Some(&before), Some(&after), Some(&now), &mut Vec::new());
    if way.moved && !wider {
        return Err(moved_on(target, true));
    }
    if !way.lost.is_empty() {
        return Err(without_secrets(target, &way.lost));
    }
    if way.operations.is_empty() && !snapshot.left_out.is_empty() {
        return Err(without_secrets(target, &snapshot.left_out));
    }
    Ok((!way.operations.is_empty()).then_some(Change::Patch {
        how: PatchKind::JsonPatch,
        body: Value::Array(way.operations),
        expected_version: None,
    }))
}

fn same_but_for_secrets(current: &Value, after: &Value) -> bool {
    let mut current = current.clone();
    Masks::remove_secrets(&mut current);
    diff::normalised(&current) == diff::normalised(after)
}

fn gone(target: &Target) -> Failure {
    Failure::new(Kind::Conflict, format!("{target} is not there any more"))
        .fix("propose what is to be done as a change of its own")
}

fn moved_on(target: &Target, same_object: bool) -> Failure {
    if same_object {
        Failure::new(
            Kind::Conflict,
            format!("{target} has changed since in what would be put back"),
        )
        .fix("look at it; `overwrite: true` proposes to overwrite what came later, which a person then sees and decides on")
    } else {
        Failure::new(
            Kind::Conflict,
            format!("{target} is another object than the one that was changed"),
        )
        .fix("propose what is to be done as a change of its own")
    }
}

fn without_secrets(target: &Target, left_out: &[String]) -> Failure {
    Failure::new(
        Kind::Invalid,
        format!(
            "{target} cannot be put back: {} hold secrets, which are not kept",
            left_out.join(", ")
        ),
    )
    .fix("a person must restore the values from where they are kept")
}
