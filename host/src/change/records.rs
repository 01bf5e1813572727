//! What the audit is told: one function per record.

use std::time::Duration;

use serde_json::Value;

use crate::audit::{Approver, Kind, Record};
use crate::call::{Call, Denial};
use crate::proposal::{Decision, PluginIdentity, Proposal, State};
use crate::store::Stored;

/// A tool ran.
pub(crate) fn call(
    call: &Call,
    plugin: Option<&PluginIdentity>,
    outcome: &str,
    took: Duration,
) -> Record {
    Record {
        arguments: Some(call.origin.arguments.clone()),
        rule: call.covered.text(),
        outcome: Some(outcome.to_owned()),
        duration_ms: Some(milliseconds(took)),
        ..by(Kind::Call, call, plugin)
    }
}

/// The gate refused something.
pub(crate) fn denial(call: &Call, plugin: Option<&PluginIdentity>, denial: Denial) -> Record {
    Record {
        object: denial.object,
        outcome: Some("denied".to_owned()),
        detail: Some(denial.said),
        missing_grant: denial.grant,
        ..by(Kind::Denial, call, plugin)
    }
}

/// What [`more_denials`] says.
pub(crate) const MORE_DENIALS: &str =
    "refusals of one call behind the first, which are kept one by one";

/// What the gate refused beyond what is kept one by one.
pub(crate) fn more_denials(call: &Call, plugin: Option<&PluginIdentity>, count: u64) -> Record {
    Record {
        outcome: Some("denied".to_owned()),
        detail: Some(MORE_DENIALS.to_owned()),
        count: Some(count),
        ..by(Kind::Denial, call, plugin)
    }
}

/// The policy, or a rule of the operator's, refused a plan.
pub(super) fn refused(call: &Call, proposal: &Proposal, why: &str) -> Record {
    Record {
        object: Some(objects(proposal)),
        outcome: Some("denied".to_owned()),
        detail: Some(why.to_owned()),
        ..by(Kind::Denial, call, Some(&proposal.binding.plugin))
    }
}

/// A change was proposed.
pub(super) fn proposed(call: &Call, proposal: &Proposal) -> Record {
    Record {
        arguments: Some(call.origin.arguments.clone()),
        rule: call.covered.text(),
        outcome: Some(proposal.risk().to_string()),
        detail: Some(proposal.summary.clone()),
        ..of(Kind::Proposal, proposal, &proposal.digest())
    }
}

/// Somebody decided.
pub(crate) fn decided(stored: &Stored, decision: &Decision) -> Record {
    Record {
        approver: Some(approver(decision)),
        outcome: Some(decision.verdict.as_str().to_owned()),
        detail: decision.why.clone(),
        ..of(Kind::Decision, &stored.proposal, &stored.digest)
    }
}

/// A step is about to be sent.
pub(super) fn intent(proposal: &Proposal, digest: &str, step: usize, audit_id: &str) -> Record {
    let object = proposal
        .steps
        .get(step)
        .map(|step| format!("{} {}", step.action, step.target));
    Record {
        object,
        audit_id: Some(audit_id.to_owned()),
        ..of(Kind::Intent, proposal, digest)
    }
}

/// What became of a change; `decision` is none after a crash.
pub(super) fn outcome(
    proposal: &Proposal,
    digest: &str,
    decision: Option<&Decision>,
    (outcome, report): (State, &Value),
    took: Option<Duration>,
) -> Record {
    Record {
        approver: decision.map(approver),
        outcome: Some(outcome.as_str().to_owned()),
        detail: Some(report["steps"].to_string()),
        duration_ms: took.map(milliseconds),
        ..of(Kind::Outcome, proposal, digest)
    }
}

fn by(kind: Kind, call: &Call, plugin: Option<&PluginIdentity>) -> Record {
    Record {
        caller: call.origin.caller.clone(),
        client: call.origin.client.clone(),
        plugin: plugin.cloned(),
        tool: Some(call.tool.clone()),
        ..Record::new(kind)
    }
}

fn of(kind: Kind, proposal: &Proposal, digest: &str) -> Record {
    let binding = &proposal.binding;
    Record {
        caller: binding.caller.clone(),
        client: binding.client.clone(),
        plugin: Some(binding.plugin.clone()),
        tool: Some(binding.tool.clone()),
        object: Some(objects(proposal)),
        change: Some(proposal.id.clone()),
        digest: Some(digest.to_owned()),
        ..Record::new(kind)
    }
}

fn objects(proposal: &Proposal) -> String {
    let steps = proposal.steps.iter();
    let objects: Vec<String> = steps
        .map(|step| format!("{} {}", step.action, step.target))
        .collect();
    objects.join("; ")
}

fn approver(decision: &Decision) -> Approver {
    Approver {
        channel: decision.channel,
        by: decision.by.clone(),
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
