//! Whether a proposal may be applied: by which channel it is decided, and what counts as a decision.
//!
//! A decision is a row in the store, and a row is nothing until this module has judged it: each time, against the configuration
//! of now. One of the console counts by an approver's signature; one of the host's own (elicitation, auto) by the host's seal,
//! and only while the operator's rules send the proposal there. Nothing that a plugin or a client says is a decision.

mod decision;
pub(crate) mod draw;
mod key;

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::config::{ApprovalConfig, ChangeFacts, ChangesConfig, Channel as Configured, RiskLevel};
use crate::proposal::{Channel, Decision, Moment, Proposal, Risk, Step, Verdict};
use crate::store::Stored;

pub use key::{ApproverKey, KeyError, Passphrase, PublicKey};

/// How a proposal is decided. Ordered from the laxest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// Nobody is asked: a rule of the operator's allows it.
    Auto,
    /// The person at the client.
    Elicitation,
    /// A person at a terminal, with an approver's key.
    Console,
    /// Nobody can: the reason.
    Refused(String),
}

/// What has been decided about a proposal, as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Undecided,
    /// It may be applied, still.
    Approved(Decision),
    /// It may not.
    Declined(Decision),
    /// It was approved, too long ago.
    TooOld,
}

/// Returns how a proposal is decided: for each of its changes the first rule that matches, and of these the strictest. What is of
/// risk `high` is decided at the console, whatever a rule says.
pub(crate) fn route(config: &ApprovalConfig, proposal: &Proposal) -> Route {
    let steps = proposal.steps.iter();
    let strictest = steps.map(|step| route_of(config, proposal, step)).max();
    let route = strictest.unwrap_or(Route::Console);
    match route {
        Route::Console if config.approvers.is_empty() => Route::Refused(
            "it is approved at the console alone, and the configuration names no approver: `bulkhead approver init` makes a key"
                .to_owned(),
        ),
        Route::Auto | Route::Elicitation | Route::Console | Route::Refused(_) => route,
    }
}

fn route_of(config: &ApprovalConfig, proposal: &Proposal, step: &Step) -> Route {
    let risk = match step.risk() {
        Risk::Low => RiskLevel::Low,
        Risk::Medium => RiskLevel::Medium,
        Risk::High => RiskLevel::High,
        Risk::Blocked => return Route::Refused("the policy blocks it".to_owned()),
    };
    let (verb, subresource) = step.change.verb(step.action != "create");
    let plural = format!("{}{subresource}", step.target.plural);
    let rule = config.rule(&ChangeFacts {
        plugin: &proposal.binding.plugin.key,
        tool: &proposal.binding.tool,
        verb,
        group: &step.target.group,
        plural: &plural,
        namespace: step.target.namespace.as_deref(),
        risk,
    });
    match rule.map_or(Configured::Console, |rule| rule.channel) {
        Configured::Refuse => Route::Refused(format!(
            "a rule of the operator's refuses `{verb}` of `{plural}`"
        )),
        Configured::Console => Route::Console,
        Configured::Auto | Configured::Elicitation if risk == RiskLevel::High => Route::Console,
        Configured::Elicitation => Route::Elicitation,
        Configured::Auto => Route::Auto,
    }
}

/// Judges every row about a proposal. A person's no counts for ever; of several approvals the last.
pub(crate) fn standing(
    approval: &ApprovalConfig,
    bounds: &ChangesConfig,
    seal: &hmac::Key,
    stored: &Stored,
    now: Moment,
) -> Standing {
    let route = route(approval, &stored.proposal);
    let counting = stored
        .decisions
        .iter()
        .filter(|decision| counts(approval, seal, stored, &route, decision, now));
    let mut standing = Standing::Undecided;
    for decision in counting {
        match decision.verdict {
            Verdict::Declined => return Standing::Declined(decision.clone()),
            Verdict::Approved if now.since(decision.at) > bounds.approval_lifetime => {
                standing = Standing::TooOld;
            }
            Verdict::Approved => standing = Standing::Approved(decision.clone()),
        }
    }
    standing
}

/// Whether one row is a decision about this proposal.
fn counts(
    approval: &ApprovalConfig,
    seal: &hmac::Key,
    stored: &Stored,
    route: &Route,
    decision: &Decision,
    now: Moment,
) -> bool {
    let about_this = decision.proposal == stored.proposal.id && decision.digest == stored.digest;
    let in_time = decision.at >= stored.proposal.created
        && decision.at < stored.proposal.expires
        && decision.at <= now;
    let Some(signature) = decision.signature.as_ref() else {
        return false;
    };
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    let bytes = decision.signed_bytes();
    let genuine = match (decision.channel, route) {
        // A person with a key can always decide, except over what is refused.
        (Channel::Console, Route::Console | Route::Elicitation | Route::Auto) => {
            let approvers = approval.approvers.iter();
            let keys: Vec<PublicKey> = approvers
                .filter_map(|approver| PublicKey::new(approver.key).ok())
                .collect();
            decision.verify(&keys)
        }
        (Channel::Elicitation, Route::Elicitation) | (Channel::Auto, Route::Auto) => {
            hmac::verify(seal, &bytes, &signature).is_ok()
        }
        (Channel::Console | Channel::Elicitation | Channel::Auto, _) => false,
    };
    about_this && in_time && genuine
}

/// Makes a decision of the host's own, for a channel that has no key.
pub(crate) fn sealed(
    seal: &hmac::Key,
    stored: &Stored,
    (channel, verdict): (Channel, Verdict),
    by: String,
    at: Moment,
) -> Decision {
    let mut decision = Decision {
        proposal: stored.proposal.id.clone(),
        digest: stored.digest.clone(),
        verdict,
        channel,
        by,
        at,
        why: None,
        signature: None,
    };
    let tag = hmac::sign(seal, &decision.signed_bytes());
    decision.signature = Some(STANDARD.encode(tag));
    decision
}
