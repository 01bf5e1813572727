//! `bulkhead approve` and `bulkhead decline`: a person decides on one proposal, by a signature.
//!
//! What is signed is the digest of exactly what was drawn. Neither command talks to the cluster, and neither applies anything.

use std::path::Path;
use std::time::Duration;

use super::approver::{KeyFile, refused};
use super::terminal::Terminal;
use super::{Chosen, Stop, runtime, said};
use crate::approval::draw::{self, shown};
use crate::approval::{ApproverKey, KeyError, PublicKey, Route, route};
use crate::audit::draft;
use crate::change::records;
use crate::config::{Config, Environment};
use crate::escape;
use crate::failure::{Failure, Kind};
use crate::proposal::{Decision, Risk, State, Verdict};
use crate::store::{Clock, DecideError, SqliteStore, Store as _, Stored};

/// How often a passphrase can be mistyped.
const TRIES: usize = 3;

/// Says yes to a proposal.
#[derive(Debug, clap::Args)]
pub(super) struct Approve {
    /// The proposal, as `bulkhead approvals` lists it.
    id: String,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    chosen: Chosen,
}

/// Says no to a proposal.
#[derive(Debug, clap::Args)]
pub(super) struct Decline {
    /// The proposal, as `bulkhead approvals` lists it.
    id: String,
    /// Why, in words that the caller is told.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    chosen: Chosen,
}

pub(super) fn approve(approve: Approve, environment: &Environment) -> Result<(), Stop> {
    let terminal = Terminal::find("approve", environment)?;
    let asked = Asked {
        id: approve.id,
        verdict: Verdict::Approved,
        why: None,
        key: approve.key,
    };
    decide(asked, &approve.chosen.load(environment)?, &terminal)
}

pub(super) fn decline(decline: Decline, environment: &Environment) -> Result<(), Stop> {
    let terminal = Terminal::find("decline", environment)?;
    let asked = Asked {
        id: decline.id,
        verdict: Verdict::Declined,
        why: decline.why,
        key: decline.key,
    };
    decide(asked, &decline.chosen.load(environment)?, &terminal)
}

/// What the person asked for.
struct Asked {
    id: String,
    verdict: Verdict,
    why: Option<String>,
    key: KeyFile,
}

fn decide(asked: Asked, config: &Config, terminal: &Terminal) -> Result<(), Stop> {
    let runtime = runtime()?;
    let clock = Clock::system();
    let store = SqliteStore::new(&config.directories.state, clock.clone());
    let stored = runtime
        .block_on(store.proposal(&asked.id))
        .map_err(|error| said(error.into()))?
        .ok_or_else(|| said(unknown(&asked.id)))?;
    decidable(&stored, asked.verdict, config).map_err(said)?;
    let path = asked.key.path(config);
    let public = ApproverKey::public_of(&path).map_err(refused)?;
    let approver = approver(config, public).map_err(said)?.to_owned();
    print!("{}", draw::proposal(&stored.proposal, &terminal.drawing));
    let question = question(&stored, asked.verdict, &approver);
    let key = unlock(&path, terminal, &question)?;
    let head = runtime.block_on(async {
        let at = store.now().await?;
        let decision = Decision::signed(&stored.proposal, asked.verdict, asked.why, at, &key);
        let record = draft(records::decided(&stored, &decision), clock.wall()).await?;
        let head = store.decide(&decision, &record).await?;
        println!("{}", next(&stored, &decision, &approver, config));
        Ok::<_, DecideError>(head)
    });
    println!(
        "audit head {}\nnext: keep it where this user cannot write; `bulkhead audit verify --head` compares",
        head.map_err(|error| said(error.into()))?
    );
    Ok(())
}

fn unlock(path: &Path, terminal: &Terminal, question: &str) -> Result<ApproverKey, Stop> {
    for left in (0..TRIES).rev() {
        let Some(passphrase) = terminal.passphrase(question)? else {
            break;
        };
        match ApproverKey::open(path, &passphrase) {
            Err(KeyError::WrongPassphrase(_)) if left > 0 => {
                println!("that is not the key's passphrase");
            }
            opened => return opened.map_err(refused),
        }
    }
    Err(said(Failure::new(
        Kind::Cancelled,
        "nothing was decided, and the proposal stays as it was",
    )))
}

/// Whether the proposal can still be decided on, and whether a yes would be of any use.
fn decidable(stored: &Stored, verdict: Verdict, config: &Config) -> Result<(), Failure> {
    let id = &stored.proposal.id;
    match stored.state {
        State::Proposed | State::Approved => {}
        State::Expired => {
            return Err(Failure::new(
                Kind::Conflict,
                format!("the proposal `{id}` has expired, or another replaced it"),
            )
            .fix("have the client call the tool again, and decide on the new proposal"));
        }
        state @ (State::Declined
        | State::Applying
        | State::Applied
        | State::Differs
        | State::Partial
        | State::Failed
        | State::Unknown
        | State::RolledBack) => {
            return Err(Failure::new(
                Kind::Conflict,
                format!("the proposal `{id}` is {state} already"),
            )
            .fix("list the open ones with `bulkhead approvals`"));
        }
    }
    let refusal = match route(&config.approval, &stored.proposal) {
        Route::Refused(reason) => Some(reason),
        Route::Auto | Route::Elicitation | Route::Console => None,
    };
    match (verdict, refusal) {
        (Verdict::Approved, Some(reason)) => Err(Failure::new(
            Kind::Denied,
            format!(
                "nobody can approve the proposal `{id}`: {}",
                escape::line(&reason)
            ),
        )
        .fix("the operator's policy and approval rules say what can be approved")),
        (Verdict::Approved, None) | (Verdict::Declined, _) => Ok(()),
    }
}

/// Returns the name that the configuration gives the key.
fn approver(config: &Config, public: PublicKey) -> Result<&str, Failure> {
    let approvers = &config.approval.approvers;
    let found = approvers
        .iter()
        .find(|approver| PublicKey::new(approver.key).is_ok_and(|key| key == public));
    match found {
        Some(approver) => Ok(&approver.name),
        None => Err(Failure::new(
            Kind::Denied,
            "your key is none of `approval.approvers` in the configuration, so its decisions do not count",
        )
        .fix(format!(
            "add {{ name = \"you\", key = \"{public}\" }} to `approvers` under [approval], or name another key with --key FILE"
        ))),
    }
}

fn question(stored: &Stored, verdict: Verdict, approver: &str) -> String {
    let proposal = &stored.proposal;
    let verb = match verdict {
        Verdict::Approved => "APPROVE",
        Verdict::Declined => "DECLINE",
    };
    let risk = match proposal.risk() {
        Risk::Low | Risk::Medium => "",
        Risk::High => ", risk HIGH,",
        Risk::Blocked => ", BLOCKED,",
    };
    format!(
        "{verb} {}{risk} on {}: passphrase of {} (nothing: leave it)",
        shown(&proposal.id),
        shown(&proposal.binding.cluster.context),
        shown(approver)
    )
}

/// What happens now.
fn next(stored: &Stored, decision: &Decision, approver: &str, config: &Config) -> String {
    let id = shown(&stored.proposal.id);
    let head = format!(
        "{} {id} as {} (key {})",
        decision.verdict.as_str(),
        shown(approver),
        decision.by
    );
    match decision.verdict {
        Verdict::Approved => {
            let until = decision
                .at
                .plus(config.changes.approval_lifetime)
                .min(stored.proposal.expires);
            format!(
                "{head}\nnext: it can be applied once, until {until}: by the call that waits for it, by the same call again, or by `change_apply` with {id}"
            )
        }
        Verdict::Declined => format!(
            "{head}\nnext: nothing is applied; the same plan is refused for {}",
            minutes(config.changes.decline_pause)
        ),
    }
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

fn unknown(id: &str) -> Failure {
    Failure::new(
        Kind::NotFound,
        format!("there is no proposal `{}`", crate::failure::shown(id)),
    )
    .fix("list the open ones with `bulkhead approvals`")
}

#[cfg(test)]
mod tests;
