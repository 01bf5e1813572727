//! Whether a namespace or a claim is backed up often enough, and why not.

use super::cluster::{Namespace, Standing};
use super::objectives::{Objective, Objectives};
use super::points::{Line, Schedule};
use super::stores::Stores;
use super::volumes::{self, Volume};
use crate::backup::Backup;
use crate::selection::{Selection, Take, is_kept_out};
use bulkhead_plugin_sdk::Time;
use serde_json::Value;

/// The most words about one row.
const MOST_WHYS: usize = 2;

/// How well something is covered, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// No backup that could be restored has it.
    Uncovered,
    /// A backup has it, and is older than its objective.
    Late,
    /// The newest backup failed in part, or takes only some of it.
    Partial,
    Covered,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Uncovered, Self::Late, Self::Partial, Self::Covered];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Uncovered => "not covered",
            Self::Late => "late",
            Self::Partial => "partial",
            Self::Covered => "covered",
        }
    }
}

/// What was found about one namespace or claim.
pub(crate) struct Found<'a> {
    pub(crate) state: State,
    pub(crate) backup: Option<&'a Backup>,
    pub(crate) why: Vec<String>,
}

/// Everything that a judgement is made from.
pub(crate) struct Evidence {
    pub(crate) lines: Vec<Line>,
    /// Of each line, the volumes whose data was moved; none where that was not looked up.
    pub(crate) moved: Vec<Option<Vec<Volume>>>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) stores: Stores,
    pub(crate) objectives: Objectives,
    pub(crate) now: Time,
}

/// The newest backup so far, with what is missing in it.
type Best<'a> = Option<(&'a Backup, String)>;

impl Evidence {
    pub(crate) fn objective<'a>(&'a self, namespace: &'a Standing) -> Objective<'a> {
        self.objectives.of(&namespace.name, &namespace.labels)
    }

    /// Judges a namespace, or one of its claims.
    pub(crate) fn judge(&self, namespace: &Namespace, claim: Option<&Standing>) -> Found<'_> {
        let object = &namespace.object;
        let created = claim.map_or(object.created, |claim| claim.created);
        let (mut whole, mut part): (Best<'_>, Best<'_>) = (None, None);
        let (mut lost, mut without_data) = (Vec::new(), None);
        for (at, line) in self.lines.iter().enumerate() {
            let limit = match self.take_of_line(at, line, object, claim) {
                Take::Whole => String::new(),
                // A claim without its data is not covered at all.
                Take::Part(limit) if claim.is_some() => {
                    without_data = Some(limit);
                    continue;
                }
                Take::Part(limit) => limit,
                Take::Left(_) | Take::Unnamed => continue,
            };
            let is_in = |backup: &&Backup| backup.began >= Some(created);
            let good = line.good.as_ref().filter(is_in);
            let partial = line.partial.as_ref().filter(|(backup, _)| is_in(&backup));
            if good.is_none() && partial.is_none() {
                if line.expired >= Some(created) {
                    lost.push("the backups that have it have expired".to_owned());
                }
                continue;
            }
            if let Some(why) = self.stores.unreadable(&line.location) {
                lost.push(why);
                continue;
            }
            match good {
                Some(good) if limit.is_empty() => newer(&mut whole, good, String::new()),
                Some(good) => newer(&mut part, good, limit.clone()),
                None => {}
            }
            if let Some((partial, how)) = partial {
                newer(&mut part, partial, how.clone());
            }
        }
        if whole.is_none() && part.is_none() {
            lost.extend(without_data);
        }
        self.weigh(whole, part, lost, object, claim)
    }

    fn weigh<'a>(
        &'a self,
        whole: Best<'a>,
        part: Best<'a>,
        lost: Vec<String>,
        namespace: &Standing,
        claim: Option<&Standing>,
    ) -> Found<'a> {
        let objective = self.objective(namespace).seconds;
        let fresh = |best: &Best<'_>| {
            let began = best.as_ref().and_then(|(backup, _)| backup.began);
            began.is_some_and(|began| self.now.since(began).as_secs() <= objective)
        };
        let (state, best) = if fresh(&whole) {
            (State::Covered, whole)
        } else if fresh(&part) {
            (State::Partial, part)
        } else {
            match whole.or(part) {
                Some(best) => (State::Late, Some(best)),
                None => (State::Uncovered, None),
            }
        };
        let mut why = Vec::new();
        let backup = best.map(|(backup, how)| {
            if !how.is_empty() {
                why.push(how);
            }
            backup
        });
        let mut others = self.whys(namespace, claim, state, backup);
        if state == State::Uncovered {
            others.extend(lost);
        }
        for words in others {
            let known = |one: &String| one.ends_with(&words) || words.ends_with(one.as_str());
            if !why.iter().any(known) {
                why.push(words);
            }
        }
        let more = why.len().saturating_sub(MOST_WHYS);
        if more > 0 {
            why.truncate(MOST_WHYS);
            why.push(format!("{more} more"));
        }
        Found { state, backup, why }
    }

    /// Says what the schedules have to do with it.
    fn whys(
        &self,
        namespace: &Standing,
        claim: Option<&Standing>,
        state: State,
        backup: Option<&Backup>,
    ) -> Vec<String> {
        if is_kept_out(&namespace.labels) {
            return vec!["the namespace's label velero.io/exclude-from-backup".to_owned()];
        }
        let created = claim.map_or(namespace.created, |claim| claim.created);
        let (mut first, mut troubles) = (Vec::new(), Vec::new());
        let (mut healthy, mut left) = (Vec::new(), Vec::new());
        for schedule in &self.schedules {
            let name = &schedule.name;
            let limit = match take(&schedule.template, namespace, claim) {
                Take::Whole => None,
                Take::Part(limit) => Some(limit),
                Take::Left(by) => {
                    left.push(format!("left out of `{name}` by {by}"));
                    continue;
                }
                Take::Unnamed => continue,
            };
            let store = self.stores.unwritable(schedule.location());
            if let Some(trouble) = store.or_else(|| schedule.trouble(&self.lines)) {
                troubles.push(format!("`{name}`: {trouble}"));
            } else if schedule.ran(&self.lines) < Some(created) {
                first.push(format!("newer than the last backup of `{name}`"));
            } else if let Some(limit) = limit {
                healthy.push(format!("`{name}` takes {limit}"));
            } else {
                let pace = schedule.pace(&self.lines, self.now);
                let made = backup.is_some_and(|backup| backup.schedule == *name);
                let among = if made { &mut first } else { &mut healthy };
                among.push(format!("`{name}` {pace}"));
            }
        }
        let scheduled = !(first.is_empty() && troubles.is_empty() && healthy.is_empty());
        if state == State::Covered && scheduled {
            return troubles;
        }
        if scheduled {
            // Of a partial backup it is known what is missing in it.
            if troubles.is_empty() && state != State::Partial {
                first.extend(healthy);
            }
            first.extend(troubles);
            return first;
        }
        if state == State::Uncovered && !left.is_empty() {
            return left;
        }
        let by_hand = if backup.is_some() {
            ", made by hand"
        } else {
            ""
        };
        vec![format!("no schedule{by_hand}")]
    }

    /// Judges what a line's own spec says by what its newest backup has of volumes.
    fn take_of_line(
        &self,
        at: usize,
        line: &Line,
        namespace: &Standing,
        claim: Option<&Standing>,
    ) -> Take {
        let take = take(&line.spec, namespace, claim);
        let moved = self.moved.get(at).and_then(Option::as_ref);
        let (Some(claim), Some(moved)) = (claim, moved) else {
            return take;
        };
        match take {
            // A pod that is taken in brings its claims, and an annotation of the pod their data.
            _ if volumes::hold(moved, &namespace.name, &claim.name) => Take::Whole,
            // Snapshots do not say of which claims they are.
            Take::Whole if line.snapshots == 0 => {
                let name = line.shown().map_or("", |backup| backup.name.as_str());
                Take::Part(format!("`{name}` has no snapshot and no moved data of it"))
            }
            other @ (Take::Whole | Take::Part(_) | Take::Left(_) | Take::Unnamed) => other,
        }
    }

    /// Whether a schedule names a namespace, so that somebody cares for it.
    pub(crate) fn is_named(&self, namespace: &str) -> bool {
        self.schedules.iter().any(|schedule| {
            let named = Selection::of(&schedule.template).named_namespaces();
            named.is_some_and(|names| names.iter().any(|name| name == namespace))
        })
    }
}

fn take(spec: &Value, namespace: &Standing, claim: Option<&Standing>) -> Take {
    let spec = Selection::of(spec);
    match claim {
        None => spec.namespace(&namespace.name),
        Some(claim) => spec.claim(&namespace.name, &claim.labels),
    }
}

fn newer<'a>(best: &mut Best<'a>, backup: &'a Backup, how: String) {
    let older = |(other, _): &(&Backup, String)| other.began < backup.began;
    if best.as_ref().is_none_or(older) {
        *best = Some((backup, how));
    }
}
