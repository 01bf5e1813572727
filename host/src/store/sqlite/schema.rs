//! The tables, as a list of steps that only ever grows: a file says how many of them it has seen.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::errors;
use crate::store::StoreError;

/// A step that was released is never edited.
pub(super) const STEPS: [&str; 2] = [
    r"
CREATE TABLE proposals (
    number   INTEGER PRIMARY KEY,      -- the order in which they came
    id       TEXT NOT NULL UNIQUE,
    token    TEXT NOT NULL UNIQUE,
    key      TEXT NOT NULL,            -- the binding: finds the open proposal of the same call
    plan     TEXT NOT NULL,            -- digest of the changes alone
    caller   TEXT NOT NULL,
    state    TEXT NOT NULL,
    created  INTEGER NOT NULL,         -- times are milliseconds since 1970
    expires  INTEGER NOT NULL,
    document TEXT NOT NULL,            -- canonical JSON
    digest   TEXT NOT NULL,            -- SHA-256 of the document
    host     TEXT,                     -- who claimed it
    claimed  INTEGER,
    closed   INTEGER,
    report   TEXT
) STRICT;
CREATE INDEX proposals_by_state ON proposals (state, expires);
CREATE INDEX proposals_by_key ON proposals (key, state);
CREATE TABLE decisions (
    number   INTEGER PRIMARY KEY,
    proposal TEXT NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_proposal ON decisions (proposal);
CREATE TABLE intents (
    proposal TEXT NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
    step     INTEGER NOT NULL,
    audit_id TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (proposal, step)
) STRICT;
CREATE TABLE snapshots (
    number   INTEGER PRIMARY KEY,
    proposal TEXT NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX snapshots_by_proposal ON snapshots (proposal);
CREATE TABLE nonces (
    kind     TEXT NOT NULL,
    nonce    TEXT NOT NULL,
    expires  INTEGER NOT NULL,
    PRIMARY KEY (kind, nonce)
) STRICT, WITHOUT ROWID;
CREATE TABLE latest (                  -- the latest time that any host has seen
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    time     INTEGER NOT NULL
) STRICT;
INSERT INTO latest VALUES (1, 0);
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    plugin   TEXT,
    tool     TEXT,
    change   TEXT,
    outcome  TEXT,
    body     TEXT NOT NULL,            -- canonical JSON
    hash     TEXT NOT NULL             -- SHA-256 of the previous hash and the body
) STRICT;
CREATE INDEX audit_by_plugin ON audit (plugin, seq) WHERE plugin IS NOT NULL;
CREATE INDEX audit_by_change ON audit (change, seq) WHERE change IS NOT NULL;
CREATE TABLE audit_head (              -- kept apart, so that a cut end shows
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    seq      INTEGER NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
INSERT INTO audit_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
",
    r"
ALTER TABLE proposals ADD COLUMN plugin TEXT NOT NULL DEFAULT '';  -- its key
UPDATE proposals SET plugin = coalesce(document ->> '$.binding.plugin.key', '') WHERE json_valid(document);
ALTER TABLE proposals ADD COLUMN redacted TEXT; -- SHA-256 of the document once it is not whole any more
ALTER TABLE latest ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0; -- when what is too old was last forgotten
",
];

/// Takes the steps that the file has not seen, all or none.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    steps: &[&str],
) -> Result<(), StoreError> {
    let known = u32::try_from(steps.len()).expect("there are few steps");
    let failed = |error| errors::at(path, error);
    if seen(connection).map_err(failed)? == known {
        return Ok(());
    }
    // Another host may be at it: what was seen counts only under the lock.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let schema = seen(&transaction).map_err(failed)?;
    if schema > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            schema,
            known,
        });
    }
    for step in steps.iter().skip(schema as usize) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "user_version", known)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn seen(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
