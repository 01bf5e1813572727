use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::Value;

use super::{Audit, Fault, Kind, Record, verify};
use crate::store::{Clock, Filter, GENESIS, Head, SqliteStore, Store, StoreError, link};

fn store(folder: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::new(&folder.join("state"), Clock::system()))
}

fn started(folder: &Path) -> Audit {
    Audit::start(store(folder), Clock::system())
}

fn call(tool: &str) -> Record {
    Record {
        tool: Some(tool.to_owned()),
        outcome: Some("ok".to_owned()),
        ..Record::new(Kind::Call)
    }
}

/// As what a change depends on is written, with nothing beside it.
async fn durable(audit: &Audit, folder: &Path) -> Result<Head, StoreError> {
    let record = audit.draft(Record::new(Kind::Intent)).await?;
    store(folder).append(vec![record]).await
}

async fn all(store: &dyn Store) -> Vec<Record> {
    let filter = Filter {
        limit: 100_000,
        ..Filter::default()
    };
    let found = store.find(&filter).await.unwrap();
    let read = |body: &str| serde_json::from_str(body).unwrap();
    found.iter().rev().map(|entry| read(&entry.body)).collect()
}

/// A chain of so many records, written by the store itself.
async fn chain(folder: &Path, records: usize) -> Head {
    let record = |n| super::clean::clean(call(&format!("tool-{n}")));
    store(folder)
        .append((1..=records).map(record).collect())
        .await
        .unwrap()
}

fn edit(folder: &Path, statement: &str) {
    let editor = Connection::open(folder.join("state/bulkhead.db")).unwrap();
    editor.execute_batch(statement).unwrap();
}

async fn faults(folder: &Path, elsewhere: Option<&Head>) -> Vec<Fault> {
    verify(&*store(folder), elsewhere).await.unwrap().faults
}

#[tokio::test]
async fn a_durable_record_is_there_when_it_returns_and_a_note_after_a_flush() {
    let folder = tempfile::tempdir().unwrap();
    let audit = started(folder.path());
    assert!(
        !folder.path().join("state").exists(),
        "nothing is touched at the start"
    );
    audit.note(call("a"));
    let head = durable(&audit, folder.path()).await.unwrap();
    assert!(head.seq >= 1);
    assert!(audit.flush().await);
    assert!(audit.changes_allowed().is_ok());
    let mut kinds: Vec<_> = all(&*store(folder.path()))
        .await
        .iter()
        .map(|one| one.kind.as_str())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["call", "intent"]);
    assert!(faults(folder.path(), Some(&head)).await.is_empty());
}

#[tokio::test]
async fn a_flood_of_denials_is_one_record_with_a_count() {
    let folder = tempfile::tempdir().unwrap();
    let audit = started(folder.path());
    for _ in 0..3_000 {
        audit.note(Record {
            object: Some("secrets/db".to_owned()),
            missing_grant: Some("[[plugins.x.grants]]".to_owned()),
            ..Record::new(Kind::Denial)
        });
    }
    assert!(audit.flush().await);
    let records = all(&*store(folder.path())).await;
    let counted: u64 = records.iter().map(|one| one.count.unwrap_or(1)).sum();
    assert_eq!(counted, 3_000);
    assert!(records.len() < 10, "{} records", records.len());
    assert!(audit.changes_allowed().is_ok());
}

#[tokio::test]
async fn a_full_queue_refuses_changes_until_its_losses_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let audit = started(folder.path());
    // The writer does not run before this test waits.
    for n in 0..5_000 {
        audit.note(call(&n.to_string()));
    }
    let refused = audit.changes_allowed().unwrap_err();
    assert!(
        refused.text().contains("too many records wait"),
        "{}",
        refused.text()
    );
    assert!(audit.flush().await);
    assert!(audit.changes_allowed().is_ok());
    let records = all(&*store(folder.path())).await;
    let lost: u64 = records
        .iter()
        .filter(|one| one.kind == Kind::Lost)
        .filter_map(|one| one.count)
        .sum();
    let calls = records.iter().filter(|one| one.kind == Kind::Call).count() as u64;
    assert_eq!((calls, lost), (4_096, 5_000 - 4_096));
}

#[tokio::test]
async fn a_store_that_fails_refuses_changes_and_loses_nothing_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("state"), "in the way").unwrap();
    let audit = started(folder.path());
    audit.note(call("a"));
    assert!(!audit.flush().await);
    let refused = audit.changes_allowed().unwrap_err();
    assert!(
        refused.text().contains("while the audit cannot be written"),
        "{}",
        refused.text()
    );
    assert!(durable(&audit, folder.path()).await.is_err());
    fs::remove_file(folder.path().join("state")).unwrap();
    assert!(audit.flush().await);
    assert!(audit.changes_allowed().is_ok());
    assert_eq!(all(&*store(folder.path())).await.len(), 1);
}

#[tokio::test]
async fn an_intact_chain_has_no_fault_over_many_pages() {
    let folder = tempfile::tempdir().unwrap();
    let head = chain(folder.path(), 2_500).await;
    let found = verify(&*store(folder.path()), Some(&head)).await.unwrap();
    assert_eq!((found.records, found.head), (2_500, head));
    assert_eq!(found.faults, []);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(faults(empty.path(), None).await, []);
}

#[tokio::test]
async fn an_edit_is_found_whether_or_not_its_hash_was_mended() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 5).await;
    edit(
        folder.path(),
        "UPDATE audit SET body = replace(body, 'tool-3', 'tool-9') WHERE seq = 3",
    );
    assert_eq!(
        faults(folder.path(), None).await,
        [Fault::Edited { seq: 3 }]
    );
    let entries = store(folder.path()).entries(1, 2).await.unwrap();
    let mended = link(&entries[0].hash, &entries[1].body);
    edit(
        folder.path(),
        &format!("UPDATE audit SET hash = '{mended}', tool = 'tool-9' WHERE seq = 3"),
    );
    assert_eq!(
        faults(folder.path(), None).await,
        [Fault::Edited { seq: 4 }]
    );
}

#[tokio::test]
async fn a_column_that_hides_a_record_is_found() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 3).await;
    edit(
        folder.path(),
        "UPDATE audit SET tool = 'other' WHERE seq = 2",
    );
    assert_eq!(
        faults(folder.path(), None).await,
        [Fault::Columns { seq: 2 }]
    );
}

#[tokio::test]
async fn a_gap_and_a_missing_beginning_are_found() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 6).await;
    edit(folder.path(), "DELETE FROM audit WHERE seq IN (1, 3, 4)");
    let expected = [
        Fault::Gap { after: 0, next: 2 },
        Fault::Gap { after: 2, next: 5 },
    ];
    assert_eq!(faults(folder.path(), None).await, expected);
}

#[tokio::test]
async fn two_records_that_changed_places_are_found() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 5).await;
    edit(
        folder.path(),
        "UPDATE audit SET seq = -2 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = -2",
    );
    let found = faults(folder.path(), None).await;
    assert_eq!(
        found[..2],
        [
            Fault::Moved { seq: 2, says: 3 },
            Fault::Moved { seq: 3, says: 2 }
        ]
    );
}

#[tokio::test]
async fn a_cut_end_is_found_by_the_kept_head_or_by_one_kept_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let head = chain(folder.path(), 5).await;
    edit(folder.path(), "DELETE FROM audit WHERE seq > 3");
    assert_eq!(
        faults(folder.path(), None).await,
        [Fault::Cut { last: 3, kept: 5 }]
    );
    // Whoever cuts it well takes the head along.
    edit(
        folder.path(),
        "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit WHERE seq = 3)",
    );
    assert_eq!(faults(folder.path(), None).await, []);
    assert_eq!(
        faults(folder.path(), Some(&head)).await,
        [Fault::Cut { last: 3, kept: 5 }]
    );
}

#[tokio::test]
async fn a_chain_that_was_rewritten_whole_is_found_by_a_head_kept_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let head = chain(folder.path(), 3).await;
    let mut previous = GENESIS.to_owned();
    for entry in store(folder.path()).entries(0, 10).await.unwrap() {
        let body = entry.body.replace("tool-", "tool_");
        previous = link(&previous, &body);
        let seq = entry.seq;
        edit(
            folder.path(),
            &format!(
                "UPDATE audit SET body = '{body}', tool = 'tool_{seq}', hash = '{previous}' WHERE seq = {seq};
                 UPDATE audit_head SET hash = '{previous}'"
            ),
        );
    }
    assert_eq!(faults(folder.path(), None).await, []);
    assert_eq!(
        faults(folder.path(), Some(&head)).await,
        [Fault::Rewritten { seq: 3 }]
    );
}

#[tokio::test]
async fn records_behind_the_kept_head_are_found() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 3).await;
    edit(
        folder.path(),
        "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit WHERE seq = 2)",
    );
    assert_eq!(
        faults(folder.path(), None).await,
        [Fault::Behind { last: 3, kept: 2 }]
    );
}

/// One way to tamper with a chain of ten.
fn tamper() -> impl Strategy<Value = String> {
    let seq = 1..=10_u64;
    let digit = "[0-9]";
    prop_oneof![
        (seq.clone(), digit).prop_map(|(seq, digit)| format!(
            "UPDATE audit SET body = replace(body, 'outcome', 'outc{digit}me') WHERE seq = {seq}"
        )),
        seq.clone()
            .prop_map(|seq| format!("DELETE FROM audit WHERE seq = {seq}")),
        seq.clone()
            .prop_map(|seq| format!("UPDATE audit SET hash = '{GENESIS}' WHERE seq = {seq}")),
        seq.clone()
            .prop_map(|seq| format!("UPDATE audit SET kind = 'other' WHERE seq = {seq}")),
        seq.clone()
            .prop_map(|seq| format!("UPDATE audit SET time = time + 1 WHERE seq = {seq}")),
        seq.prop_map(|seq| format!("UPDATE audit SET seq = 99 WHERE seq = {seq}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_tampered_with_there_is_a_fault(statement in tamper()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            chain(folder.path(), 10).await;
            edit(folder.path(), &statement);
            assert!(!faults(folder.path(), None).await.is_empty(), "{statement}");
        });
    }

    #[test]
    fn any_record_is_read_as_it_was_written(tool in ".*", detail in ".*", count in 1_u64..9) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let record = Record {
                detail: Some(detail),
                count: Some(count),
                arguments: Some(Value::Array(vec![1.5.into(), Value::Null])),
                ..call(&tool)
            };
            let kept = super::clean::clean(record);
            store(folder.path()).append(vec![kept.clone()]).await.unwrap();
            let entry = store(folder.path()).entries(0, 1).await.unwrap().remove(0);
            let mut body: serde_json::Map<String, Value> = serde_json::from_str(&entry.body).unwrap();
            assert_eq!(body.remove("seq"), Some(1.into()));
            assert_eq!(body, kept);
            assert!(faults(folder.path(), None).await.is_empty());
        });
    }
}
