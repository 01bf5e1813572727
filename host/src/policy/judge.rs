//! Compares one change with the policy.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::Value;

use super::amount::growth_percent;
use super::{Dependents, Policy, Reference, ReferenceRule, Rule, Subject, Verb, When};
use crate::diff::{Difference, Step, differences, normalised, text_of};
use crate::proposal::{Reason, Risk};

/// Most dependents that a sentence names.
const NAMED_DEPENDENTS: usize = 20;

pub(super) fn reasons(policy: &Policy, subject: &Subject<'_>) -> Vec<Reason> {
    let (before, after) = (
        subject.before.map(normalised),
        subject.after.map(normalised),
    );
    let mut changes = Vec::new();
    match subject.verb {
        Verb::Create => changes.extend(differences(None, after.as_ref())),
        Verb::Update => {
            changes.extend(differences(before.as_ref(), after.as_ref()));
            changes.extend(status_differences(subject));
        }
        // Its fields do not change: it goes.
        Verb::Delete | Verb::Evict => {}
    }
    let mut reasons: Vec<Reason> = policy
        .rules
        .iter()
        .filter_map(|rule| rule.reason(subject, &changes))
        .collect();
    reasons.extend(policy.protected(subject));
    reasons.extend(policy.growths(&changes));
    reasons.extend(policy.cascade(subject.dependents));
    let gravest = reasons.iter().map(|reason| reason.risk).max();
    reasons.extend(by_verb(subject.verb).filter(|reason| gravest < Some(reason.risk)));
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

/// What a change is where nothing graver is said of it. None is low.
fn by_verb(verb: Verb) -> Option<Reason> {
    let say = match verb {
        Verb::Create => "makes a new object",
        Verb::Update => return None,
        Verb::Delete => "deletes the object",
        Verb::Evict => "ends the pod on its node",
    };
    Some(Reason {
        risk: Risk::Medium,
        path: None,
        say: say.to_owned(),
    })
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

impl Rule {
    fn reason(&self, subject: &Subject<'_>, changes: &[Difference<'_>]) -> Option<Reason> {
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
        let holds = |change: &&Difference<'_>| match &self.when {
            When::Changed => pattern.covers(&change.path),
            When::Added => change.before.is_none() && pattern.covers(&change.path),
            When::Removed => change.after.is_none() && pattern.covers(&change.path),
            When::SetTo(value) => change.after == Some(value) && pattern.is(&change.path),
        };
        // `**` shall not reach what the status quotes of other objects.
        let seen = |change: &&Difference<'_>| {
            change.path.first() != Some(&Step::Key("status")) || pattern.begins_with("status")
        };
        let places: BTreeSet<String> = changes
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
            && self.resource.matches(subject.resource)
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
        let namespace = match (subject.group, subject.resource) {
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

    fn growths(&self, changes: &[Difference<'_>]) -> Vec<Reason> {
        let counted =
            |change: &&Difference<'_>| self.amounts.iter().any(|pattern| pattern.is(&change.path));
        let most = self.max_change_percent;
        // The amounts themselves stand in the diff, masked where they have to be.
        let grown = |change: &Difference<'_>| {
            let percent = growth_percent(change.before?, change.after?)?;
            (percent > i128::from(most)).then(|| Reason {
                risk: Risk::Blocked,
                path: Some(text_of(&change.path)),
                say: format!("grows by more than {most} % (`max_change_percent` of the policy)"),
            })
        };
        changes.iter().filter(counted).filter_map(grown).collect()
    }

    fn cascade(&self, dependents: Option<&Dependents>) -> Option<Reason> {
        let Dependents { count, names } = dependents.filter(|dependents| dependents.count > 0)?;
        let mut named = names.clone();
        named.truncate(NAMED_DEPENDENTS);
        let more = count.saturating_sub(named.len());
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let (risk, bound) = if *count > self.max_cascade {
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
            say: format!("{count} dependents go with it{bound}: {}", named.join(", ")),
        })
    }
}

pub(super) fn references(policy: &Policy, subject: &Subject<'_>) -> Vec<Reference> {
    let before = match subject.verb {
        Verb::Create => None,
        Verb::Update => subject.before,
        Verb::Delete | Verb::Evict => return Vec::new(),
    };
    let key = |rule: &ReferenceRule, value: &str| {
        (rule.group.clone(), rule.resource.clone(), value.to_owned())
    };
    let known: BTreeSet<_> = referred(policy, before)
        .iter()
        .map(|(rule, value)| key(rule, value))
        .collect();
    let mut found = BTreeSet::new();
    for (rule, value) in referred(policy, subject.after) {
        if !known.contains(&key(rule, &value)) {
            found.insert(Reference {
                group: rule.group.clone(),
                resource: rule.resource.clone(),
                name: rule.name.clone().unwrap_or(value),
            });
        }
    }
    found.into_iter().collect()
}

/// Every value that a row says is a reference, with the row.
fn referred<'p>(policy: &'p Policy, object: Option<&Value>) -> Vec<(&'p ReferenceRule, String)> {
    let object = object.map(normalised);
    // Seen from nothing, every leaf is a difference.
    let leaves = differences(None, object.as_ref());
    let mut found = Vec::new();
    for leaf in &leaves {
        let Some(value) = leaf
            .after
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
        else {
            continue;
        };
        let rules = policy.references.iter();
        let naming = rules.filter(|rule| {
            rule.path.is(&leaf.path) && !rule.except.iter().any(|except| except == value)
        });
        found.extend(naming.map(|rule| (rule, value.to_owned())));
    }
    found
}
