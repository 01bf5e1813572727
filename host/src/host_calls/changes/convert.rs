//! Between the contract's words for changes and the host's.

use serde_json::Value;

use super::wit;
use crate::backend::cluster::Discovery;
use crate::change::{Done, Prepared, Report};
use crate::failure::{Failure, Kind, shown};
use crate::host_calls::bindings::bulkhead::plugin::kubernetes::{
    Comparison, ObjectRef, ResourceType,
};
use crate::host_calls::failure_for_guest;
use crate::proposal::{
    Change, Expected, Generated, PatchKind, Plan, Propagation, Reason, Risk, State, Step, Target,
};
use crate::redact;

/// Returns the bytes of the JSON texts in a plan.
pub(super) fn bytes(plan: &wit::Plan) -> u64 {
    let text = |change: &wit::Change| match change {
        wit::Change::Create(text) | wit::Change::Apply(text) => text.len(),
        wit::Change::CreateSecret(spec) => spec.object.len(),
        wit::Change::Patch(spec) => spec.body.len(),
        wit::Change::PatchStatus(spec) => {
            let expected = spec.expected.iter();
            spec.body.len() + expected.map(|one| one.value.len()).sum::<usize>()
        }
        wit::Change::RotateSecret(_)
        | wit::Change::Scale(_)
        | wit::Change::Delete(_)
        | wit::Change::Evict(_) => 0,
    };
    plan.changes.iter().map(|change| text(change) as u64).sum()
}

/// Reads a plan. The objects in it name themselves.
///
/// # Errors
/// `Invalid` with the change that cannot be read.
pub(super) fn plan(plan: wit::Plan, types: &Discovery) -> Result<Plan, Failure> {
    let changes = plan.changes.into_iter().enumerate();
    Ok(Plan {
        summary: plan.summary,
        reason: plan.reason,
        changes: changes
            .map(|(number, one)| {
                change(one, types).map_err(|reason| {
                    Failure::new(Kind::Invalid, format!("change {}: {reason}", number + 1))
                        .fix("this is the plugin's fault, unless you wrote the object; correct it")
                })
            })
            .collect::<Result<_, _>>()?,
    })
}

fn change(change: wit::Change, types: &Discovery) -> Result<(Target, Change), String> {
    Ok(match change {
        wit::Change::Create(text) => {
            let object = json(&text)?;
            (target_of(&object, types)?, Change::Create { object })
        }
        wit::Change::CreateSecret(spec) => {
            let object = json(&spec.object)?;
            let generate = generated(spec.generate);
            (
                target_of(&object, types)?,
                Change::CreateSecret { object, generate },
            )
        }
        wit::Change::RotateSecret(spec) => {
            let generate = generated(spec.generate);
            (target(spec.target), Change::RotateSecret { generate })
        }
        wit::Change::Apply(text) => {
            let object = json(&text)?;
            (target_of(&object, types)?, Change::Apply { object })
        }
        wit::Change::Patch(spec) => {
            let how = match spec.kind {
                wit::PatchKind::Merge => PatchKind::Merge,
                wit::PatchKind::JsonPatch => PatchKind::JsonPatch,
                wit::PatchKind::Strategic => PatchKind::Strategic,
            };
            let patch = Change::Patch {
                how,
                body: json(&spec.body)?,
                expected_version: spec.expected_version,
            };
            (target(spec.target), patch)
        }
        wit::Change::PatchStatus(spec) => {
            let body = json(&spec.body)?;
            let expected = spec.expected.into_iter();
            let expected = expected
                .map(|Comparison { at, value }| {
                    let value = json(&value)?;
                    Ok(Expected { at, value })
                })
                .collect::<Result<_, String>>()?;
            (target(spec.target), Change::PatchStatus { body, expected })
        }
        wit::Change::Scale(spec) => {
            let replicas = spec.replicas;
            (target(spec.target), Change::Scale { replicas })
        }
        wit::Change::Delete(spec) => {
            let propagation = match spec.propagation {
                wit::Propagation::Background => Propagation::Background,
                wit::Propagation::Foreground => Propagation::Foreground,
                wit::Propagation::Orphan => Propagation::Orphan,
            };
            (target(spec.target), Change::Delete { propagation })
        }
        wit::Change::Evict(what) => (target(what), Change::Evict),
    })
}

fn target(what: ObjectRef) -> Target {
    Target {
        group: what.of.group,
        version: what.of.version,
        plural: what.of.plural,
        namespace: what.namespace,
        name: what.name,
    }
}

/// Finds what a manifest is about: its type by `apiVersion` and `kind`, which the cluster must serve.
fn target_of(object: &Value, types: &Discovery) -> Result<Target, String> {
    let text = |value: &Value, what: &str| {
        let text = value.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| format!("the object has no `{what}`"))
    };
    let api_version = text(&object["apiVersion"], "apiVersion")?;
    let kind = text(&object["kind"], "kind")?;
    let metadata = &object["metadata"];
    if metadata.get("generateName").is_some() {
        return Err(
            "`metadata.generateName` leaves the name open, and a person decides on a name: set `metadata.name`"
                .to_owned(),
        );
    }
    let name = text(&metadata["name"], "metadata.name")?;
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let found = types
        .all()
        .find(|one| one.resource.group == group && one.kind == kind)
        .ok_or_else(|| {
            format!(
                "the cluster serves no `{}` of `{}`",
                shown(&kind),
                shown(&api_version)
            )
        })?;
    let namespace = metadata["namespace"].as_str().map(str::to_owned);
    match (found.namespaced, &namespace) {
        (true, None) => {
            return Err(format!(
                "a {kind} has a namespace: set `metadata.namespace`"
            ));
        }
        (false, Some(_)) => return Err(format!("a {kind} has no namespace: leave it out")),
        (true, Some(_)) | (false, None) => {}
    }
    Ok(Target {
        group: group.to_owned(),
        version: Some(version.to_owned()),
        plural: found.resource.plural.clone(),
        namespace,
        name,
    })
}

fn object_ref(target: &Target) -> ObjectRef {
    ObjectRef {
        of: ResourceType {
            group: target.group.clone(),
            version: target.version.clone(),
            plural: target.plural.clone(),
        },
        namespace: target.namespace.clone(),
        name: target.name.clone(),
    }
}

fn generated(generate: Vec<wit::Generated>) -> Vec<Generated> {
    let generate = generate.into_iter();
    generate
        .map(|wit::Generated { key, characters }| Generated { key, characters })
        .collect()
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it holds no JSON: {error}"))
}

/// A proposal as its plugin sees it.
pub(super) fn proposal(prepared: Prepared) -> wit::Proposal {
    let Prepared {
        stored,
        left,
        how_to_approve,
    } = prepared;
    let proposal = stored.proposal;
    let risk = match proposal.risk() {
        Risk::Low => wit::Risk::Low,
        Risk::Medium => wit::Risk::Medium,
        Risk::High => wit::Risk::High,
        Risk::Blocked => wit::Risk::Blocked,
    };
    let mut reasons: Vec<&Reason> = proposal
        .steps
        .iter()
        .flat_map(|step| &step.reasons)
        .collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.risk));
    let mut said: Vec<String> = Vec::new();
    for reason in reasons {
        let sentence = format!("{}: {}", reason.risk, redact::text(&reason.say));
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    let previews = proposal.steps.iter();
    wit::Proposal {
        id: proposal.id.clone(),
        token: proposal.token.clone(),
        expires_in_seconds: u32::try_from(left.as_secs()).unwrap_or(u32::MAX),
        risk,
        reasons: said,
        previews: previews
            .map(|step| wit::Preview {
                target: object_ref(&step.target),
                action: step.action.clone(),
                diff: step.for_model.clone(),
                warnings: step.warnings.clone(),
            })
            .collect(),
        warnings: proposal.warnings,
        how_to_approve,
    }
}

/// What became of a plan of these steps, in the contract's words.
pub(super) fn report(report: Report, steps: &[Step]) -> wit::Report {
    wit::Report {
        next: report.next(steps),
        outcome: state(report.outcome),
        steps: report.steps.into_iter().map(done).collect(),
        change_id: report.change,
    }
}

fn done(step: Done) -> wit::Step {
    wit::Step {
        target: object_ref(&step.target),
        action: step.action,
        done: if step.done {
            Ok(step.detail)
        } else {
            let kind = step.kind.unwrap_or(Kind::Upstream);
            Err(failure_for_guest(&Failure::new(kind, step.detail)))
        },
    }
}

/// A state in the contract's words.
pub(super) fn state(state: State) -> wit::State {
    match state {
        State::Proposed => wit::State::Proposed,
        State::Approved => wit::State::Approved,
        State::Declined => wit::State::Declined,
        State::Expired => wit::State::Expired,
        State::Applying => wit::State::Applying,
        State::Applied => wit::State::Applied,
        State::Differs => wit::State::Differs,
        State::Partial => wit::State::Partial,
        State::Failed => wit::State::Failed,
        State::Unknown => wit::State::Unknown,
        State::RolledBack => wit::State::RolledBack,
    }
}
