//! The end of a proposal: its last state, and how much of it stays for how long.

use std::time::Duration;

use rusqlite::params;

use super::proposals::{canonical, word};
use super::session::{Session, moment, sql};
use crate::digest::sha256;
use crate::proposal::{Moment, Proposal, State};
use crate::store::{Keep, Pruned, StoreError, kept};

/// How long a host that proposes does not look for what is too old.
const LOOKED: Duration = Duration::from_secs(3_600);

/// Closes a proposal that did not get as far as its claim.
pub(super) fn close(session: &Session<'_>, id: &str, state: State) -> Result<(), StoreError> {
    close_at(session, id, state, session.now)
}

/// Writes down what is over.
pub(super) fn expire(session: &Session<'_>) -> Result<(), StoreError> {
    let over: Vec<(String, Moment)> = session.all(
        "SELECT id, expires FROM proposals WHERE state IN ('proposed', 'approved') AND expires <= ?1",
        [sql(session.now)],
        |row| Ok((row.get(0)?, moment(row, 1)?)),
    )?;
    for (id, expired) in over {
        close_at(session, &id, State::Expired, expired)?;
    }
    Ok(())
}

fn close_at(
    session: &Session<'_>,
    id: &str,
    state: State,
    closed: Moment,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE proposals SET state = ?2, closed = ?3 WHERE id = ?1",
        params![id, state.as_str(), sql(closed)],
    )?;
    cut_down(session, id)
}

/// Takes out of the document of a closed proposal what need not stay.
pub(super) fn cut_down(session: &Session<'_>, id: &str) -> Result<(), StoreError> {
    let whole = session.first(
        "SELECT document, digest, state, EXISTS (SELECT 1 FROM decisions WHERE proposal = ?1)
         FROM proposals WHERE id = ?1 AND redacted IS NULL",
        [id],
        |row| {
            let document: (String, String) = (row.get(0)?, row.get(1)?);
            Ok((document, row.get::<_, String>(2)?, row.get::<_, bool>(3)?))
        },
    )?;
    let Some(((document, digest), state, decided)) = whole else {
        return Ok(());
    };
    // What was edited stays as it is, for whoever looks into it.
    if sha256(&document) != digest {
        return Ok(());
    }
    let Ok(mut proposal) = serde_json::from_str::<Proposal>(&document) else {
        return Ok(());
    };
    if word(&state) == Some(State::Expired) && !decided {
        kept::bare(&mut proposal);
    } else {
        kept::without_secrets(&mut proposal);
    }
    let left = canonical(&proposal)?;
    session.execute(
        "UPDATE proposals SET document = ?2, redacted = ?3 WHERE id = ?1",
        params![id, left, sha256(&left)],
    )?;
    Ok(())
}

pub(super) fn prune(session: &Session<'_>, keep: &Keep) -> Result<Pruned, StoreError> {
    expire(session)?;
    let before = |kept: Duration| sql(Moment(0).plus(session.now.since(Moment(0).plus(kept))));
    let snapshots = session.execute(
        "DELETE FROM snapshots WHERE at <= ?1
         AND proposal NOT IN (SELECT id FROM proposals WHERE state = 'applying')",
        [before(keep.snapshots)],
    )?;
    let proposals = session.execute(
        "DELETE FROM proposals WHERE closed <= ?1 AND state NOT IN ('proposed', 'approved', 'applying')",
        [before(keep.proposals)],
    )?;
    // Of an earlier release.
    let whole: Vec<String> = session.all(
        "SELECT id FROM proposals WHERE redacted IS NULL AND state NOT IN ('proposed', 'approved', 'applying')",
        [],
        |row| row.get(0),
    )?;
    for id in whole {
        cut_down(session, &id)?;
    }
    session.execute("DELETE FROM nonces WHERE expires <= ?1", [sql(session.now)])?;
    session.execute("UPDATE latest SET pruned = ?1", [sql(session.now)])?;
    session.sweep_hosts()?;
    Ok(Pruned {
        proposals,
        snapshots,
    })
}

/// Prunes, unless some host did a short while ago.
pub(super) fn prune_now_and_then(session: &Session<'_>, keep: &Keep) -> Result<(), StoreError> {
    let last = session.first("SELECT pruned FROM latest", [], |row| moment(row, 0))?;
    if session.now.since(last.unwrap_or_default()) >= LOOKED {
        prune(session, keep)?;
    }
    Ok(())
}
