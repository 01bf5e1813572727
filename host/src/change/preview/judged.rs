//! What is said of a change with the object in hand: by the permit, by the policy, and by what would go with it.

use serde_json::{Value, json};

use crate::backend::cluster::{self, Observed};
use crate::call::{Call, Denial};
use crate::change::{Changes, Party, checked};
use crate::config::Verb;
use crate::diff;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit, Reach, Resource};
use crate::policy;
use crate::proposal::{Change, PatchKind, Propagation, Reason, Target};

/// Has the permit judge the object as it was and as it would be, and every path that is set.
pub(super) fn judge(
    call: &Call,
    permit: &Permit,
    target: &Target,
    sent: &Change,
    (before, after): (Option<&Value>, Option<&Value>),
    lines: &[diff::Line],
) -> Result<(), Failure> {
    let changed = || lines.iter().map(|line| line.path.clone());
    let sets: Vec<String> = match sent {
        Change::Create { object } | Change::CreateSecret { object, .. } => set_by(object),
        // What is said is set, also where it stands there already: else a denial would tell whether it does.
        Change::Apply { object } => set_by(object).into_iter().chain(changed()).collect(),
        Change::Patch {
            how: PatchKind::Merge | PatchKind::Strategic,
            body,
            ..
        } => set_by(body).into_iter().chain(changed()).collect(),
        Change::Patch {
            how: PatchKind::JsonPatch,
            body,
            ..
        } => checked::written_by(body)
            .into_iter()
            .chain(changed())
            .collect(),
        Change::PatchStatus { body, .. } => set_by(&json!({ "status": body }))
            .into_iter()
            .chain(changed())
            .collect(),
        Change::RotateSecret { .. } | Change::Scale { .. } => changed().collect(),
        Change::Delete { .. } | Change::Evict => Vec::new(),
    };
    let paths: Vec<&str> = sets.iter().map(String::as_str).collect();
    permit.judge_change(before, after, &paths).map_err(|short| {
        let said = format!("the plan is refused at {target}: no grant covers {short}");
        call.denials.add(Denial {
            said: said.clone(),
            grant: None,
            object: Some(target.to_string()),
        });
        Failure::new(Kind::Denied, said)
        .fix("do not try other ways; tell the person what you wanted to change and why. The operator decides in `grants`")
    })
}

/// The paths that an object sets, but for what names it.
fn set_by(object: &Value) -> Vec<String> {
    let named = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
    diff::lines(None, Some(object))
        .into_iter()
        .map(|line| line.path)
        .filter(|path| !named.contains(&path.as_str()))
        .collect()
}

/// Asks the policy, and the gate for what the object newly refers to.
pub(super) async fn reasons(
    changes: &Changes,
    call: &Call,
    party: &Party,
    (target, change): (&Target, &Change),
    (observed, after): (Option<&Observed>, Option<&Value>),
    (seen_before, seen_after): (Option<&Value>, Option<&Value>),
    dependents: Option<usize>,
) -> Result<Vec<Reason>, Failure> {
    let (verb, subresource) = match change {
        Change::Delete { .. } => (policy::Verb::Delete, ""),
        Change::Evict => (policy::Verb::Evict, ""),
        Change::Create { .. } | Change::CreateSecret { .. } | Change::Apply { .. }
            if observed.is_none() =>
        {
            (policy::Verb::Create, "")
        }
        Change::PatchStatus { .. } => (policy::Verb::Update, "/status"),
        Change::Scale { .. } => (policy::Verb::Update, "/scale"),
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::RotateSecret { .. }
        | Change::Apply { .. }
        | Change::Patch { .. } => (policy::Verb::Update, ""),
    };
    let resource = format!("{}{subresource}", target.plural);
    let subject = policy::Subject {
        verb,
        group: &target.group,
        resource: &resource,
        namespace: target.namespace.as_deref(),
        name: &target.name,
        before: observed.map(|observed| &observed.0),
        after,
        dependents,
    };
    for reference in changes.policy.references(&subject) {
        let namespace = reference.namespace.or_else(|| target.namespace.clone());
        let operation = Operation::Change {
            verb: Verb::Use,
            resource: Resource::new(reference.group, reference.resource),
            reach: namespace.map_or(Reach::Cluster, Reach::Namespace),
            name: reference.name,
        };
        cluster::check_names(&operation)?;
        party.gate.check(call, operation)?;
    }
    // As a person sees them: a reason that is there only where a secret changes would tell a guess from a miss.
    Ok(changes.policy.judge(&policy::Subject {
        before: seen_before,
        after: seen_after,
        ..subject
    }))
}

/// Finds what the collector would delete with the object; none where nobody needs to look.
///
/// # Errors
/// Where the server does not answer.
pub(super) async fn goes_with(
    changes: &Changes,
    party: &Party,
    (target, change): (&Target, &Change),
    observed: Option<&Observed>,
    warnings: &mut Vec<String>,
) -> Result<Option<Vec<String>>, Failure> {
    let (Change::Delete { propagation }, Some(observed)) = (change, observed) else {
        return Ok(None);
    };
    if *propagation == Propagation::Orphan {
        return Ok(None);
    }
    let found = changes
        .cluster
        .dependents(&party.actor, target, observed)
        .await?;
    if !found.unseen.is_empty() {
        warnings.push(format!(
            "it may own more than was found: {} could not be looked at",
            found.unseen.join(", ")
        ));
    }
    if !found.names.is_empty() {
        warnings.push(format!(
            "{} objects that it owns go with it",
            found.names.len()
        ));
    }
    Ok(Some(found.names))
}
