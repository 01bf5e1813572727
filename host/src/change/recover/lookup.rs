//! What became of a change whose host ended: as its objects tell, and not a word more.
//!
//! Every step but the last that was begun had its answer. The last may still be on its way to the server, so "not done" is
//! said only when its time is over. What an object cannot tell is unknown: nobody is told a guess.

use serde_json::Value;

use super::super::mask::Masks;
use super::super::report::{Done, Report};
use super::super::same::compared;
use super::super::{Changes, Party, checked, chosen, rollback};
use crate::call::Call;
use crate::diff;
use crate::failure::Failure;
use crate::proposal::{Change, State, Step};
use crate::store::{Intent, Snapshot, Stored};

/// How one step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    AsShown,
    /// Accepted, but the object is not as it was shown.
    Otherwise,
    NotAtAll,
    Unknown,
}

/// A step after a look at its object.
struct Seen {
    went: Went,
    /// For the person who asks.
    detail: &'static str,
    /// The object as it came out, for the way back; none where that is not known.
    after: Option<Option<Value>>,
}

impl Changes {
    /// Looks at the object of each step that was begun. Returns what to report, and what is kept for the way back.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) async fn looked_up(
        &self,
        call: &Call,
        party: Option<&Party>,
        stored: &Stored,
    ) -> Result<(Report, Vec<Snapshot>), Failure> {
        let id = &stored.proposal.id;
        let before = self.store.snapshots(id).await?;
        let (mut steps, mut went, mut snapshots) = (Vec::new(), Vec::new(), Vec::new());
        let last = stored.intents.last().map(|intent| intent.step);
        for intent in &stored.intents {
            let Some(step) = stored.proposal.steps.get(intent.step) else {
                continue;
            };
            let is_last = Some(intent.step) == last;
            let seen = match party {
                Some(party) if is_last => self.last(call, party, step, intent).await,
                Some(party) => {
                    self.earlier(call, party, (intent.step, step), &before)
                        .await
                }
                None => Seen {
                    went: Went::Unknown,
                    detail: "the plugin is not loaded here: look at the object",
                    after: None,
                },
            };
            let kept = before.iter().find(|kept| kept.step == intent.step);
            if let (Some(kept), Some(after)) = (kept, seen.after) {
                snapshots.push(with_after(kept, after));
            }
            let answered = if is_last {
                "the host ended before the answer came"
            } else {
                "the server accepted it before the host ended"
            };
            steps.push(Done {
                target: step.target.clone(),
                action: step.action.clone(),
                done: !is_last || seen.went == Went::AsShown,
                detail: format!("{answered}; {}", seen.detail),
                kind: None,
                audit_id: intent.audit_id.clone(),
            });
            went.push(seen.went);
        }
        let report = Report {
            change: id.clone(),
            outcome: outcome(&went, stored.proposal.steps.len()),
            steps,
        };
        Ok((report, snapshots))
    }

    /// Looks what became of the step that has no answer.
    async fn last(&self, call: &Call, party: &Party, step: &Step, intent: &Intent) -> Seen {
        let unknown = Seen {
            went: Went::Unknown,
            detail: "nobody can say whether it happened: look at the object",
            after: None,
        };
        let over = intent.at.plus(self.cluster.request_timeout());
        loop {
            // Before the look: what is seen then is seen when the time is over.
            let Ok(now) = self.store.now().await else {
                return unknown;
            };
            let Some(object) = self.look(call, party, step).await else {
                return unknown;
            };
            let left = over.since(now);
            let after = Some(object);
            return match (
                self.came_out(step, after.as_ref().and_then(Option::as_ref)),
                left,
            ) {
                (Some(true), _) => Seen {
                    went: Went::AsShown,
                    detail: "the object is as the change would have it",
                    after: after.map(|object| object.filter(|_| !step.change.ends())),
                },
                (Some(false), left) if left.is_zero() => Seen {
                    went: Went::NotAtAll,
                    detail: "the object is as it was before",
                    after: None,
                },
                (None, left) if left.is_zero() => Seen {
                    // Whose the Secret is cannot be said, so it is not taken back either.
                    after: after.filter(|_| !matches!(step.change, Change::CreateSecret { .. })),
                    ..unknown
                },
                (Some(false) | None, left) if left <= call.remaining() => {
                    tokio::time::sleep(left).await;
                    continue;
                }
                (Some(false) | None, _) => unknown,
            };
        }
    }

    /// Looks at a step that the server accepted.
    async fn earlier(
        &self,
        call: &Call,
        party: &Party,
        (number, step): (usize, &Step),
        before: &[Snapshot],
    ) -> Seen {
        let as_shown = |after| Seen {
            went: Went::AsShown,
            detail: "nothing speaks against that it is as it was shown",
            after,
        };
        if step.change.ends() {
            return as_shown(Some(None));
        }
        let mut later = before.iter().filter(|kept| kept.step > number);
        if let Some(next) = later.find(|kept| kept.target == step.target) {
            // What a later step found is what this one left.
            return as_shown(Some(next.before.clone()));
        }
        match self.look(call, party, step).await {
            None => Seen {
                went: Went::Unknown,
                detail: "nobody can say whether it came out as shown: look at the object",
                after: None,
            },
            Some(Some(object))
                if step.change.generates() || self.stands(step, &object) == Some(true) =>
            {
                as_shown(Some(Some(object)))
            }
            Some(object) => Seen {
                went: Went::Otherwise,
                detail: "the object is not as it was shown",
                after: object.map(Some),
            },
        }
    }

    /// Returns the object, or that there is none; none of either where it cannot be seen.
    async fn look(&self, call: &Call, party: &Party, step: &Step) -> Option<Option<Value>> {
        let operation = checked::operations(&step.target, &step.change, step.uid.is_some())
            .into_iter()
            .next()?;
        let permit = party.gate.check(call, operation).ok()?;
        let seen = self.cluster.observe(&permit, &party.actor, &step.target);
        let seen = call.bound(seen).await.ok()?;
        Some(seen.map(|object| object.0))
    }

    /// Whether a step happened; none where the object does not tell.
    fn came_out(&self, step: &Step, object: Option<&Value>) -> Option<bool> {
        let Some(object) = object else {
            return Some(step.change.ends());
        };
        let text = |key: &str| object["metadata"][key].as_str();
        match &step.change {
            Change::Delete { .. } | Change::Evict => {
                let same = text("uid") == step.uid.as_deref();
                Some(!same || text("deletionTimestamp").is_some())
            }
            // What the host made is not known any more, and anybody can have made one of this name.
            Change::CreateSecret { .. } => None,
            Change::RotateSecret { .. } => {
                (text("resourceVersion") == step.resource_version.as_deref()).then_some(false)
            }
            Change::Create { .. }
            | Change::Apply { .. }
            | Change::Patch { .. }
            | Change::PatchStatus { .. }
            | Change::Scale { .. } => self.stands(step, object),
        }
    }

    /// Whether every changed value stands in the object as it would have come out, or as it was.
    fn stands(&self, step: &Step, object: &Value) -> Option<bool> {
        let masks = Masks::of(Some(object), &self.key);
        // What was there before cannot be asked any more; of a new object it was nothing.
        let before = step.uid.is_some().then_some(object);
        let seen = chosen::shown(&masks, &step.target, before, object, &step.change);
        let leaves = diff::lines(None, Some(&compared(&step.change, &seen)));
        let value_at = |path: &str| {
            let leaf = leaves.iter().find(|leaf| leaf.path == path);
            leaf.and_then(|leaf| leaf.after.as_deref())
        };
        let all = |of: fn(&diff::Line) -> Option<&str>| {
            step.diff
                .iter()
                .all(|line| value_at(&line.path) == of(line))
        };
        match (
            all(|line| line.after.as_deref()),
            all(|line| line.before.as_deref()),
        ) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

/// Completes what was kept with the intent.
fn with_after(kept: &Snapshot, after: Option<Value>) -> Snapshot {
    let mut whole = rollback::snapshot(kept.step, &kept.target, kept.before.clone(), after);
    whole.left_out.extend(kept.left_out.iter().cloned());
    whole.left_out.sort();
    whole.left_out.dedup();
    whole
}

/// Of a plan with so many steps, of which so many were begun.
fn outcome(went: &[Went], steps: usize) -> State {
    let done = went.iter().filter(|went| **went != Went::NotAtAll).count();
    if went.contains(&Went::Unknown) {
        State::Unknown
    } else if done == 0 {
        State::Failed
    } else if done < steps {
        State::Partial
    } else if went.contains(&Went::Otherwise) {
        State::Differs
    } else {
        State::Applied
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing_was_begun(&[], 2, State::Failed)]
    #[case::all_of_it(&[Went::AsShown, Went::AsShown], 2, State::Applied)]
    #[case::what_came_out_otherwise_is_not_applied(&[Went::Otherwise, Went::AsShown], 2, State::Differs)]
    #[case::not_the_last(&[Went::AsShown, Went::NotAtAll], 2, State::Partial)]
    #[case::the_first_differs_and_the_last_is_not_done(&[Went::Otherwise, Went::NotAtAll], 2, State::Partial)]
    #[case::some_were_not_begun(&[Went::AsShown], 2, State::Partial)]
    #[case::one_that_nobody_can_say(&[Went::AsShown, Went::Unknown], 3, State::Unknown)]
    #[case::not_the_only_one(&[Went::NotAtAll], 1, State::Failed)]
    fn the_plan_is_as_its_steps_are(
        #[case] went: &[Went],
        #[case] steps: usize,
        #[case] expected: State,
    ) {
        assert_eq!(outcome(went, steps), expected);
    }

    #[test]
    fn what_was_left_out_before_stays_named() {
        let kept = Snapshot {
            step: 0,
            target: crate::proposal::Target {
                group: String::new(),
                version: None,
                plural: "secrets".to_owned(),
                namespace: Some("shop".to_owned()),
                name: "db".to_owned(),
            },
            before: Some(serde_json::json!({"kind": "Secret", "metadata": {"name": "db"}})),
            after: None,
            left_out: vec!["data.old".to_owned()],
        };
        let after = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"new": "c3dvcmRmaXNo"}});
        let whole = with_after(&kept, Some(after));
        assert_eq!(whole.left_out, ["data.new", "data.old"]);
        assert!(!format!("{whole:?}").contains("c3dvcmRmaXNo"));
    }
}
