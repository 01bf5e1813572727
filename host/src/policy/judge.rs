//! Compares one change with the policy.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::Value;

use super::amount::{Growth, growth};
use super::pattern::PathPattern;
use super::{Policy, Rule, Subject, Verb, When};
use crate::diff::{Difference, Step, differences, normalised, text_of};
use crate::proposal::{Reason, Risk};

/// The two states of an object without what the server keeps, and what differs.
struct Compared<'a> {
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    changes: Vec<Difference<'a>>,
}

pub(super) fn reasons(policy: &Policy, subject: &Subject<'_>) -> Vec<Reason> {
    let (before, after) = (
        subject.before.map(normalised),
        subject.after.map(normalised),
    );
    let (before, after) = match subject.verb {
        Verb::Create => (None, after.as_ref()),
        Verb::Update => (before.as_ref(), after.as_ref()),
        // Its fields do not change: it goes.
        Verb::Delete | Verb::Evict => (None, None),
    };
    let mut changes = differences(before, after);
    if subject.verb == Verb::Update {
        changes.extend(status_differences(subject));
    }
    let compared = Compared {
        before,
        after,
        changes,
    };
    let mut reasons: Vec<Reason> = policy
        .rules
        .iter()
        .filter_map(|rule| rule.reason(subject, &compared))
        .collect();
    reasons.extend(policy.protected(subject));
    reasons.extend(policy.growths(&compared.changes, subject.verb));
    reasons.extend(policy.cascade(subject.dependents));
    let gravest = reasons.iter().map(|reason| reason.risk).max();
    let by_itself = policy.by_verb(subject);
    reasons.extend(by_itself.filter(|reason| gravest < Some(reason.risk)));
    reasons.sort_by_key(|reason| {
        (
            Reverse(reason.risk),
            reason.path.clone(),
            reason.say.clone(),
        )
    });
    reasons.dedup();
    reasons
}

/// `status` is no part of a normalised object, since it churns; only rules that begin with it see it. They are for resources
/// without the subresource, where whoever may patch an object may tell its controller what was done.
fn status_differences<'a>(subject: &Subject<'a>) -> Vec<Difference<'a>> {
    fn status(object: Option<&Value>) -> Option<&Value> {
        object?.get("status")
    }
    let mut found = differences(status(subject.before), status(subject.after));
    for difference in &mut found {
        difference.path.insert(0, Step::Key("status"));
    }
    found
}

impl Compared<'_> {
    /// Whether nothing stands at a place now, in a new object or where something stood.
    fn has_no_more(&self, pattern: &PathPattern) -> bool {
        let has = |object| {
            let leaves = differences(None, Some(object));
            let mut leaves = leaves.iter().filter(|leaf| pattern.covers(&leaf.path));
            leaves.any(|leaf| leaf.after.is_some_and(|value| !is_nothing(value)))
        };
        self.after.is_some_and(|object| !has(object)) && self.before.is_none_or(has)
    }
}

/// An empty value means as much as none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether both are numbers, and the second is the smaller one.
fn shrinks(before: Option<&Value>, after: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    matches!((number(before), number(after)), (Some(before), Some(after)) if after < before)
}

/// A text that may stand for more than one object, or for none.
fn is_no_name(value: &Value) -> bool {
    let named = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    value
        .as_str()
        .is_some_and(|text| text.is_empty() || !text.chars().all(named))
}

/// The resource without its subresource: what changes a part of an object changes the object.
fn plural<'a>(subject: &Subject<'a>) -> &'a str {
    let parts = subject.resource.split_once('/');
    parts.map_or(subject.resource, |(plural, _)| plural)
}

impl Rule {
    fn reason(&self, subject: &Subject<'_>, compared: &Compared<'_>) -> Option<Reason> {
        if !self.is_about(subject) {
            return None;
        }
        let Some(pattern) = &self.path else {
            return Some(Reason {
                risk: self.risk,
                path: None,
                say: self.say.clone(),
            });
        };
        if self.when == When::Absent {
            return compared.has_no_more(pattern).then(|| Reason {
                risk: self.risk,
                path: Some(pattern.to_string()),
                say: self.say.clone(),
            });
        }
        let holds = |change: &&Difference<'_>| match &self.when {
            When::Changed => pattern.covers(&change.path),
            When::Added => change.before.is_none() && pattern.covers(&change.path),
            When::Removed => change.after.is_none() && pattern.covers(&change.path),
            When::SetTo(value) => change.after == Some(value) && pattern.is(&change.path),
            When::Shrinks => shrinks(change.before, change.after) && pattern.is(&change.path),
            When::NoName => change.after.is_some_and(is_no_name) && pattern.is(&change.path),
            When::Absent => false,
        };
        // `**` shall not reach what the status quotes of other objects.
        let seen = |change: &&Difference<'_>| {
            change.path.first() != Some(&Step::Key("status")) || pattern.begins_with("status")
        };
        let places: BTreeSet<String> = compared
            .changes
            .iter()
            .filter(seen)
            .filter(holds)
            .map(|change| text_of(&change.path))
            .collect();
        let more = match places.len() {
            0 | 1 => String::new(),
            2 => " (and in 1 more place)".to_owned(),
            places => format!(" (and in {} more places)", places - 1),
        };
        Some(Reason {
            risk: self.risk,
            path: Some(places.into_iter().next()?),
            say: format!("{}{more}", self.say),
        })
    }

    fn is_about(&self, subject: &Subject<'_>) -> bool {
        self.verb.is_none_or(|verb| verb == subject.verb)
            && self.group.matches(subject.group)
            && self.resource.matches(plural(subject))
            && self
                .namespace
                .as_ref()
                .is_none_or(|glob| subject.namespace.is_some_and(|name| glob.matches(name)))
            && self
                .name
                .as_ref()
                .is_none_or(|glob| glob.matches(subject.name))
    }
}

impl Policy {
    fn protected(&self, subject: &Subject<'_>) -> Option<Reason> {
        let namespace = match (subject.group, plural(subject)) {
            ("", "namespaces") => Some(subject.name),
            _ => subject.namespace,
        };
        let namespace = namespace?;
        let listed = self
            .protected_namespaces
            .iter()
            .any(|glob| glob.matches(namespace));
        listed.then(|| Reason {
            risk: Risk::Blocked,
            path: None,
            say: format!(
                "namespace `{namespace}` is protected (`protected_namespaces` of the policy)"
            ),
        })
    }

    /// What a change is where nothing graver is said of it. None is low.
    fn by_verb(&self, subject: &Subject<'_>) -> Option<Reason> {
        let is_known = || {
            let mut known = self.known_groups.iter();
            known.any(|group| group.matches(subject.group))
        };
        if subject.verb == Verb::Update && subject.resource.ends_with("/status") {
            return Some(Reason {
                risk: Risk::High,
                path: Some("status".to_owned()),
                say: "writes what a controller reports: others act on it".to_owned(),
            });
        }
        let say = match subject.verb {
            Verb::Create => "makes a new object",
            Verb::Update if is_known() => return None,
            Verb::Update => "changes an object whose fields the policy does not know",
            Verb::Delete => "deletes the object",
            Verb::Evict => "ends the pod on its node",
        };
        Some(Reason {
            risk: Risk::Medium,
            path: None,
            say: say.to_owned(),
        })
    }

    fn growths(&self, changes: &[Difference<'_>], verb: Verb) -> Vec<Reason> {
        let counted =
            |change: &&Difference<'_>| self.amounts.iter().any(|pattern| pattern.is(&change.path));
        let most = self.max_change_percent;
        // The amounts themselves stand in the diff, masked where they have to be.
        let grown = |change: &Difference<'_>| {
            let (risk, say) = match growth(change.before, change.after) {
                Growth::Percent(percent) if percent > i128::from(most) => {
                    (Risk::Blocked, format!("grows by more than {most} %"))
                }
                Growth::None | Growth::Percent(_) => return None,
                // A new object does not grow: its amounts are what is decided on.
                Growth::FromNothing if verb == Verb::Create => return None,
                Growth::FromNothing => (
                    Risk::High,
                    format!("grows from nothing, which {most} % cannot bound"),
                ),
                Growth::Unreadable => (
                    Risk::High,
                    format!("is no amount that can be read, which {most} % cannot bound"),
                ),
            };
            Some(Reason {
                risk,
                path: Some(text_of(&change.path)),
                say: format!("{say} (`max_change_percent` of the policy)"),
            })
        };
        changes.iter().filter(counted).filter_map(grown).collect()
    }

    fn cascade(&self, dependents: Option<usize>) -> Option<Reason> {
        let count = dependents.filter(|count| *count > 0)?;
        let (risk, bound) = if count > self.max_cascade {
            let most = self.max_cascade;
            (
                Risk::High,
                format!(", more than {most} (`max_cascade` of the policy)"),
            )
        } else {
            (Risk::Medium, String::new())
        };
        Some(Reason {
            risk,
            path: None,
            say: format!("{count} dependents go with it{bound}"),
        })
    }
}
