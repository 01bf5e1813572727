//! Proposals from their making to a decision.

use rusqlite::{Row, params};
use serde_json::{Map, Value};

use super::audit;
use super::ending::{close, expire, prune_now_and_then};
use super::session::{Session, moment, sql};
use crate::digest::sha256;
use crate::proposal::{Decision, Moment, Proposal, State, Verdict, same_effect};
use crate::store::{DecideError, Head, Intent, Limits, ProposeError, Proposed, StoreError, Stored};

/// In the order of [`Found::read`].
const COLUMNS: &str =
    "id, token, state, created, expires, document, digest, host, claimed, closed, report, redacted";

/// A row that has not been looked at yet.
pub(super) struct Found {
    id: String,
    token: String,
    state: String,
    created: Moment,
    expires: Moment,
    document: String,
    digest: String,
    pub(super) host: Option<String>,
    claimed: Option<Moment>,
    closed: Option<Moment>,
    report: Option<String>,
    redacted: Option<String>,
}

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let time = |column| match row.get_ref(column)? {
            rusqlite::types::ValueRef::Null => Ok(None),
            _ => moment(row, column).map(Some),
        };
        Ok(Self {
            id: row.get(0)?,
            token: row.get(1)?,
            state: row.get(2)?,
            created: moment(row, 3)?,
            expires: moment(row, 4)?,
            document: row.get(5)?,
            digest: row.get(6)?,
            host: row.get(7)?,
            claimed: time(8)?,
            closed: time(9)?,
            report: row.get(10)?,
            redacted: row.get(11)?,
        })
    }

    /// Returns the proposal, if every column says what the document says, and the digest is its digest. Only what can never
    /// be sent again has another document than the one that was decided on.
    pub(super) fn stored(self, session: &Session<'_>) -> Result<Stored, StoreError> {
        let damaged = |how: &str| session.corrupt(format!("the proposal `{}` {how}", self.id));
        let state = word(&self.state).ok_or_else(|| damaged("is in no known state"))?;
        if self.redacted.is_some() && (is_open(state) || state == State::Applying) {
            return Err(damaged("is not whole, and not at its end either"));
        }
        if sha256(&self.document) != *self.redacted.as_ref().unwrap_or(&self.digest) {
            return Err(damaged("is not what its digest says"));
        }
        let proposal: Proposal = serde_json::from_str(&self.document)
            .map_err(|_| damaged("cannot be read as a proposal"))?;
        let columns = (&self.id, &self.token, self.created, self.expires);
        let document = (
            &proposal.id,
            &proposal.token,
            proposal.created,
            proposal.expires,
        );
        if columns != document {
            return Err(damaged("has columns that its document contradicts"));
        }
        let report = match &self.report {
            Some(report) => Some(
                serde_json::from_str(report).map_err(|_| damaged("has an unreadable report"))?,
            ),
            None => None,
        };
        let decisions = decisions(session, &self.id)?;
        let intents = session.all(
            "SELECT step, audit_id, at FROM intents WHERE proposal = ?1 ORDER BY step",
            [&self.id],
            |row| {
                Ok(Intent {
                    step: row.get::<_, u32>(0)? as usize,
                    audit_id: row.get(1)?,
                    at: moment(row, 2)?,
                })
            },
        )?;
        let over = is_open(state) && proposal.expires <= session.now;
        Ok(Stored {
            proposal,
            digest: self.digest,
            state: if over { State::Expired } else { state },
            decisions,
            claimed: self.claimed,
            intents,
            closed: self.closed,
            report,
        })
    }
}

pub(super) fn select(
    session: &Session<'_>,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Found>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM proposals {rest}");
    session.all(&text, params, Found::read)
}

fn one(
    session: &Session<'_>,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Option<Stored>, StoreError> {
    let found = select(session, rest, params)?.into_iter().next();
    found.map(|found| found.stored(session)).transpose()
}

fn all(
    session: &Session<'_>,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Stored>, StoreError> {
    let found = select(session, rest, params)?;
    found.into_iter().map(|row| row.stored(session)).collect()
}

pub(super) fn by_id(session: &Session<'_>, id: &str) -> Result<Option<Stored>, StoreError> {
    one(session, "WHERE id = ?1", [id])
}

pub(super) fn by_token(session: &Session<'_>, token: &str) -> Result<Option<Stored>, StoreError> {
    one(session, "WHERE token = ?1", [token])
}

/// The state and the number of decisions, without a look at the document.
pub(super) fn state(session: &Session<'_>, id: &str) -> Result<Option<(State, u32)>, StoreError> {
    let found = session.first(
        "SELECT state, expires, (SELECT count(*) FROM decisions WHERE proposal = ?1)
         FROM proposals WHERE id = ?1",
        [id],
        |row| Ok((row.get::<_, String>(0)?, moment(row, 1)?, row.get(2)?)),
    )?;
    let Some((state, expires, decisions)) = found else {
        return Ok(None);
    };
    let state = word(&state)
        .ok_or_else(|| session.corrupt(format!("the proposal `{id}` is in no known state")))?;
    let over = is_open(state) && expires <= session.now;
    Ok(Some((if over { State::Expired } else { state }, decisions)))
}

pub(super) fn open(session: &Session<'_>) -> Result<Vec<Stored>, StoreError> {
    all(
        session,
        "WHERE state IN ('proposed', 'approved') AND expires > ?1 ORDER BY number",
        [sql(session.now)],
    )
}

pub(super) fn recent(
    session: &Session<'_>,
    limit: u32,
    plugin: Option<&str>,
) -> Result<Vec<Stored>, StoreError> {
    all(
        session,
        "WHERE ?2 IS NULL OR plugin = ?2 ORDER BY number DESC LIMIT ?1",
        params![limit, plugin],
    )
}

pub(super) fn propose(
    session: &Session<'_>,
    proposal: &Proposal,
    limits: &Limits,
    record: Map<String, Value>,
) -> Result<Proposed, ProposeError> {
    let (key, plan) = (proposal.binding.key(), proposal.sent_digest());
    expire(session)?;
    prune_now_and_then(session, &limits.keep)?;
    if let Some(open) = one(
        session,
        "WHERE key = ?1 AND state IN ('proposed', 'approved')",
        [&key],
    )? {
        if open.proposal.plan_digest() == proposal.plan_digest()
            && seen_in(&open.proposal, proposal)
        {
            return Ok(Proposed::Again(Box::new(open)));
        }
        close(session, &open.proposal.id, State::Expired)?;
    }
    declined(session, proposal, &plan, limits)?;
    let (caller, plugin) = (&proposal.binding.caller, &proposal.binding.plugin.key);
    let open: u32 = session
        .first(
            "SELECT count(*) FROM proposals
             WHERE caller = ?1 AND plugin = ?2 AND state IN ('proposed', 'approved')",
            [caller, plugin],
            |row| row.get(0),
        )?
        .unwrap_or(0);
    if open >= limits.max_open {
        let most = limits.max_open;
        return Err(ProposeError::TooMany { open, most });
    }
    let document = canonical(proposal)?;
    session.execute(
        "INSERT INTO proposals (id, token, key, plan, caller, plugin, state, created, expires, document, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'proposed', ?7, ?8, ?9, ?10)",
        params![
            proposal.id,
            proposal.token,
            key,
            plan,
            caller,
            plugin,
            sql(proposal.created),
            sql(proposal.expires),
            document,
            sha256(&document)
        ],
    )?;
    audit::append(session, vec![record])?;
    let stored = by_id(session, &proposal.id)?
        .ok_or_else(|| session.corrupt("a row is gone that was just written"))?;
    Ok(Proposed::New(Box::new(stored)))
}

/// Refuses what a person has just declined, in whatever other words the same caller asks for it again.
fn declined(
    session: &Session<'_>,
    proposal: &Proposal,
    plan: &str,
    limits: &Limits,
) -> Result<(), ProposeError> {
    let binding = &proposal.binding;
    let declined = all(
        session,
        "WHERE caller = ?1 AND plan = ?2 AND state = 'declined' ORDER BY closed DESC",
        [binding.caller.as_str(), plan],
    )?;
    let same = |stored: &Stored| stored.proposal.binding.cluster == binding.cluster;
    let Some(last) = declined.into_iter().find(same) else {
        return Ok(());
    };
    let until = last.closed.unwrap_or_default().plus(limits.decline_pause);
    if until <= session.now {
        return Ok(());
    }
    let why = last
        .decisions
        .last()
        .and_then(|decision| decision.why.clone());
    let seconds = until.since(session.now).as_secs().max(1);
    Err(ProposeError::Declined {
        until,
        seconds,
        why,
    })
}

/// Whether a person who looked at one has seen the other: it would be applied as what was shown.
fn seen_in(shown: &Proposal, again: &Proposal) -> bool {
    let mut steps = shown.steps.iter().zip(&again.steps);
    shown.steps.len() == again.steps.len()
        && steps.all(|(shown, again)| same_effect(shown, again).is_ok())
}

pub(super) fn decide(
    session: &Session<'_>,
    decision: &Decision,
    record: Map<String, Value>,
) -> Result<Head, DecideError> {
    let id = &decision.proposal;
    let Some(stored) = by_id(session, id)? else {
        return Err(DecideError::Unknown(id.clone()));
    };
    if stored.digest != decision.digest {
        return Err(DecideError::Digest(id.clone()));
    }
    match stored.state {
        State::Proposed | State::Approved => {}
        State::Expired => return Err(DecideError::Expired(id.clone())),
        State::Declined
        | State::Applying
        | State::Applied
        | State::Differs
        | State::Partial
        | State::Failed
        | State::Unknown
        | State::RolledBack => {
            return Err(DecideError::Closed {
                id: id.clone(),
                state: stored.state,
            });
        }
    }
    let document = canonical(decision)?;
    session.execute(
        "INSERT INTO decisions (proposal, document) VALUES (?1, ?2)",
        [id, &document],
    )?;
    match decision.verdict {
        Verdict::Approved => set_state(session, id, State::Approved)?,
        Verdict::Declined => close(session, id, State::Declined)?,
    }
    Ok(audit::append(session, vec![record])?)
}

fn decisions(session: &Session<'_>, id: &str) -> Result<Vec<Decision>, StoreError> {
    let rows: Vec<String> = session.all(
        "SELECT document FROM decisions WHERE proposal = ?1 ORDER BY number",
        [id],
        |row| row.get(0),
    )?;
    rows.iter()
        .map(|row| {
            serde_json::from_str(row)
                .map_err(|_| session.corrupt(format!("a decision on `{id}` cannot be read")))
        })
        .collect()
}

pub(super) fn take_once(
    session: &Session<'_>,
    kind: &str,
    nonce: &str,
    expires: Moment,
) -> Result<bool, StoreError> {
    // Its row may have been pruned: from then on the time alone must refuse it.
    if expires <= session.now {
        return Ok(false);
    }
    let taken = session.execute(
        "INSERT INTO nonces VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![kind, nonce, sql(expires)],
    )?;
    Ok(taken == 1)
}

fn set_state(session: &Session<'_>, id: &str, state: State) -> Result<(), StoreError> {
    session.execute(
        "UPDATE proposals SET state = ?2 WHERE id = ?1",
        [id, state.as_str()],
    )?;
    Ok(())
}

pub(super) fn is_open(state: State) -> bool {
    matches!(state, State::Proposed | State::Approved)
}

pub(super) fn word(state: &str) -> Option<State> {
    serde_json::from_value(Value::String(state.to_owned())).ok()
}

/// The text that [`Proposal::digest`] is taken over.
pub(super) fn canonical(value: &impl serde::Serialize) -> Result<String, StoreError> {
    // By way of `Value`, whose objects are sorted by key.
    serde_json::to_value(value)
        .map(|value| value.to_string())
        .map_err(|error| StoreError::Misuse(error.to_string()))
}
