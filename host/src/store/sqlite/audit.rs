//! The audit's records, of which this file only ever adds some.

use rusqlite::types::ToSql;
use rusqlite::{Row, params};
use serde_json::{Map, Value};

use super::session::{Session, moment, sql};
use crate::store::{Columns, Entry, Filter, Head, StoreError, link};

const COLUMNS: &str = "seq, time, kind, plugin, tool, change, outcome, body, hash";

pub(super) fn append(
    session: &Session<'_>,
    records: Vec<Map<String, Value>>,
) -> Result<Head, StoreError> {
    let mut head = head(session)?;
    let last = session
        .first(
            "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
            [],
            read_head,
        )?
        .unwrap_or_default();
    if last != head {
        return Err(session.corrupt(format!(
            "the audit ends with record {}, and record {} is known to be its last",
            last.seq, head.seq
        )));
    }
    for mut record in records {
        let seq = head.seq + 1;
        record.insert("seq".to_owned(), seq.into());
        let columns = Columns::of(&record);
        let body = Value::Object(record).to_string();
        let hash = link(&head.hash, &body);
        session.execute(
            "INSERT INTO audit (seq, time, kind, plugin, tool, change, outcome, body, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                seq.cast_signed(),
                sql(columns.time),
                columns.kind,
                columns.plugin,
                columns.tool,
                columns.change,
                columns.outcome,
                body,
                hash
            ],
        )?;
        head = Head { seq, hash };
    }
    session.execute(
        "UPDATE audit_head SET seq = ?1, hash = ?2",
        params![head.seq.cast_signed(), head.hash],
    )?;
    Ok(head)
}

pub(super) fn head(session: &Session<'_>) -> Result<Head, StoreError> {
    session
        .first("SELECT seq, hash FROM audit_head", [], read_head)?
        .ok_or_else(|| session.corrupt("the head of the audit is missing"))
}

pub(super) fn entries(
    session: &Session<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    session.all(
        &format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2"),
        params![i64::try_from(after).unwrap_or(i64::MAX), limit],
        read_entry,
    )
}

pub(super) fn find(session: &Session<'_>, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
    let since = filter.since.map(sql);
    let conditions: [(&str, Option<&dyn ToSql>); 6] = [
        ("plugin = ?", filter.plugin.as_ref().map(|value| value as _)),
        ("change = ?", filter.change.as_ref().map(|value| value as _)),
        ("kind = ?", filter.kind.as_ref().map(|value| value as _)),
        ("tool = ?", filter.tool.as_ref().map(|value| value as _)),
        (
            "outcome = ?",
            filter.outcome.as_ref().map(|value| value as _),
        ),
        ("time >= ?", since.as_ref().map(|value| value as _)),
    ];
    let mut text = format!("SELECT {COLUMNS} FROM audit WHERE true");
    let mut params: Vec<&dyn ToSql> = Vec::new();
    for (condition, value) in conditions {
        if let Some(value) = value {
            text.push_str(" AND ");
            text.push_str(condition);
            params.push(value);
        }
    }
    text.push_str(" ORDER BY seq DESC LIMIT ?");
    params.push(&filter.limit);
    session.all(&text, &*params, read_entry)
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        seq: number(row, 0)?,
        hash: row.get(1)?,
    })
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: number(row, 0)?,
        columns: Columns {
            time: moment(row, 1)?,
            kind: row.get(2)?,
            plugin: row.get(3)?,
            tool: row.get(4)?,
            change: row.get(5)?,
            outcome: row.get(6)?,
        },
        body: row.get(7)?,
        hash: row.get(8)?,
    })
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    moment(row, column).map(|number| number.0)
}
