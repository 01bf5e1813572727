//! The types of `changes` and `history`.

use super::object;
use crate::bindings::bulkhead::plugin::changes as guest;
use crate::bindings::bulkhead::plugin::history as guest_history;
use crate::bindings::bulkhead::plugin::kubernetes as guest_kubernetes;
use bulkhead::host_calls::bindings::bulkhead::plugin::changes as host;
use bulkhead::host_calls::bindings::bulkhead::plugin::history as host_history;
use bulkhead::host_calls::bindings::bulkhead::plugin::kubernetes as host_kubernetes;

pub(in super::super) fn plan(plan: &guest::Plan) -> host::Plan {
    host::Plan {
        summary: plan.summary.clone(),
        reason: plan.reason.clone(),
        changes: plan.changes.iter().map(change).collect(),
    }
}

fn change(change: &guest::Change) -> host::Change {
    match change {
        guest::Change::Create(object) => host::Change::Create(object.clone()),
        guest::Change::CreateSecret(secret) => host::Change::CreateSecret(host::SecretSpec {
            object: secret.object.clone(),
            generate: generate(&secret.generate),
        }),
        guest::Change::RotateSecret(rotate) => host::Change::RotateSecret(host::RotateSpec {
            target: object(&rotate.target),
            generate: generate(&rotate.generate),
        }),
        guest::Change::Apply(object) => host::Change::Apply(object.clone()),
        guest::Change::Patch(patch) => host::Change::Patch(host::PatchSpec {
            target: object(&patch.target),
            kind: match patch.kind {
                guest::PatchKind::Merge => host::PatchKind::Merge,
                guest::PatchKind::JsonPatch => host::PatchKind::JsonPatch,
                guest::PatchKind::Strategic => host::PatchKind::Strategic,
            },
            body: patch.body.clone(),
            expected_version: patch.expected_version.clone(),
        }),
        guest::Change::PatchStatus(patch) => host::Change::PatchStatus(host::StatusSpec {
            target: object(&patch.target),
            body: patch.body.clone(),
            expected: patch
                .expected
                .iter()
                .map(|one| host_kubernetes::Comparison {
                    at: one.at.clone(),
                    value: one.value.clone(),
                })
                .collect(),
        }),
        guest::Change::Scale(scale) => host::Change::Scale(host::ScaleSpec {
            target: object(&scale.target),
            replicas: scale.replicas,
        }),
        guest::Change::Delete(delete) => host::Change::Delete(host::DeleteSpec {
            target: object(&delete.target),
            propagation: match delete.propagation {
                guest::Propagation::Background => host::Propagation::Background,
                guest::Propagation::Foreground => host::Propagation::Foreground,
                guest::Propagation::Orphan => host::Propagation::Orphan,
            },
        }),
        guest::Change::Evict(pod) => host::Change::Evict(object(pod)),
    }
}

fn generate(keys: &[guest::Generated]) -> Vec<host::Generated> {
    let keys = keys.iter().map(|generated| host::Generated {
        key: generated.key.clone(),
        characters: generated.characters,
    });
    keys.collect()
}

pub(in super::super) fn proposal(proposal: host::Proposal) -> guest::Proposal {
    let previews = proposal.previews.into_iter().map(|preview| guest::Preview {
        target: target(preview.target),
        action: preview.action,
        diff: preview.diff,
        warnings: preview.warnings,
    });
    guest::Proposal {
        id: proposal.id,
        token: proposal.token,
        expires_in_seconds: proposal.expires_in_seconds,
        risk: match proposal.risk {
            host::Risk::Low => guest::Risk::Low,
            host::Risk::Medium => guest::Risk::Medium,
            host::Risk::High => guest::Risk::High,
            host::Risk::Blocked => guest::Risk::Blocked,
        },
        reasons: proposal.reasons,
        previews: previews.collect(),
        warnings: proposal.warnings,
        how_to_approve: proposal.how_to_approve,
    }
}

pub(in super::super) fn report(report: host::Report) -> guest::Report {
    let steps = report.steps.into_iter().map(|step| guest::Step {
        target: target(step.target),
        action: step.action,
        done: step.done.map_err(super::failure),
    });
    guest::Report {
        change_id: report.change_id,
        outcome: state(report.outcome),
        steps: steps.collect(),
        next: report.next,
    }
}

pub(in super::super) fn state(state: host::State) -> guest::State {
    match state {
        host::State::Proposed => guest::State::Proposed,
        host::State::Approved => guest::State::Approved,
        host::State::Declined => guest::State::Declined,
        host::State::Expired => guest::State::Expired,
        host::State::Applying => guest::State::Applying,
        host::State::Applied => guest::State::Applied,
        host::State::Differs => guest::State::Differs,
        host::State::Partial => guest::State::Partial,
        host::State::Failed => guest::State::Failed,
        host::State::Unknown => guest::State::Unknown,
        host::State::RolledBack => guest::State::RolledBack,
    }
}

fn target(target: host_kubernetes::ObjectRef) -> guest_kubernetes::ObjectRef {
    guest_kubernetes::ObjectRef {
        of: guest_kubernetes::ResourceType {
            group: target.of.group,
            version: target.of.version,
            plural: target.of.plural,
        },
        namespace: target.namespace,
        name: target.name,
    }
}

pub(in super::super) fn filter(matching: &guest_history::Filter) -> host_history::Filter {
    host_history::Filter {
        tool: matching.tool.clone(),
        outcome: matching.outcome.clone(),
        change_id: matching.change_id.clone(),
        limit: matching.limit,
    }
}
