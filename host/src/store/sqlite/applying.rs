//! Proposals from their claim to an outcome, and back.

use rusqlite::params;
use serde_json::{Map, Value};

use super::audit;
use super::ending::cut_down;
use super::proposals::{by_id, canonical, select};
use super::session::{Session, sql};
use crate::proposal::State;
use crate::store::{ClaimError, Claimed, Snapshot, StoreError, Stored};

pub(super) fn claim(session: &Session<'_>, id: &str, digest: &str) -> Result<Claimed, ClaimError> {
    let Some(stored) = by_id(session, id)? else {
        return Err(ClaimError::Unknown(id.to_owned()));
    };
    if stored.digest != digest {
        return Err(ClaimError::Digest(id.to_owned()));
    }
    match stored.state {
        State::Approved => {}
        State::Proposed => return Err(ClaimError::Undecided(id.to_owned())),
        State::Expired => return Err(ClaimError::Expired(id.to_owned())),
        State::Declined
        | State::Applying
        | State::Applied
        | State::Differs
        | State::Partial
        | State::Failed
        | State::Unknown
        | State::RolledBack => {
            return Err(ClaimError::Taken {
                id: id.to_owned(),
                state: stored.state,
            });
        }
    }
    session.execute(
        "UPDATE proposals SET state = 'applying', host = ?2, claimed = ?3 WHERE id = ?1",
        params![id, session.host()?, sql(session.now)],
    )?;
    Ok(Claimed::new(stored.proposal, stored.digest, session.now))
}

pub(super) fn intent(
    session: &Session<'_>,
    id: &str,
    (step, audit_id): (usize, &str),
    snapshot: &Snapshot,
    record: Map<String, Value>,
) -> Result<(), StoreError> {
    let written = session.execute(
        "INSERT INTO intents (proposal, step, audit_id, at)
         SELECT id, ?2, ?3, ?4 FROM proposals WHERE id = ?1 AND state = 'applying' AND host = ?5
         ON CONFLICT (proposal, step) DO UPDATE SET audit_id = excluded.audit_id, at = excluded.at",
        params![
            id,
            step_column(step),
            audit_id,
            sql(session.now),
            session.host()?
        ],
    )?;
    one(session, id, written)?;
    session.execute(
        "DELETE FROM snapshots WHERE proposal = ?1 AND document ->> '$.step' = ?2",
        params![id, step_column(step)],
    )?;
    keep(session, id, std::slice::from_ref(snapshot))?;
    audit::append(session, vec![record])?;
    Ok(())
}

pub(super) fn finish(
    session: &Session<'_>,
    id: &str,
    outcome: State,
    report: &Value,
    snapshots: &[Snapshot],
    record: Map<String, Value>,
) -> Result<(), StoreError> {
    let written = session.execute(
        "UPDATE proposals SET state = ?2, report = ?3, closed = ?4
         WHERE id = ?1 AND state = 'applying' AND host = ?5",
        params![
            id,
            end(outcome)?,
            report.to_string(),
            sql(session.now),
            session.host()?
        ],
    )?;
    one(session, id, written)?;
    ended(session, id, outcome, snapshots, record)
}

pub(super) fn interrupted(session: &Session<'_>) -> Result<Vec<Stored>, StoreError> {
    let mut gone = Vec::new();
    for row in select(session, "WHERE state = 'applying' ORDER BY number", [])? {
        if !session.alive(row.host.as_deref().unwrap_or_default())? {
            gone.push(row.stored(session)?);
        }
    }
    Ok(gone)
}

pub(super) fn close_interrupted(
    session: &Session<'_>,
    id: &str,
    outcome: State,
    report: &Value,
    snapshots: &[Snapshot],
    record: Map<String, Value>,
) -> Result<bool, StoreError> {
    let host: Option<String> = session.first(
        "SELECT host FROM proposals WHERE id = ?1 AND state = 'applying'",
        [id],
        |row| row.get(0),
    )?;
    let Some(host) = host else { return Ok(false) };
    if session.alive(&host)? {
        return Err(StoreError::Misuse(format!(
            "the host that applies `{id}` is alive"
        )));
    }
    session.execute(
        "UPDATE proposals SET state = ?2, report = ?3, closed = ?4 WHERE id = ?1 AND state = 'applying'",
        params![id, end(outcome)?, report.to_string(), sql(session.now)],
    )?;
    ended(session, id, outcome, snapshots, record)?;
    Ok(true)
}

/// What an outcome brings with it: the snapshots as they are known now, the record, a document that is not sent any more, and
/// the state of the change that was taken back by it.
fn ended(
    session: &Session<'_>,
    id: &str,
    outcome: State,
    snapshots: &[Snapshot],
    record: Map<String, Value>,
) -> Result<(), StoreError> {
    if matches!(outcome, State::Applied | State::Differs) {
        // One that somebody else has taken back, or that is forgotten by now, stays as it is: this outcome is true all the same.
        session.execute(
            "UPDATE proposals SET state = 'rolled-back'
             WHERE id = (SELECT document ->> '$.rollback_of' FROM proposals WHERE id = ?1)
             AND state IN ('applied', 'differs', 'partial', 'unknown')",
            [id],
        )?;
    }
    session.execute("DELETE FROM snapshots WHERE proposal = ?1", [id])?;
    keep(session, id, snapshots)?;
    cut_down(session, id)?;
    audit::append(session, vec![record])?;
    Ok(())
}

fn keep(session: &Session<'_>, id: &str, snapshots: &[Snapshot]) -> Result<(), StoreError> {
    for snapshot in snapshots {
        session.execute(
            "INSERT INTO snapshots (proposal, at, document) VALUES (?1, ?2, ?3)",
            params![id, sql(session.now), canonical(snapshot)?],
        )?;
    }
    Ok(())
}

pub(super) fn snapshots(session: &Session<'_>, id: &str) -> Result<Vec<Snapshot>, StoreError> {
    let rows: Vec<String> = session.all(
        "SELECT document FROM snapshots WHERE proposal = ?1 ORDER BY number",
        [id],
        |row| row.get(0),
    )?;
    rows.iter()
        .map(|row| {
            serde_json::from_str(row)
                .map_err(|_| session.corrupt(format!("a snapshot of `{id}` cannot be read")))
        })
        .collect()
}

fn step_column(step: usize) -> u32 {
    u32::try_from(step).unwrap_or(u32::MAX)
}

/// Our claim stands in the row, or something is very wrong.
fn one(session: &Session<'_>, id: &str, written: usize) -> Result<(), StoreError> {
    if written == 1 {
        return Ok(());
    }
    Err(session.corrupt(format!("the claim of `{id}` is not in its row any more")))
}

fn end(outcome: State) -> Result<&'static str, StoreError> {
    match outcome {
        State::Applied | State::Differs | State::Partial | State::Failed | State::Unknown => {
            Ok(outcome.as_str())
        }
        State::Proposed
        | State::Approved
        | State::Declined
        | State::Expired
        | State::Applying
        | State::RolledBack => Err(StoreError::Misuse(format!("`{outcome}` is no outcome"))),
    }
}
